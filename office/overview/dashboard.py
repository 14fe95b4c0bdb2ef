"""Head office's overview: what is wrong, each shop's work, DdD, and today beside yesterday.

Nothing here counts over all orders: only over what is open, and over what happened since yesterday.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db.models import Count, Q
from django.db.models.functions import Coalesce

from accounts.access import shops_of
from accounts.calendars import calendars_of
from accounts.models import Shop
from accounts.tablets import AlertReach, without_alert_among
from accounts.viewer import Viewer
from office.attention.kinds.no_alert import NO_ALERT
from office.attention.waiting import counts_by_kind
from office.listing.happenings import (
    Figures,
    Happening,
    Span,
    figures_of,
    moments_since,
    returned_since,
    today_and_yesterday,
)
from office.order_queries import pieces_to_put_back
from office.overview.alarms import Alarm, LateOrders, alarms_of
from office.overview.ddd_health import Health, health_of
from orders.models import WebOrder, is_at_risk, is_overdue
from orders.states import Phase, Status

FIELDS = ("overdue", "at risk", "new", "picking", "ready", "put back")
BAR = ("new", "picking", "ready")


@dataclass(frozen=True)
class Cell:
    """A number, and the address of the list behind it; `name` is its column."""

    name: str
    count: int
    query: str


@dataclass(frozen=True)
class ShopRow:
    """A shop with its numbers; `reach` says why it has no alert, None when it has one, or is closed."""

    shop: Shop
    reach: AlertReach | None
    cells: tuple[Cell, ...]
    open_orders: int

    def count(self, name: str) -> int:
        """The number in this column."""
        return next(cell.count for cell in self.cells if cell.name == name)

    @property
    def bar(self) -> list[tuple[str, int, int]]:
        """What is open as parts of one line: the name of each part, where it begins, and how long it is."""
        new, picking, ready = (self.count(name) for name in BAR)
        return [("new", 0, new), ("picking", new, picking), ("ready", new + picking, ready)]

    @property
    def is_quiet(self) -> bool:
        """Nothing to do, and nothing wrong."""
        return self.reach is None and not any(self.count(name) for name in FIELDS)

    @property
    def urgency(self) -> tuple[int, ...]:
        """The higher, the further up."""
        return self.count("overdue"), self.count("at risk"), int(self.reach is not None), self.count("new")


@dataclass(frozen=True)
class FigureRow:
    """A figure of today and of yesterday to the same time, with the queries of the lists behind them."""

    happened: Happening
    today: float | None
    yesterday: float | None
    queries: tuple[str, str]
    in_minutes: bool = False


@dataclass(frozen=True)
class Dashboard:
    """What the overview shows."""

    now: datetime
    rows: list[ShopRow]
    quiet: list[Shop]
    totals: list[Cell]
    figures: list[FigureRow]
    yesterday: Span
    health: Health
    without_alert: list[AlertReach]
    waiting: Mapping[str, int]  # how many rows of each kind are on the work list
    alarms: list[Alarm]

    @property
    def most_open(self) -> int:
        """How many open orders the shop with the most has."""
        return max((row.open_orders for row in self.rows), default=0)


def dashboard_of(viewer: Viewer, now: datetime) -> Dashboard:
    """16 queries, however many shops there are."""
    group = viewer.group
    shops = list(shops_of(viewer).select_related("group").order_by("name", "shop_id"))
    calendars = calendars_of(shops)
    without_alert = sorted(without_alert_among(shops, calendars, now), key=lambda reach: reach.shop.name)
    today, yesterday = today_and_yesterday(now, ZoneInfo(group.time_zone))
    mine = WebOrder.objects.visible_to(viewer)
    moments = moments_since(mine, yesterday.since)
    returned = returned_since(mine, yesterday.since)
    then = figures_of(moments, returned, calendars, yesterday)
    rows = _rows(viewer, shops, {reach.shop.pk: reach for reach in without_alert}, now)
    totals, health = _totals(rows), health_of(group, now)
    waiting = {**counts_by_kind(group.pk), NO_ALERT.key: len(without_alert)}
    return Dashboard(
        now=now,
        rows=sorted((row for row in rows if not row.is_quiet), key=lambda row: row.urgency, reverse=True),
        quiet=[row.shop for row in rows if row.is_quiet and row.shop.takes_orders],
        totals=totals,
        figures=_figures(figures_of(moments, returned, calendars, today), then, today, yesterday),
        yesterday=yesterday,
        health=health,
        without_alert=without_alert,
        waiting=waiting,
        alarms=alarms_of(_late(rows, totals), waiting, health),
    )


def _late(rows: Iterable[ShopRow], totals: Sequence[Cell]) -> LateOrders:
    overdue, at_risk = (totals[FIELDS.index(name)] for name in ("overdue", "at risk"))
    in_shops = sum(row.count("overdue") > 0 for row in rows)
    return LateOrders(overdue.count, in_shops, overdue.query, at_risk.count, at_risk.query)


def _rows(
    viewer: Viewer, shops: Iterable[Shop], without_alert: dict[int, AlertReach], now: datetime
) -> list[ShopRow]:
    """Each shop's numbers; 2 queries."""
    reserved = Q(status=Status.RESERVED)
    open_orders = WebOrder.objects.visible_to(viewer).open().order_by().values("shop_id")
    counted = open_orders.annotate(
        overdue=Count("pk", filter=is_overdue(now)),
        at_risk=Count("pk", filter=is_at_risk(now)),
        new=Count("pk", filter=reserved & Q(taken_at=None)),
        picking=Count("pk", filter=reserved & Q(taken_at__isnull=False)),
        ready=Count("pk", filter=Q(status=Status.PICKED)),
    )
    by_shop = {found["shop_id"]: found for found in counted}
    lying = pieces_to_put_back(viewer.group_id).values(lies_in=Coalesce("put_back_shop", "order__shop"))
    by_place = lying.annotate(orders=Count("order", distinct=True))
    to_put_back = {found["lies_in"]: found["orders"] for found in by_place}
    return [
        _row(shop, by_shop.get(shop.pk, {}), to_put_back.get(shop.pk, 0), without_alert) for shop in shops
    ]


def _row(
    shop: Shop, found: Mapping[str, Any], to_put_back: int, without_alert: dict[int, AlertReach]
) -> ShopRow:
    counts = Counter({name.replace("_", " "): count for name, count in found.items()})
    counts["put back"] = to_put_back
    cells = tuple(Cell(name, counts[name], _query(name, shop)) for name in FIELDS)
    return ShopRow(
        shop, without_alert.get(shop.pk), cells, counts["new"] + counts["picking"] + counts["ready"]
    )


def _totals(rows: Sequence[ShopRow]) -> list[Cell]:
    return [Cell(name, sum(row.count(name) for row in rows), _query(name)) for name in FIELDS]


def _query(name: str, shop: Shop | None = None) -> str:
    """Of the list of the orders that this number counts."""
    data = {"shop": str(shop.shop_id)} if shop else {}
    return urlencode({**data, ("status" if name in Phase.values else "only"): name})


def _figures(now: Figures, then: Figures, today: Span, yesterday: Span) -> list[FigureRow]:
    def row(what: Happening, one: float | None, other: float | None, in_minutes: bool = False) -> FigureRow:
        return FigureRow(what, one, other, (_happened(what, today), _happened(what, yesterday)), in_minutes)

    return [
        row(Happening.CAME_IN, now.came_in, then.came_in),
        row(Happening.READY, now.ready, then.ready),
        row(Happening.DELIVERED, now.delivered, then.delivered),
        row(Happening.RETURNED, now.returned, then.returned),
        row(Happening.TAKEN, now.minutes_to_take, then.minutes_to_take, in_minutes=True),
        row(Happening.READY, now.minutes_to_ready, then.minutes_to_ready, in_minutes=True),
    ]


def _happened(what: Happening, span: Span) -> str:
    since, until = (moment.isoformat().replace("+00:00", "Z") for moment in (span.since, span.until))
    return urlencode({"happened": what.value, "since": since, "until": until})
