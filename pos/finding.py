"""The shop's search: an order by OrderNo, customer, pick-up code or a piece in it."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from accounts.models import Shop
from orders.models import WebOrder
from orders.scanning import variants_named
from orders.states import Status
from pos.queue import OrderList, order_list
from pos.workload import midnight

LOOKED_THROUGH = 2000


@dataclass(frozen=True)
class SearchResult:
    """`order` when exactly one can be meant; `matches` are all that may be."""

    order: WebOrder | None
    matches: OrderList


def find(shop: Shop, text: str, now: datetime) -> SearchResult:
    """An exact OrderNo or pick-up code means one order; an Ean or a part of a name may mean matches."""
    wanted = " ".join(text.split())
    one = _exactly(shop, wanted)
    if one is not None:
        return SearchResult(one, OrderList([one], more=False))
    orders = WebOrder.objects.filter(shop=shop)
    variants = variants_named(shop.group_id, wanted)
    with_it = orders.open().filter(Q(lines__variant__in=variants) | Q(lines__ean=wanted))
    keys = {*_alike(shop, wanted, now), *with_it.values_list("pk", flat=True)}
    return SearchResult(None, order_list(orders.filter(pk__in=keys).order_by("promised_at", "pk")))


def _exactly(shop: Shop, wanted: str) -> WebOrder | None:
    orders = WebOrder.objects.filter(shop=shop)
    named = orders.filter(order_no=wanted).first() or orders.filter(order_no__iexact=wanted).first()
    if named is not None:
        return named
    waiting = list(orders.filter(status=Status.PICKED, pickup_code=wanted)[:2])
    return waiting[0] if len(waiting) == 1 else None


def _alike(shop: Shop, wanted: str, now: datetime) -> list[int]:
    """Primary keys. Compared in Python, because not every database knows that å is a small Å."""
    today = Q(delivered_at__gte=midnight(now)) | Q(status__in=[Status.RESERVED, Status.PICKED])
    orders = WebOrder.objects.filter(today, shop=shop).order_by("promised_at")
    rows = orders.values_list("pk", "order_no", "receive_address", "pickup_code", "status")
    part = wanted.casefold()
    return [
        pk
        for pk, order_no, address, code, status in rows[:LOOKED_THROUGH]
        if part in order_no.casefold()
        or part in address.partition("#")[0].casefold()
        or (code == wanted and status == Status.PICKED)
    ]
