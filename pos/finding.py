"""The shop's search: an order by OrderNo, customer, pick-up code or a piece in it."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from accounts.models import Shop
from core.article_codes import spellings
from orders.models import WebOrder
from orders.order_no import folded
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
    """A whole OrderNo or pick-up code, when no other order of the shop can be meant, means one order; an Ean
    or a part of a name may mean many."""
    wanted = " ".join(text.split())
    exactly = _exactly(shop, wanted)
    orders = WebOrder.objects.filter(shop=shop)
    if len(exactly) == 1:
        return SearchResult(exactly[0], OrderList(exactly, more=False))
    if exactly:
        keys = {order.pk for order in exactly}
    else:
        keys = {*_alike(shop, wanted, now), *_with_the_piece(shop, wanted)}
    return SearchResult(None, order_list(orders.filter(pk__in=keys).order_by("promised_at", "pk")))


def _exactly(shop: Shop, wanted: str) -> list[WebOrder]:
    """All that the whole text may mean when it is some OrderNo or pick-up code: a number may be one order's
    OrderNo, another's code, and the Ean or VariantId of a piece in a third."""
    orders = WebOrder.objects.filter(shop=shop)
    read_alike = list(orders.filter(order_no_folded=folded(wanted)))
    named = [order for order in read_alike if order.order_no == wanted] or read_alike
    with_code = orders.filter(status=Status.PICKED, pickup_code=wanted) if wanted.isdigit() else orders.none()
    found = {order.pk: order for order in (*named, *with_code)}
    if found and wanted.isdigit():
        found |= orders.in_bulk(_with_the_piece(shop, wanted))
    return list(found.values())


def _with_the_piece(shop: Shop, wanted: str) -> list[int]:
    """Primary keys of open orders with a piece that has this Ean or VariantId."""
    variants = variants_named(shop.group_id, wanted)
    orders = WebOrder.objects.filter(shop=shop).open()
    with_it = orders.filter(Q(lines__variant__in=variants) | Q(lines__ean__in=spellings(wanted)))
    return list(with_it.values_list("pk", flat=True))


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
