"""Each refund gets order and shop from its return, and the return its refund; those that are there keep their
time. Refunds without a return are new and do not survive the way back."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.db.models import F, OuterRef, Subquery


def know(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    refunds, returns = apps.get_model("orders", "RefundDue"), apps.get_model("returns", "Return")
    of_it = returns.objects.filter(pk=OuterRef("taken_back_id"))
    refunds.objects.update(
        order_id=Subquery(of_it.values("order_id")),
        shop_id=Subquery(of_it.values("shop_id")),
        stored_at=F("modified_at"),
        stored_at_is_due=False,
    )
    refund = refunds.objects.filter(taken_back_id=OuterRef("pk"))
    returns.objects.filter(outcome="web shop").update(refund_due_id=Subquery(refund.values("pk")[:1]))


def forget(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    refunds, returns = apps.get_model("orders", "RefundDue"), apps.get_model("returns", "Return")
    of_it = returns.objects.filter(refund_due_id=OuterRef("pk"))
    refunds.objects.update(taken_back_id=Subquery(of_it.values("pk")[:1]))
    returns.objects.update(refund_due_id=None)
    refunds.objects.filter(taken_back_id=None).delete()


class Migration(migrations.Migration):
    dependencies = [("orders", "0016_refunds_of_orders"), ("returns", "0004_refund_of_a_return")]

    operations = [migrations.RunPython(know, forget)]
