"""Finds the order of a customer who brings something back, among all orders that left a shop of the Group."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from django.db.models import Count, Q, QuerySet

from accounts.models import Shop
from orders.models import OrderQuerySet, WebOrder
from orders.order_no import folded
from orders.receivers import LOOKED_THROUGH, order_ids_named, words_in
from orders.states import Status
from returns.judging import LEFT_THE_SHOP, takes_back
from returns.models import Return, ReturnPolicy

ORDERS_SHOWN = 20
RETURNS_SHOWN = 8
LONGEST_NUMBER = 18  # digits of a CustomerNumber


class WhyNot(StrEnum):
    """Why an order that was found by its number cannot be taken back here."""

    NOT_DELIVERED = "not delivered"
    CANCELLED = "cancelled"
    NOT_TAKEN_HERE = "not taken here"


@dataclass(frozen=True)
class NotReturnable:
    """Such an order; `is_own` when it is the shop's own, whose page staff may open."""

    order: WebOrder
    why_not: WhyNot
    is_own: bool


@dataclass(frozen=True)
class Row:
    """An order as the list shows it, and how many of its pieces the customer still has."""

    order: WebOrder
    left: int


@dataclass(frozen=True)
class SearchResult:
    """One order when only that can be meant, or rows to choose from, or why no order can be taken back."""

    order: WebOrder | None = None
    rows: tuple[Row, ...] = ()
    more: bool = False
    not_returnable: tuple[NotReturnable, ...] = ()
    too_short: bool = False


def returnable(policy: ReturnPolicy, shop: Shop) -> OrderQuerySet:
    """The orders whose pieces this shop may take back, by the same rules as `returns/judging.py`; 1 query
    where shops are chosen."""
    orders = WebOrder.objects.filter(group=shop.group, status__in=LEFT_THE_SHOP)
    if policy.where == ReturnPolicy.Where.SAME_SHOP:
        return orders.filter(shop=shop)
    if policy.where == ReturnPolicy.Where.CHOSEN and not policy.shops.filter(pk=shop.pk).exists():
        return orders.none()
    return orders


def find(shop: Shop, policy: ReturnPolicy, text: str) -> SearchResult:
    """By OrderNo, pick-up code, CustomerNumber or name; at most 6 queries. A number may be all three, so no
    order is opened when another one can be meant."""
    wanted = " ".join(text.split())
    taken_here = returnable(policy, shop)
    with_order_no, numbered = _with_order_no(shop, wanted), _numbered(wanted)
    exactly = with_order_no | numbered if with_order_no and numbered else with_order_no or numbered
    if exactly is None:
        by_name = order_ids_named(shop.group, wanted)
        if by_name is None:
            return SearchResult(too_short=bool(words_in(wanted)))
        found = _listed(taken_here.filter(pk__in=by_name))
        return replace(found, more=by_name.count() == LOOKED_THROUGH or found.more)
    found = _listed(taken_here.filter(exactly))
    if found.rows:
        others = _others_named(shop, with_order_no, found.rows) if numbered else ()
        if len(found.rows) == 1 and not others:
            return SearchResult(found.rows[0].order)
        return replace(found, not_returnable=others)
    elsewhere = WebOrder.objects.filter(exactly, group=shop.group).select_related("shop")
    newest = elsewhere.order_by("-created_at", "-pk")[:ORDERS_SHOWN]
    return SearchResult(not_returnable=tuple(_why_not(order, shop) for order in newest))


def chosen_shops(policy: ReturnPolicy) -> list[Shop]:
    """The shops that head office has chosen; empty when all take returns."""
    chosen = policy.where == ReturnPolicy.Where.CHOSEN
    return list(policy.shops.order_by("name")) if chosen else []


def order_at_counter(shops: Sequence[Shop], shop: Shop, pk: int) -> WebOrder | None:
    """The order when this shop takes it back, or when it belongs to one of the person's shops: then the page
    says why it does not. None for any other."""
    orders = WebOrder.objects.filter(group=shop.group).select_related(
        "group", "shop", "web_shop", "delivered_by"
    )
    order = orders.filter(pk=pk).first()
    if order is None or order.shop in shops:
        return order
    may_come = order.status in LEFT_THE_SHOP and takes_back(ReturnPolicy.of(shop.group), order, shop)
    return order if may_come else None


def recent_returns(shop: Shop) -> QuerySet[Return]:
    """The shop's latest returns, with `count` of their pieces."""
    returns = Return.objects.filter(shop=shop).select_related("order", "taken_by")
    return returns.annotate(count=Count("pieces")).order_by("-made_at", "-pk")[:RETURNS_SHOWN]


def _with_order_no(shop: Shop, wanted: str) -> Q | None:
    """The order with exactly this OrderNo, else those that are read alike; None when there is none."""
    orders = WebOrder.objects.filter(group=shop.group, order_no_folded=folded(wanted))
    keys = {order_no: pk for pk, order_no in orders.values_list("pk", "order_no")}
    if not keys:
        return None
    return Q(pk__in=[keys[wanted]] if wanted in keys else list(keys.values()))


def _others_named(shop: Shop, with_order_no: Q | None, rows: Sequence[Row]) -> tuple[NotReturnable, ...]:
    """Orders that have this OrderNo and cannot be taken back here; 1 query when there is such an OrderNo."""
    if with_order_no is None:
        return ()
    orders = WebOrder.objects.filter(with_order_no, group=shop.group).select_related("shop")
    listed = {row.order.pk for row in rows}
    return tuple(_why_not(order, shop) for order in orders if order.pk not in listed)


def _numbered(wanted: str) -> Q | None:
    """By pick-up code or CustomerNumber."""
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) <= LONGEST_NUMBER):
        return None
    return Q(pickup_code=wanted) | Q(customer_number=int(wanted), customer_number__gt=0)


def _listed(orders: OrderQuerySet) -> SearchResult:
    """The first ORDERS_SHOWN, last delivered first; 2 queries."""
    some = orders.select_related("shop", "group").prefetch_related("lines")
    found = list(some.order_by("-delivered_at", "-pk")[: ORDERS_SHOWN + 1])
    return SearchResult(rows=tuple(map(_row, found[:ORDERS_SHOWN])), more=len(found) > ORDERS_SHOWN)


def _row(order: WebOrder) -> Row:
    return Row(order, sum(line.status == Status.DELIVERED for line in order.lines.all()))


def _why_not(order: WebOrder, shop: Shop) -> NotReturnable:
    if order.status == Status.CANCELLED:
        why = WhyNot.CANCELLED
    elif order.status not in LEFT_THE_SHOP:
        why = WhyNot.NOT_DELIVERED
    else:
        why = WhyNot.NOT_TAKEN_HERE
    return NotReturnable(order, why, is_own=order.shop_id == shop.pk)
