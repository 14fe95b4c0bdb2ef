"""Of several OrderNos that are read alike only one is the first, however concurrently they come in."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0022_fold_order_nos")]

    operations = [
        migrations.AddConstraint(
            "weborder",
            models.UniqueConstraint(
                condition=models.Q(order_no_is_first=True),
                fields=("group", "order_no_folded"),
                name="order_no_read_alike_once",
            ),
        ),
    ]
