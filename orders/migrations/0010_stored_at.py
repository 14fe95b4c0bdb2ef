"""Each order has the time at which its last change could be read; those that are there keep their old one."""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.db.models import F


def as_modified(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("orders", "WebOrder").objects.update(stored_at=F("modified_at"), stored_at_is_due=False)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0013_codes_of_settings"), ("orders", "0009_plain_names")]

    operations = [
        migrations.AddField("weborder", "stored_at", models.DateTimeField(blank=True, null=True)),
        # The database's default is for the version before, while both run.
        migrations.AddField(
            "weborder", "stored_at_is_due", models.BooleanField(db_default=True, default=True)
        ),
        migrations.AddIndex(
            "weborder", models.Index(fields=["group", "stored_at", "id"], name="order_stored")
        ),
        migrations.AddIndex(
            "weborder",
            models.Index(
                condition=models.Q(stored_at_is_due=True), fields=["group"], name="order_stored_at_is_due"
            ),
        ),
        migrations.RunPython(as_modified, migrations.RunPython.noop),
    ]
