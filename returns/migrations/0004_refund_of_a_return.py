"""A return says which refund is due for it."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0016_refunds_of_orders"), ("returns", "0003_refunds_are_of_orders")]

    operations = [
        migrations.AddField(
            "return",
            "refund_due",
            models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="orders.refunddue",
            ),
        ),
    ]
