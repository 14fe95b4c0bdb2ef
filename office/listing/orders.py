"""Head office's list of orders: filtered, sorted, and read page by page without ever counting all."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from accounts.access import shops_of
from accounts.models import Group, Shop
from accounts.viewer import Viewer
from core.paging import behind, place_of
from office.listing.columns import NEWEST, RELATED, Sort
from office.listing.filters import NO_WEB_SHOP, Filters, Issue
from office.listing.happenings import Happening, happened_to
from office.listing.searching import search
from office.order_queries import in_trouble, not_all_in_ddd, pieces_to_put_back
from orders.models import Line, OrderEvent, OrderQuerySet, WebOrder
from orders.states import Phase, Status

ORDERS_ON_A_PAGE = 50


# What the columns of an order say by themselves.
BY_COLUMNS: Final[Mapping[str, Q]] = {
    Issue.LATE: Q(picked_at__gt=F("promised_at")),
    Issue.IN_STORE: Q(order_type=WebOrder.Type.IN_STORE),
}


@dataclass(frozen=True)
class Page:
    """Some orders, and where the next page begins and the one before ends; None when there is none."""

    orders: list[WebOrder]
    after: str | None
    before: str | None = None


def orders_of(viewer: Viewer, filters: Filters, now: datetime) -> OrderQuerySet:
    """All orders that the person may see and that fit, in no order; up to 6 queries at once for a search."""
    orders = WebOrder.objects.visible_to(viewer)
    if filters.text:
        orders = orders.filter(search(viewer.group, filters.text))
    # A piece may lie in another shop than the one that has its order now.
    if filters.shop and filters.only != Issue.PUT_BACK:
        orders = orders.filter(shop_id=filters.shop)
    if filters.web_shop is not None:
        orders = orders.filter(web_shop=None if filters.web_shop == NO_WEB_SHOP else filters.web_shop)
    if filters.phase in Phase.values:
        orders = orders.in_phase(Phase(filters.phase))
    if filters.since:
        orders = orders.filter(created_at__gte=filters.since)
    if filters.before:
        orders = orders.filter(created_at__lt=filters.before)
    if filters.happened and filters.span:
        orders = happened_to(orders, Happening(filters.happened), filters.span)
    return _only(orders, viewer.group, filters, now)


def page_of(
    viewer: Viewer,
    filters: Filters,
    now: datetime,
    after: str = "",
    before: str = "",
    sort: Sort = NEWEST,
) -> Page:
    """50 orders that the person may see: the first, those after a place, or those before it; 2 queries, and
    at most 6 more for a search. Invalid when the place is not from another page."""
    orders = orders_of(viewer, filters, now)
    if before:
        rows = _rows(orders, sort, before, backwards=True)
        if len(rows) > ORDERS_ON_A_PAGE:
            shown = rows[ORDERS_ON_A_PAGE - 1 :: -1]
            return Page(shown, _place(shown[-1], sort), _place(shown[0], sort))
    rows = _rows(orders, sort, after)
    shown = rows[:ORDERS_ON_A_PAGE]
    goes_on = len(rows) > ORDERS_ON_A_PAGE
    return Page(
        shown,
        _place(shown[-1], sort) if goes_on else None,
        _place(shown[0], sort) if after and shown else None,
    )


def _rows(orders: OrderQuerySet, sort: Sort, place: str, backwards: bool = False) -> list[WebOrder]:
    """One more than a page shows, from the place on; backwards, the nearest first."""
    newest_first = sort.newest_first != backwards
    if place:
        orders = orders.filter(behind(place, sort.moment, newest_first))
    way = "-" if newest_first else ""
    full = orders.select_related(*RELATED).prefetch_related("lines")
    return list(full.order_by(f"{way}{sort.moment}", f"{way}pk")[: ORDERS_ON_A_PAGE + 1])


def _place(order: WebOrder, sort: Sort) -> str:
    return place_of(getattr(order, sort.moment), order.pk)


def shops_with_orders(viewer: Viewer) -> models.QuerySet[Shop]:
    """The shops by which a person may look for orders: those that take orders, or still have some to do."""
    still_open: OrderQuerySet = WebOrder.objects.filter(shop=OuterRef("pk")).open()
    return shops_of(viewer).filter(Q(takes_orders=True) | Exists(still_open))


def _only(orders: OrderQuerySet, group: Group, filters: Filters, now: datetime) -> OrderQuerySet:
    """Those with which just this is the matter."""
    if filters.only in BY_COLUMNS:
        return orders.filter(BY_COLUMNS[filters.only])
    if filters.only == Issue.OVERDUE:
        return orders.overdue(now)
    if filters.only == Issue.AT_RISK:
        return orders.at_risk(now)
    if filters.only == Issue.TROUBLE:
        return orders.filter(pk__in=in_trouble(group.pk))
    if filters.only == Issue.MISSING:
        return orders.filter(Exists(Line.objects.filter(order=OuterRef("pk"), status=Status.MISSING)))
    if filters.only == Issue.PUT_BACK:
        lying = pieces_to_put_back(group.pk)
        if filters.shop:
            at_home = Q(put_back_shop=None, order__shop=filters.shop)
            lying = lying.filter(at_home | Q(put_back_shop=filters.shop))
        return orders.filter(pk__in=lying.values("order"))
    if filters.only == Issue.UNSENT:
        return orders.filter(order_no__in=not_all_in_ddd(group.pk))
    if filters.only == Issue.NOT_COLLECTED:
        told = OrderEvent.objects.filter(order=OuterRef("pk"), kind=OrderEvent.Kind.NOT_COLLECTED)
        return orders.filter(Exists(told), status=Status.CANCELLED)  # which the index knows, and are few
    return orders
