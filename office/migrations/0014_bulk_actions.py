import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0012_cache_entry"),
        ("office", "0013_codes_of_dry_runs"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="bulkdeed", name="bulk_deed_at_work"),
        migrations.RemoveConstraint(model_name="bulkorder", name="an_order_stands_once_in_a_bulk_deed"),
        migrations.RenameModel(old_name="BulkDeed", new_name="BulkAction"),
        migrations.RenameField(model_name="bulkaction", old_name="deed", new_name="action"),
        migrations.RenameField(model_name="bulkorder", old_name="bulk_deed", new_name="bulk_action"),
        migrations.AlterField(
            model_name="bulkaction",
            name="group",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="bulk_actions",
                to="accounts.group",
            ),
        ),
        migrations.AddIndex(
            model_name="bulkaction",
            index=models.Index(
                condition=Q(started_at__isnull=False, ended_at=None),
                fields=["group", "started_at"],
                name="bulk_action_at_work",
            ),
        ),
        migrations.AddConstraint(
            model_name="bulkorder",
            constraint=models.UniqueConstraint(
                fields=["bulk_action", "order"], name="an_order_stands_once_in_a_bulk_action"
            ),
        ),
    ]
