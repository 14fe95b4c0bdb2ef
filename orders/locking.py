"""Locks the row of an order for as long as a verb works on it.

So two taps come one after the other: the second of the same person is a quiet no-op, that of another person
is told who was faster.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import transaction

from core.errors import Conflict
from orders import causes
from orders.models import WebOrder


@contextmanager
def locked(order: WebOrder) -> Iterator[WebOrder]:
    """The order as it is now, and as it stays until the transaction of this verb ends."""
    with transaction.atomic():
        rows = WebOrder.objects.select_for_update(of=("self",)).select_related("group", "shop")
        yield rows.get(pk=order.pk)


@contextmanager
def locked_here(order: WebOrder) -> Iterator[WebOrder]:
    """The same for what people do with their hands: refused once the order has moved to another shop."""
    with locked(order) as current:
        if current.shop_id != order.shop_id:
            raise _moved_away(current)
        yield current


@contextmanager
def all_locked(orders: Sequence[WebOrder]) -> Iterator[list[WebOrder]]:
    """Several orders as `locked_here` holds one, in the order given, without those that have moved."""
    wanted = [order.pk for order in orders]
    with transaction.atomic():
        rows = WebOrder.objects.select_for_update(of=("self",)).select_related("group", "shop")
        # Everybody takes the rows in the same order, so that two people never wait for each other.
        found = {order.pk: order for order in rows.filter(pk__in=wanted).order_by("pk")}
        here = [found[order.pk] for order in orders if found[order.pk].shop_id == order.shop_id]
        if not here:
            raise _moved_away(found[wanted[0]])
        yield here


def _moved_away(order: WebOrder) -> Conflict:
    return Conflict(causes.MOVED_AWAY(shop=order.shop.name), code="moved-away")
