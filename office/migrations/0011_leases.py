from datetime import timedelta

from django.db import migrations, models
from django.db.models import F

# How long a claim was good for, by the worker's clock, before leases had an end of their own.
LENGTHS = {
    "Counting": timedelta(hours=2),
    "DryRun": timedelta(minutes=15),
    "Export": timedelta(minutes=3),
}


def put_the_end_for_the_beginning(apps, schema_editor):
    """Whoever was claiming while this ran keeps its time; the rest has run out long ago."""
    for name, length in LENGTHS.items():
        rows = apps.get_model("office", name).objects.exclude(leased_until=None)
        rows.update(leased_until=F("leased_until") + length)


def put_the_beginning_for_the_end(apps, schema_editor):
    for name, length in LENGTHS.items():
        rows = apps.get_model("office", name).objects.exclude(leased_until=None)
        rows.update(leased_until=F("leased_until") - length)


def operations_for(model_name, old_name):
    return [
        migrations.RenameField(model_name, old_name, "leased_until"),
        migrations.AlterField(
            model_name, "leased_until", models.DateTimeField(blank=True, editable=False, null=True)
        ),
        migrations.AddField(
            model_name, "lease", models.CharField(blank=True, default="", editable=False, max_length=16)
        ),
    ]


class Migration(migrations.Migration):
    dependencies = [("office", "0010_cancel_reasons_are_one_table")]

    operations = [
        *operations_for("counting", "claimed_at"),
        *operations_for("dryrun", "claimed_at"),
        *operations_for("export", "alive_at"),
        migrations.RunPython(put_the_end_for_the_beginning, put_the_beginning_for_the_end),
    ]
