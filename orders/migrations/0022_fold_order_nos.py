"""Folds the OrderNos that are there, so many at a time, and says of each which is the first that is read so.
Two that are read alike both stay. What was folded before an interruption is folded again and no harm done."""

from itertools import count

from django.db import migrations, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.db.models import Exists, OuterRef

from orders.order_no import folded

AT_A_TIME = 1000


def fold(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    orders = apps.get_model("orders", "WebOrder").objects
    after = 0
    for _batch in count():
        with transaction.atomic():
            rows = list(orders.filter(pk__gt=after).order_by("pk").only("pk", "order_no")[:AT_A_TIME])
            for row in rows:
                row.order_no_folded = folded(row.order_no)
            orders.bulk_update(rows, ["order_no_folded"], batch_size=200)
        if not rows:
            break
        after = rows[-1].pk
    last, after = after, 0
    earlier = orders.filter(
        group_id=OuterRef("group_id"), order_no_folded=OuterRef("order_no_folded"), pk__lt=OuterRef("pk")
    )
    while after < last:
        # By key and not by row: what is in between may be gone.
        part = orders.filter(pk__gt=after, pk__lte=after + AT_A_TIME)
        part.filter(~Exists(earlier)).update(order_no_is_first=True)
        after += AT_A_TIME


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("orders", "0021_order_no_folded")]

    operations = [migrations.RunPython(fold, migrations.RunPython.noop)]
