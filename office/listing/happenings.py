"""What happened to orders in a span of time: how it is counted, and the list of exactly these orders."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from statistics import median
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from accounts.calendars import Calendar
from orders.models import Line, OrderEvent, OrderQuerySet
from orders.states import Status


class Happening(models.TextChoices):
    """What may have happened to an order."""

    CAME_IN = "came in", _("Came in")
    TAKEN = "taken", _("Taken")
    READY = "ready", _("Ready")
    DELIVERED = "delivered", _("Delivered")
    RETURNED = "returned", _("Returned")


MOMENT = {
    Happening.CAME_IN: "created_at",
    Happening.TAKEN: "taken_at",
    Happening.READY: "picked_at",
    Happening.DELIVERED: "delivered_at",
}


@dataclass(frozen=True)
class Span:
    """From one moment to another, both counted in."""

    since: datetime
    until: datetime

    def has(self, moment: datetime | None) -> bool:
        """Whether the moment lies in it."""
        return moment is not None and self.since <= moment <= self.until


class Moments(NamedTuple):
    """When each thing happened to one order."""

    shop: int
    came_in: datetime
    taken: datetime | None
    ready: datetime | None
    delivered: datetime | None


@dataclass(frozen=True)
class Figures:
    """Of one span: how many orders, and how many open minutes half of them took at most."""

    came_in: int
    ready: int
    delivered: int
    returned: int
    minutes_to_take: float | None
    minutes_to_ready: float | None


def today_and_yesterday(now: datetime, zone: ZoneInfo) -> tuple[Span, Span]:
    """Today until now, and yesterday until the same time on the clock."""
    local = now.astimezone(zone)
    yesterday = local.date() - timedelta(days=1)

    def moment(day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, zone).astimezone(UTC)

    return (
        Span(moment(local.date(), time.min), now),
        Span(moment(yesterday, time.min), moment(yesterday, local.time())),
    )


def happened_to(orders: OrderQuerySet, what: Happening, span: Span) -> OrderQuerySet:
    """Those of the orders to which it happened. Whatever happens to an order modifies it: no older one is
    looked at."""
    orders = orders.filter(modified_at__gte=span.since)
    if what == Happening.RETURNED:
        return orders.filter(Exists(_taken_back(span).filter(order=OuterRef("pk"))), _something_is_back())
    return orders.filter(**{f"{MOMENT[what]}__range": (span.since, span.until)})


def moments_since(orders: OrderQuerySet, since: datetime) -> list[Moments]:
    """Of every order to which anything happened since; 1 query."""
    rows = orders.filter(modified_at__gte=since).order_by()
    return [Moments(*row) for row in rows.values_list("shop_id", *MOMENT.values())]


def returned_since(orders: OrderQuerySet, since: datetime) -> list[tuple[int, datetime]]:
    """Each order of which pieces were taken back since and are back, and when; 1 query."""
    mine = orders.filter(_something_is_back(), modified_at__gte=since)
    events = OrderEvent.objects.filter(kind=OrderEvent.Kind.TAKEN_BACK, at__gte=since, order__in=mine)
    return list(events.order_by().values_list("order_id", "at"))


def figures_of(
    moments: Iterable[Moments],
    returned: Iterable[tuple[int, datetime]],
    calendars: dict[int, Calendar],
    span: Span,
) -> Figures:
    """Counts what happened in the span. Minutes are those in which the shop was open."""
    moments = list(moments)
    taken = [(one, one.taken) for one in moments if one.taken and span.has(one.taken)]
    ready = [(one, one.ready) for one in moments if one.ready and span.has(one.ready)]

    def middle(done: list[tuple[Moments, datetime]]) -> float | None:
        waited = [calendars[one.shop].open_minutes(one.came_in, at) for one, at in done]
        return median(waited) if waited else None

    return Figures(
        came_in=sum(span.has(one.came_in) for one in moments),
        ready=len(ready),
        delivered=sum(span.has(one.delivered) for one in moments),
        returned=len({order for order, at in returned if span.has(at)}),
        minutes_to_take=middle(taken),
        minutes_to_ready=middle(ready),
    )


def _taken_back(span: Span) -> models.QuerySet[OrderEvent]:
    return OrderEvent.objects.filter(kind=OrderEvent.Kind.TAKEN_BACK, at__range=(span.since, span.until))


def _something_is_back() -> Exists:
    return Exists(Line.objects.filter(order=OuterRef("pk"), status=Status.RETURNED))
