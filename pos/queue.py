"""The shop's queue."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from accounts.models import Shop
from orders.models import OrderEvent, OrderQuerySet, WebOrder
from orders.states import Phase, Status
from pos.workload import midnight

ORDERS_SHOWN = 200


class Tab(StrEnum):
    """The parts of the queue, in the order in which an order passes through them."""

    NEW = "new"
    PICKING = "picking"
    READY = "ready"
    DONE = "done"
    LATE = "late"


@dataclass(frozen=True)
class OrderList:
    """Orders of a list, and whether there are more than it shows."""

    orders: list[WebOrder]
    more: bool


def orders_in(shop: Shop, tab: Tab, now: datetime, unpaid: bool = False) -> OrderList:
    """The orders of one part with their pieces, the oldest promise first; 3 queries."""
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
    return order_list(orders.order_by(*order_by))


def moved_away(shop: Shop, pk: int) -> WebOrder | None:
    """The order that somebody has just moved from this shop to another one; 1 query."""
    moved = OrderEvent.objects.filter(order=pk, shop=shop, kind=OrderEvent.Kind.MOVED)
    event = moved.select_related("order__shop").first() if pk else None
    return event.order if event and event.order.shop_id != shop.pk else None


def order_list(orders: OrderQuerySet) -> OrderList:
    """The first ORDERS_SHOWN, with what the list shows of each."""
    some = orders.select_related("taken_by", "delivered_by", "web_shop").prefetch_related("lines__variant")
    found = list(some[: ORDERS_SHOWN + 1])
    return OrderList(found[:ORDERS_SHOWN], more=len(found) > ORDERS_SHOWN)
