"""Locks the row of an order while an action works on it.

So two taps run one after the other: the second of the same person does nothing, and another person is told
who was faster.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import transaction

from core import logs
from core.errors import Conflict
from orders import causes
from orders.models import WebOrder


@contextmanager
def locked(order: WebOrder) -> Iterator[WebOrder]:
    """The order as it is now, locked until the transaction ends."""
    logs.bind(order_no=order.order_no)
    with transaction.atomic():
        yield _lock([order.pk])[order.pk]


@contextmanager
def locked_here(order: WebOrder) -> Iterator[WebOrder]:
    """The same for work with the pieces: Conflict once the order has moved to another shop."""
    with locked(order) as current:
        if current.shop_id != order.shop_id:
            raise _moved_away(current)
        yield current


@contextmanager
def all_locked(orders: Sequence[WebOrder]) -> Iterator[list[WebOrder]]:
    """Several orders as `locked_here` locks one, in the order given, without those that have moved. Conflict
    when all have."""
    wanted = [order.pk for order in orders]
    with transaction.atomic():
        found = _lock(wanted)
        here = [found[order.pk] for order in orders if found[order.pk].shop_id == order.shop_id]
        if not here:
            raise _moved_away(found[wanted[0]])
        yield here


def _lock(keys: Sequence[int]) -> dict[int, WebOrder]:
    """Always in the order of their keys, so that two people cannot deadlock.

    PostgreSQL leaves out an order that has moved to another shop while its lock was waited for, for it joins
    the shop of before. The lock is held then, and asked again it finds the order as it is.
    """
    rows = WebOrder.objects.select_for_update(of=("self",)).select_related("group", "shop")
    chosen = rows.filter(pk__in=keys).order_by("pk")
    found = {order.pk: order for order in chosen}
    return found if len(found) == len(set(keys)) else {order.pk: order for order in chosen.all()}


def _moved_away(order: WebOrder) -> Conflict:
    return Conflict(causes.MOVED_AWAY(shop=order.shop.name), code="moved-away")
