"""What is wrong with a connection, a notice or a nightly report becomes a code with data."""

from django.db import migrations

from core.old_sentences import from_text_to_cause
from ddd.migrations._old_sentences import coded_sentence


def give_codes_to_refused_shops(apps, editor):
    reports = apps.get_model("ddd", "Reconciliation")._base_manager.using(editor.connection.alias)
    for report in reports.filter(facts__has_key="refused"):
        for shop in report.facts["refused"]:
            if isinstance(shop["said"], str):
                shop["said"] = coded_sentence(shop["said"])
        report.save(update_fields=["facts"])


class Migration(migrations.Migration):
    dependencies = [("ddd", "0007_leases")]

    operations = [
        *from_text_to_cause("ddd.Connection", "trouble", coded_sentence),
        *from_text_to_cause("ddd.Notice", "detail", coded_sentence),
        *from_text_to_cause("ddd.Reconciliation", "trouble", coded_sentence),
        migrations.RunPython(give_codes_to_refused_shops, migrations.RunPython.noop),
    ]
