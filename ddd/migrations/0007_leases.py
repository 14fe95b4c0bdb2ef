from datetime import timedelta

from django.db import migrations, models
from django.db.models import F

# How long a claim was good for, by the worker's clock, before leases had an end of their own.
LENGTHS = {"Posting": timedelta(minutes=2), "Reconciliation": timedelta(hours=2)}


def put_the_end_for_the_beginning(apps, schema_editor):
    """Whoever was claiming while this ran keeps its time; the rest has run out long ago."""
    for name, length in LENGTHS.items():
        rows = apps.get_model("ddd", name).objects.exclude(leased_until=None)
        rows.update(leased_until=F("leased_until") + length)


def put_the_beginning_for_the_end(apps, schema_editor):
    for name, length in LENGTHS.items():
        rows = apps.get_model("ddd", name).objects.exclude(leased_until=None)
        rows.update(leased_until=F("leased_until") - length)


def operations_for(model_name):
    return [
        migrations.RenameField(model_name, "claimed_at", "leased_until"),
        migrations.AlterField(
            model_name, "leased_until", models.DateTimeField(blank=True, editable=False, null=True)
        ),
        migrations.AddField(
            model_name, "lease", models.CharField(blank=True, default="", editable=False, max_length=16)
        ),
    ]


class Migration(migrations.Migration):
    dependencies = [("ddd", "0006_sales_of_nobody")]

    operations = [
        *operations_for("posting"),
        *operations_for("reconciliation"),
        migrations.RunPython(put_the_end_for_the_beginning, put_the_beginning_for_the_end),
    ]
