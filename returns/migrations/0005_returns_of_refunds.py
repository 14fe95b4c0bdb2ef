"""A refund finds its return by the same name as before."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0018_refunds_of_lost_pieces"), ("returns", "0004_refund_of_a_return")]

    operations = [
        migrations.AlterField(
            "return",
            "refund_due",
            models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="taken_back",
                to="orders.refunddue",
            ),
        ),
    ]
