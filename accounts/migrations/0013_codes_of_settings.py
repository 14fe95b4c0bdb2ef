"""What a setting is called in the record of its changes becomes a code."""

from django.db import migrations

from accounts.migrations._old_labels import subject_with_code, with_codes


def give_codes(apps, editor):
    rows = apps.get_model("accounts", "SettingChange")._base_manager.using(editor.connection.alias)
    for change in rows.order_by("pk").iterator(500):
        change.fields = with_codes(change.about, change.fields)
        change.subject = subject_with_code(change.subject)
        change.save(update_fields=["fields", "subject"])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0012_cache_entry")]

    operations = [migrations.RunPython(give_codes, migrations.RunPython.noop)]
