"""What a tried policy changes is called by codes, as in the record of changes."""

from django.db import migrations

from accounts.migrations._old_labels import with_codes

PAGES = {"alert": "work", "returns": "returns"}


def give_codes(apps, editor):
    rows = apps.get_model("office", "DryRun")._base_manager.using(editor.connection.alias)
    for run in rows.order_by("pk").iterator(500):
        run.fields = with_codes(PAGES.get(run.policy, run.policy), run.fields)
        run.save(update_fields=["fields"])


class Migration(migrations.Migration):
    dependencies = [("office", "0012_codes_of_bulk_refusals")]

    operations = [migrations.RunPython(give_codes, migrations.RunPython.noop)]
