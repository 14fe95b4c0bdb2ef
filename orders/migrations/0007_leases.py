from datetime import timedelta

from django.db import migrations, models
from django.db.models import F

# How long a claim was good for, by the worker's clock, before leases had an end of their own.
LENGTH = timedelta(minutes=5)


def put_the_end_for_the_beginning(apps, schema_editor):
    """Whoever was claiming while this ran keeps its time; the rest has run out long ago."""
    rows = apps.get_model("orders", "Mail").objects.exclude(leased_until=None)
    rows.update(leased_until=F("leased_until") + LENGTH)


def put_the_beginning_for_the_end(apps, schema_editor):
    rows = apps.get_model("orders", "Mail").objects.exclude(leased_until=None)
    rows.update(leased_until=F("leased_until") - LENGTH)


class Migration(migrations.Migration):
    dependencies = [("orders", "0006_codes_of_mail_troubles")]

    operations = [
        migrations.RenameField("mail", "claimed_at", "leased_until"),
        migrations.AlterField(
            "mail", "leased_until", models.DateTimeField(blank=True, editable=False, null=True)
        ),
        migrations.AddField(
            "mail", "lease", models.CharField(blank=True, default="", editable=False, max_length=16)
        ),
        migrations.RunPython(put_the_end_for_the_beginning, put_the_beginning_for_the_end),
    ]
