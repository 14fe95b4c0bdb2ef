from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0013_codes_of_settings")]

    operations = [
        migrations.AddField(
            "apikey",
            "passes_over_unknown_fields",
            models.BooleanField(
                db_default=False, default=False, verbose_name="unknown fields are passed over"
            ),
        ),
    ]
