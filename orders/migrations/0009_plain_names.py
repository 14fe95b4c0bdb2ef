from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("orders", "0008_help_and_limits_of_the_policy")]

    operations = [
        migrations.RenameField(model_name="orderevent", old_name="facts", new_name="data"),
        migrations.RemoveConstraint(model_name="mail", name="each_mail_once"),
        migrations.RenameField(model_name="mail", old_name="deed", new_name="action_key"),
        migrations.AddConstraint(
            model_name="mail",
            constraint=models.UniqueConstraint(fields=["group", "action_key"], name="each_mail_once"),
        ),
        migrations.RenameIndex(
            model_name="mail", old_name="mail_for_a_person", new_name="mail_needs_attention"
        ),
    ]
