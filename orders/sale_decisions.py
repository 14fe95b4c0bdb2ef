"""What head office decides about the sale of an order that has left the shop. Each function is one
transaction."""

from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import Conflict, Fault, Invalid
from ddd.sending.decisions import decided_already
from orders import causes, selling
from orders.events import record
from orders.locking import locked
from orders.models import OrderEvent, OrderQuerySet, WebOrder
from orders.selling import SaleBy
from orders.states import Status

Kind = OrderEvent.Kind
PaidBy = WebOrder.PaidBy
LONGEST_NOTE: Final = 500


def undecided_sales(group_id: int) -> OrderQuerySet:
    """The orders that have left the shop, and of which nobody has said who books the sale."""
    return WebOrder.objects.filter(group=group_id, sale_by=SaleBy.ASK, delivered_at__isnull=False)


def book_now(order: WebOrder, actor: User, now: datetime, paid_by: str = "") -> None:
    """The portal books it. `paid_by` says how it was paid at DdD's till, where that is not known: Invalid
    without it. Conflict when somebody was faster."""
    with locked(order) as current:
        if not _is_undecided(current, Kind.BOOKED_LATE, actor):
            return
        changes: dict[str, str | bool] = {"sale_by": SaleBy.PORTAL}
        if selling.payment_is_unknown(current):
            if paid_by not in PaidBy.values:
                sentence = _("Say how it was paid at DdD's till.")
                raise Invalid(sentence, [Fault("/paid_by", sentence, "required")])
            # What the web shop has been paid, it also pays back.
            changes |= {"paid_by": paid_by, "is_paid": paid_by == PaidBy.WEB_SHOP}
        WebOrder.objects.filter(pk=current.pk).update(**changes, modified_at=now)
        current.refresh_from_db()
        gone = list(current.lines.filter(status=Status.DELIVERED).select_related("variant"))
        selling.book(current, gone, now)
        record(current, Kind.BOOKED_LATE, now, actor, paid_by=str(changes.get("paid_by", "")))


def booked_elsewhere(order: WebOrder, note: str, actor: User, now: datetime) -> None:
    """Somebody else has booked the sale, or will: the portal never does. Conflict for the slower of two."""
    with locked(order) as current:
        if not _is_undecided(current, Kind.SOLD_ELSEWHERE, actor):
            return
        WebOrder.objects.filter(pk=current.pk).update(sale_by=SaleBy.ELSEWHERE, modified_at=now)
        current.refresh_from_db()
        gone = list(current.lines.filter(status=Status.DELIVERED).select_related("variant"))
        selling.book(current, gone, now)
        record(current, Kind.SOLD_ELSEWHERE, now, actor, reason=note.strip()[:LONGEST_NOTE])


def _is_undecided(order: WebOrder, decision: OrderEvent.Kind, actor: User) -> bool:
    """False on their own second tap; Conflict when somebody was faster, or the delivery was undone."""
    if order.sale_by == SaleBy.ASK and order.status == Status.DELIVERED:
        return True
    if order.status not in (Status.DELIVERED, Status.RETURNED):
        raise Conflict(causes.STANDS_OTHERWISE(status=order.status), code="stands-otherwise")
    last = (
        order.events.filter(kind__in=[Kind.BOOKED_LATE, Kind.SOLD_ELSEWHERE]).select_related("actor").last()
    )
    if last is not None and (last.kind, last.actor_id) == (decision, actor.pk):
        return False
    raise decided_already(last.actor if last else None)
