"""What all verbs of a shop share: they hold the order's row, and refuse in the same words.

So two taps come one after the other: the second of the same person is a quiet no-op, that of another person
is told who was faster.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Shop, User
from core.errors import Conflict, NotFound
from orders.events import record
from orders.models import Line, OrderEvent, WebOrder
from orders.states import Status


@contextmanager
def held(order: WebOrder) -> Iterator[WebOrder]:
    """The order as it is now, and as it stays until the transaction of this verb ends."""
    with transaction.atomic():
        now_held = WebOrder.objects.select_for_update(of=("self",)).select_related("group", "shop")
        yield now_held.get(pk=order.pk)


@contextmanager
def held_here(order: WebOrder) -> Iterator[WebOrder]:
    """The same for what people do with their hands: refused once the order has moved to another shop."""
    with held(order) as current:
        if current.shop_id != order.shop_id:
            raise _moved_away(current)
        yield current


@contextmanager
def all_held(orders: Sequence[WebOrder]) -> Iterator[list[WebOrder]]:
    """Several orders as `held_here` holds one, in the order given, without those that have moved."""
    wanted = [order.pk for order in orders]
    with transaction.atomic():
        now_held = WebOrder.objects.select_for_update(of=("self",)).select_related("group", "shop")
        # Everybody takes the rows in the same order, so that two people never wait for each other.
        found = {order.pk: order for order in now_held.filter(pk__in=wanted).order_by("pk")}
        here = [found[order.pk] for order in orders if found[order.pk].shop_id == order.shop_id]
        if not here:
            raise _moved_away(found[wanted[0]])
        yield here


def _moved_away(order: WebOrder) -> Conflict:
    return Conflict(
        _("This order was moved to %(shop)s meanwhile.") % {"shop": order.shop.name}, code="moved-away"
    )


def line_of(order: WebOrder, line_id: int) -> Line:
    line = order.lines.select_related("variant", "picked_by").filter(pk=line_id).first()
    if line is None:
        raise NotFound(_("This order has no such piece."))
    return line


def must_be(order: WebOrder, status: Status) -> None:
    if order.status != status:
        raise Conflict(
            _("This order is %(status)s now; the screen shows it as it is.")
            % {"status": str(Status(order.status).label).lower()},
            code="moved-on",
        )


def name_of(person: User | None) -> str:
    return person.name if person else _("DdD's till")


def to_put_back(shop: Shop | None = None) -> dict[str, Any]:
    """What a picked piece gets that nobody collects: it is on the put-back list until it hangs on its shelf.

    `shop` is where it lies when the order goes to another.
    """
    return {"to_put_back": True, "put_back_shop": shop, "put_back_at": None, "put_back_by": None}


def touch(order: WebOrder, now: datetime) -> None:
    WebOrder.objects.filter(pk=order.pk).update(modified_at=now)


def tell_what_to_refund(order: WebOrder, now: datetime) -> None:
    """Of a paid order the web shop must give back what the customer does not get; each piece is told once."""
    if not order.is_paid:
        return
    told = {
        number
        for event in order.events.filter(kind=OrderEvent.Kind.REFUND_DUE)
        for number in event.facts.get("lines", [])
    }
    lost = order.lines.filter(status__in=[Status.MISSING, Status.CANCELLED]).select_related("variant")
    due = [line for line in lost if str(line.number) not in told]
    if due:
        amount = sum((line.effective_sales_price for line in due), Decimal(0))
        record(
            order,
            OrderEvent.Kind.REFUND_DUE,
            now,
            lines=[str(line.number) for line in due],
            pieces=[str(line.variant) for line in due],
            variant_ids=[str(line.variant.variant_id) for line in due],
            amount=f"{amount:.2f}",
        )
