from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):

    dependencies = [("ddd", "0011_codes_of_evidence")]

    operations = [
        migrations.RemoveConstraint(model_name="posting", name="each_deed_is_posted_once"),
        migrations.RemoveIndex(model_name="posting", name="posting_due"),
        migrations.RemoveIndex(model_name="posting", name="posting_for_a_person"),
        migrations.RenameField(model_name="posting", old_name="deed", new_name="action_key"),
        migrations.RenameField(model_name="posting", old_name="for_a_person", new_name="needs_attention"),
        migrations.AddConstraint(
            model_name="posting",
            constraint=models.UniqueConstraint(
                fields=["group", "action_key"], name="each_action_is_posted_once"
            ),
        ),
        migrations.AddIndex(
            model_name="posting",
            index=models.Index(
                fields=["group", "not_before"],
                condition=Q(state__in=["waiting", "in flight", "uncertain"], needs_attention=False),
                name="posting_due",
            ),
        ),
        migrations.AddIndex(
            model_name="posting",
            index=models.Index(
                fields=["group", "made_at"],
                condition=Q(needs_attention=True),
                name="posting_needs_attention",
            ),
        ),
        migrations.RenameField(model_name="reconciliation", old_name="facts", new_name="data"),
    ]
