"""Head office's list of orders: filtered, newest first, and read page by page without ever counting all."""

from dataclasses import dataclass
from datetime import datetime

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy

from accounts.access import shops_of
from accounts.models import Shop, User
from core.paging import behind, place_of
from ddd.models import Posting
from office.happenings import Happened, Span, happened_to
from orders.models import Line, OrderQuerySet, WebOrder
from orders.states import Phase, Status

ORDERS_ON_A_PAGE = 50


class Only(models.TextChoices):
    """What may be the matter with an order."""

    OVERDUE = "overdue", gettext_lazy("Overdue")
    AT_RISK = "at risk", gettext_lazy("At risk")
    MISSING = "missing", gettext_lazy("With missing pieces")
    PUT_BACK = "put back", gettext_lazy("With pieces to put back")
    UNSENT = "unsent", gettext_lazy("Not all in DdD yet")


@dataclass(frozen=True)
class Filters:
    """What head office asked for; empty says everything."""

    order_no: str = ""
    shop: int | None = None
    phase: str = ""
    only: str = ""
    happened: str = ""
    span: Span | None = None  # in which it happened

    @property
    def happened_words(self) -> str:
        """What happened in the span."""
        return str(Happened(self.happened).label)


@dataclass(frozen=True)
class Page:
    """Some orders, and where the next page begins; None when there is none."""

    orders: list[WebOrder]
    after: str | None


def page_of(user: User, filters: Filters, now: datetime, after: str = "") -> Page:
    """50 orders that the person may see; 2 queries. Invalid when `after` is not from a page before."""
    orders = _filtered(WebOrder.objects.visible_to(user), user, filters, now)
    if after:
        orders = orders.filter(behind(after, "created_at", newest_first=True))
    rows = list(
        orders.select_related("shop", "web_shop", "taken_by")
        .prefetch_related("lines")
        .order_by("-created_at", "-pk")[: ORDERS_ON_A_PAGE + 1]
    )
    shown = rows[:ORDERS_ON_A_PAGE]
    more = len(rows) > ORDERS_ON_A_PAGE
    return Page(shown, place_of(shown[-1].created_at, shown[-1].pk) if more else None)


def shops_with_orders(user: User) -> models.QuerySet[Shop]:
    """The shops by which a person may look for orders: those that take orders, or still have some to do."""
    still_open: OrderQuerySet = WebOrder.objects.filter(shop=OuterRef("pk")).open()
    return shops_of(user).filter(Q(takes_orders=True) | Exists(still_open))


def lying_pieces(group_id: int) -> models.QuerySet[Line]:
    """The Group's pieces that are to be put back."""
    return Line.objects.filter(to_put_back=True, order__group_id=group_id).order_by()


def unsent_postings(group_id: int) -> models.QuerySet[Posting]:
    """What DdD must still be told, and for which nobody has to decide anything."""
    states = [Posting.State.WAITING, Posting.State.IN_FLIGHT, Posting.State.UNCERTAIN]
    return Posting.objects.filter(group_id=group_id, state__in=states, for_a_person=False)


def _filtered(orders: OrderQuerySet, user: User, filters: Filters, now: datetime) -> OrderQuerySet:
    if filters.order_no:
        orders = orders.filter(order_no__icontains=filters.order_no)
    # A piece may lie in another shop than the one that has its order now.
    if filters.shop and filters.only != Only.PUT_BACK:
        orders = orders.filter(shop_id=filters.shop)
    if filters.phase in Phase.values:
        orders = orders.in_phase(Phase(filters.phase))
    if filters.happened and filters.span:
        orders = happened_to(orders, Happened(filters.happened), filters.span)
    return _only(orders, user.group_id, filters, now)


def _only(orders: OrderQuerySet, group_id: int, filters: Filters, now: datetime) -> OrderQuerySet:
    if filters.only == Only.OVERDUE:
        return orders.overdue(now)
    if filters.only == Only.AT_RISK:
        return orders.at_risk(now)
    if filters.only == Only.MISSING:
        return orders.filter(Exists(Line.objects.filter(order=OuterRef("pk"), status=Status.MISSING)))
    if filters.only == Only.PUT_BACK:
        lying = lying_pieces(group_id)
        if filters.shop:
            at_home = Q(put_back_shop=None, order__shop=filters.shop)
            lying = lying.filter(at_home | Q(put_back_shop=filters.shop))
        return orders.filter(pk__in=lying.values("order"))
    if filters.only == Only.UNSENT:
        return orders.filter(order_no__in=unsent_postings(group_id).values("order_no"))
    return orders
