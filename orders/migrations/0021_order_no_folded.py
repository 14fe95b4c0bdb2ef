"""How people read an OrderNo: where there are several that are read alike, one is the first."""

from django.db import migrations, models

from orders.models.folded_order_no import FoldedOrderNo


class Migration(migrations.Migration):
    dependencies = [("orders", "0020_order_type")]

    operations = [
        # The database's defaults are for the version before, while both run.
        migrations.AddField(
            "weborder", "order_no_folded", FoldedOrderNo(db_default="", default="", max_length=255)
        ),
        migrations.AddField(
            "weborder", "order_no_is_first", models.BooleanField(db_default=False, default=False)
        ),
        migrations.AddIndex(
            "weborder", models.Index(fields=["group", "order_no_folded"], name="order_of_folded_order_no")
        ),
    ]
