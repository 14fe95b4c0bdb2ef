"""Refunds are of orders, for there are some without a return. Their table goes there as it is."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("orders", "0015_follows_ddd"), ("returns", "0002_help_and_limits_of_the_policy")]

    operations = [
        migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel("RefundDue")]),
    ]
