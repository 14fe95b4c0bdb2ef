"""Head office's list of orders: filtered, newest first, and read page by page without ever counting all."""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import Invalid
from orders.models import WebOrder
from orders.states import Phase

ORDERS_ON_A_PAGE = 50


@dataclass(frozen=True)
class Filters:
    """What head office asked for; empty says everything."""

    order_no: str = ""
    shop: int | None = None
    phase: str = ""


@dataclass(frozen=True)
class Page:
    """Some orders, and where the next page begins; None when there is none."""

    orders: list[WebOrder]
    after: str | None


def page_of(user: User, filters: Filters, after: str = "") -> Page:
    """50 orders that the person may see; 2 queries. Invalid when `after` is not from a page before."""
    orders = WebOrder.objects.visible_to(user)
    if filters.order_no:
        orders = orders.filter(order_no__icontains=filters.order_no)
    if filters.shop:
        orders = orders.filter(shop_id=filters.shop)
    if filters.phase in Phase.values:
        orders = orders.in_phase(Phase(filters.phase))
    if after:
        orders = orders.filter(_older_than(after))
    rows = list(
        orders.select_related("shop", "web_shop", "taken_by")
        .prefetch_related("lines")
        .order_by("-created_at", "-pk")[: ORDERS_ON_A_PAGE + 1]
    )
    shown = rows[:ORDERS_ON_A_PAGE]
    more = len(rows) > ORDERS_ON_A_PAGE
    return Page(shown, f"{shown[-1].created_at.isoformat()}_{shown[-1].pk}" if more else None)


def _older_than(after: str) -> Q:
    moment_text, _dash, number = after.partition("_")
    try:
        moment, pk = datetime.fromisoformat(moment_text.replace(" ", "+")), int(number)
        if moment.tzinfo is None:
            raise ValueError(after)
        moment = moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Invalid(_("This page address is broken: begin at the first page.")) from error
    return Q(created_at__lt=moment) | Q(created_at=moment, pk__lt=pk)
