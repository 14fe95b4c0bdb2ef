"""What a shop has to do, read for its screens."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Count, Q
from django.utils import timezone

from accounts.models import Shop
from orders.models import OrderQuerySet, WebOrder
from orders.putting_back import pieces_to_put_back
from orders.states import Phase, Status

ORDERS_SHOWN = 200


class Tab(StrEnum):
    """The parts of the queue, in the order in which an order walks through them."""

    NEW = "new"
    PICKING = "picking"
    READY = "ready"
    DONE = "done"
    LATE = "late"


@dataclass(frozen=True)
class Shown:
    """Orders of a list, and whether there are more than it shows."""

    orders: list[WebOrder]
    more: bool


@dataclass(frozen=True)
class Counts:
    """How many orders are in each part; `done` are today's, of `loud` the shop was reminded in vain."""

    new: int
    picking: int
    ready: int
    done: int
    late: int
    loud: int
    put_back: int


def orders_in(shop: Shop, tab: Tab, now: datetime, unpaid: bool = False) -> Shown:
    """The orders of one part with their pieces, the oldest promise first; 3 queries and never more."""
    orders = WebOrder.objects.filter(shop=shop)
    order_by = ("promised_at", "pk")
    if tab == Tab.DONE:
        orders, order_by = orders.filter(delivered_at__gte=midnight(now)), ("-delivered_at", "-pk")
    elif tab == Tab.LATE:
        orders = orders.filter(status=Status.RESERVED, promised_at__lt=now)
    else:
        orders = orders.in_phase(Phase(tab.value))
    if unpaid:
        orders = orders.filter(is_paid=False)
    return shown(orders.order_by(*order_by))


def shown(orders: OrderQuerySet) -> Shown:
    """As many as a person can look through, with all that the list says of each."""
    some = orders.select_related("taken_by", "delivered_by", "web_shop").prefetch_related("lines__variant")
    found = list(some[: ORDERS_SHOWN + 1])
    return Shown(found[:ORDERS_SHOWN], more=len(found) > ORDERS_SHOWN)


def counts_of(shop: Shop, now: datetime) -> Counts:
    """2 queries over what is open and what was delivered today; never over all orders."""
    reserved, unseen = Q(status=Status.RESERVED), Q(taken_at=None)
    open_orders: OrderQuerySet = WebOrder.objects.filter(shop=shop).open()
    found = open_orders.aggregate(
        new=Count("pk", filter=reserved & unseen),
        picking=Count("pk", filter=reserved & ~unseen),
        ready=Count("pk", filter=Q(status=Status.PICKED)),
        late=Count("pk", filter=reserved & Q(promised_at__lt=now)),
        loud=Count("pk", filter=reserved & unseen & Q(escalated__gt=0)),
    )
    done = WebOrder.objects.filter(shop=shop, delivered_at__gte=midnight(now)).count()
    return Counts(done=done, put_back=pieces_to_put_back(shop).count(), **found)


def midnight(now: datetime) -> datetime:
    """The shop's own midnight."""
    return timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
