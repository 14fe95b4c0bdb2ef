"""Workers count each day's figures anew from its orders, so that no screen has to.

What is counted is replaced whole, so counting twice changes nothing. Today's orders are looked at every few
minutes; what became of older ones in the night.
"""

import logging
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import chain
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Min

from accounts.calendars import Calendar, calendars_of
from accounts.models import Group
from core import leases
from core.leases import LeaseLost
from office.figures.counts import OWED, CountedOrder, Time, counts_of, refunded_for, returned_for, sum_counts
from office.models import Counting, DailyFigure, WeeklyFigure
from office.models.daily_figure import EVERY, NO_WEB_SHOP
from orders.models import Line, OrderEvent, RefundDue, RefundedLine, WebOrder
from orders.states import Status
from returns.models import Return, ReturnedPiece

log = logging.getLogger(__name__)
Key = tuple[int, int]  # shop, web shop
Kind = OrderEvent.Kind
AT_ONCE = 500
# Reading which days are due, or counting one of them.
LONGEST_STEP = timedelta(minutes=30)
DAY, WEEK = timedelta(days=1), timedelta(days=7)
# An action is stamped before it is committed, and clocks of machines differ.
LOOK_BACK = timedelta(hours=1)
NIGHT_BEGINS_AT = 2
CORRECTIONS = (Kind.PIECE_MISSING, Kind.PICK_UNDONE)


class OrderRow(NamedTuple):
    """What is read of an order."""

    pk: int
    shop: int
    web_shop: int | None
    came_in: datetime
    promised: datetime
    taken: datetime | None
    ready: datetime | None
    delivered: datetime | None
    status: str


FIELDS = (
    *("pk", "shop_id", "web_shop_id", "created_at", "promised_at"),
    *("taken_at", "picked_at", "delivered_at", "status"),
)


def count(group_id: int, now: datetime) -> int:
    """What is due in a Group; returns how many days were counted. 0 when another worker is counting."""
    group = Group.objects.get(pk=group_id)
    with _claimed(group) as counting:
        if counting is None:
            return 0
        reached: dict[str, Any] = {"today_until": now}
        if _is_night_work_due(counting, now):
            days = _days_changed(group, counting.counted_until)
            reached["counted_until"] = now
        else:
            days = {_day_of(now, group)} if _has_changed(group, counting, now) else set()
        _count_days(counting, days)
        leases.release(counting, **reached)
        return len(days)
    return 0


def count_all(group: Group, now: datetime) -> int:
    """Every day that there was, whatever was counted before; returns how many. 0 while a worker counts."""
    with _claimed(group) as counting:
        if counting is None:
            return 0
        days = _days_changed(group, None)
        mondays = {monday_of(day) for day in days}
        with _step_of(counting):
            DailyFigure.objects.filter(group=group).exclude(day__in=days).delete()
            WeeklyFigure.objects.filter(group=group).exclude(day__in=mondays).delete()
        _count_days(counting, days)
        leases.release(counting, counted_until=now, today_until=now)
        return len(days)
    return 0


def monday_of(day: date) -> date:
    """With which its week begins."""
    return day - timedelta(days=day.weekday())


def midnight(day: date, group: Group) -> datetime:
    """The beginning of this day in the Group's time zone, in UTC."""
    return datetime.combine(day, time.min, ZoneInfo(group.time_zone)).astimezone(UTC)


# --- what is due ------------------------------------------------------------------------------------------


@contextmanager
def _claimed(group: Group) -> Iterator[Counting | None]:
    """The Group's counting under a lease, which the caller releases at the end; None when another worker has
    it. An error releases the lease; a lost one ends the work here."""
    counting, _made = Counting.objects.get_or_create(group=group)
    if not leases.take(counting, LONGEST_STEP):
        yield None
        return
    try:
        yield counting
    except LeaseLost as lost:
        log.warning("the figures of %s are counted by somebody else: %s", group, lost)
    except BaseException:
        with suppress(LeaseLost):
            leases.release(counting)
        raise


@contextmanager
def _step_of(counting: Counting) -> Iterator[None]:
    """One transaction that renews the lease first: a worker that takes over waits for its end. Raises
    LeaseLost when the lease is gone, and then nothing is written."""
    with transaction.atomic():
        leases.renew(counting, LONGEST_STEP)
        yield


def _is_night_work_due(counting: Counting, now: datetime) -> bool:
    if counting.counted_until is None:
        return True
    zone = ZoneInfo(counting.group.time_zone)
    local, last = now.astimezone(zone), counting.counted_until.astimezone(zone)
    return last.date() < local.date() and local.hour >= NIGHT_BEGINS_AT


def _has_changed(group: Group, counting: Counting, now: datetime) -> bool:
    since = (counting.today_until or now) - LOOK_BACK
    return WebOrder.objects.filter(group=group, modified_at__gte=since).exists()


def _days_changed(group: Group, since: datetime | None) -> set[date]:
    """On which the orders came in, and were returned, to which anything happened since; None: ever."""
    orders = WebOrder.objects.filter(group=group).order_by()
    returns = Return.objects.filter(group=group).order_by()
    if since is None:
        first = [orders.aggregate(at=Min("created_at"))["at"], returns.aggregate(at=Min("made_at"))["at"]]
        return set(_days_from(min((at for at in first if at), default=None), group))
    orders = orders.filter(modified_at__gte=since - LOOK_BACK)
    moments = orders.values_list("created_at", flat=True).iterator()
    back = returns.filter(order__modified_at__gte=since - LOOK_BACK).values_list("made_at", flat=True)
    owed = RefundDue.objects.filter(group=group, order__modified_at__gte=since - LOOK_BACK).order_by()
    moments = chain(moments, back, owed.values_list("made_at", flat=True))
    return {_day_of(moment, group) for moment in moments}


def _days_from(first: datetime | None, group: Group) -> Iterator[date]:
    newest = (
        WebOrder.objects.filter(group=group).order_by("-modified_at").values_list("modified_at", flat=True)
    )
    last = newest.first()
    if first is None or last is None:
        return
    day, end = _day_of(first, group), _day_of(last, group)
    while day <= end:
        yield day
        day += DAY


def _day_of(moment: datetime, group: Group) -> date:
    return moment.astimezone(ZoneInfo(group.time_zone)).date()


# --- counting ---------------------------------------------------------------------------------------------


def _count_days(counting: Counting, days: Iterable[date]) -> None:
    calendars = calendars_of(counting.group.shops.select_related("group"))
    weeks: set[date] = set()
    for day in sorted(days):
        _count_day(counting, day, calendars)
        weeks.add(monday_of(day))
    for monday in sorted(weeks):
        _add_up_week(counting, monday)


def _count_day(counting: Counting, day: date, calendars: dict[int, Calendar]) -> None:
    """Reads first, so that nobody waits, and then replaces the day in one transaction."""
    group = counting.group
    found: defaultdict[Key, Counter[str]] = defaultdict(Counter)
    since, until = midnight(day, group), midnight(day + DAY, group)
    for row, order in _orders_of(group, since, until, calendars):
        found[row.shop, row.web_shop or NO_WEB_SHOP].update(counts_of(order))
    for shop, web_shop, outcome, reason in _returned(group, since, until):
        found[shop, web_shop or NO_WEB_SHOP][returned_for(outcome, reason)] += 1
    for shop, web_shop, cause, amount in _owed(group, since, until):
        owed = {refunded_for(cause): 1, OWED: int(amount * 100)}
        found[shop, web_shop or NO_WEB_SHOP].update(owed)
    with _step_of(counting):
        DailyFigure.objects.filter(group=group, day=day).delete()
        DailyFigure.objects.bulk_create(
            DailyFigure(group=group, day=day, shop=shop, web_shop=web_shop, counts=counts)
            for (shop, web_shop), counts in sorted(found.items())
        )


def _add_up_week(counting: Counting, monday: date) -> None:
    """The days of the week for each shop and web shop, and for all of them."""
    group = counting.group
    found: defaultdict[Key, list[dict[str, int]]] = defaultdict(list)
    days = DailyFigure.objects.filter(group=group, day__gte=monday, day__lt=monday + WEEK)
    for shop, web_shop, counts in days.values_list("shop", "web_shop", "counts"):
        for key in ((shop, web_shop), (shop, EVERY), (EVERY, web_shop), (EVERY, EVERY)):
            found[key].append(counts)
    with _step_of(counting):
        WeeklyFigure.objects.filter(group=group, day=monday).delete()
        WeeklyFigure.objects.bulk_create(
            WeeklyFigure(group=group, day=monday, shop=shop, web_shop=web_shop, counts=sum_counts(many))
            for (shop, web_shop), many in sorted(found.items())
        )


def _orders_of(
    group: Group, since: datetime, until: datetime, calendars: dict[int, Calendar]
) -> Iterator[tuple[OrderRow, CountedOrder]]:
    orders = WebOrder.objects.filter(group=group, created_at__gte=since, created_at__lt=until)
    rows = [OrderRow(*row) for row in orders.order_by().values_list(*FIELDS)]
    for start in range(0, len(rows), AT_ONCE):
        part = rows[start : start + AT_ONCE]
        missing, events = _missing_of(part), _events_of(part)
        for row in part:
            kinds = events[row.pk]
            yield (
                row,
                CountedOrder(
                    promised=row.promised,
                    ready=row.ready,
                    is_delivered=row.delivered is not None,
                    is_cancelled=row.status == Status.CANCELLED,
                    was_corrected=not kinds.isdisjoint(CORRECTIONS),
                    was_not_collected=Kind.NOT_COLLECTED in kinds,
                    missing=tuple(missing[row.pk]),
                    minutes=tuple(_minutes_of(row, calendars[row.shop])),
                ),
            )


def _minutes_of(row: OrderRow, calendar: Calendar) -> Iterator[tuple[Time, float]]:
    if row.taken is not None:
        yield Time.TAKE, calendar.open_minutes(row.came_in, row.taken)
    if row.ready is not None:
        yield Time.TO_READY, calendar.open_minutes(row.came_in, row.ready)
    if row.ready is not None and row.delivered is not None:
        yield Time.COLLECT, (row.delivered - row.ready) / timedelta(minutes=1)


def _missing_of(rows: Sequence[OrderRow]) -> defaultdict[int, list[str]]:
    missing: defaultdict[int, list[str]] = defaultdict(list)
    lines = Line.objects.filter(order__in=[row.pk for row in rows], status=Status.MISSING).order_by()
    for order, reason in lines.values_list("order_id", "missing_reason"):
        missing[order].append(reason)
    return missing


def _events_of(rows: Sequence[OrderRow]) -> defaultdict[int, set[str]]:
    events: defaultdict[int, set[str]] = defaultdict(set)
    kinds = [*CORRECTIONS, Kind.NOT_COLLECTED]
    found = OrderEvent.objects.filter(order__in=[row.pk for row in rows], kind__in=kinds).order_by()
    for order, kind in found.values_list("order_id", "kind"):
        events[order].add(kind)
    return events


def _returned(group: Group, since: datetime, until: datetime) -> Iterable[tuple[int, int | None, str, str]]:
    """Each piece that came back and still counts: the shop that took it, the web shop, outcome, reason."""
    booked = Return.objects.filter(
        group=group, made_at__gte=since, made_at__lt=until, state=Return.State.BOOKED
    )
    pieces = ReturnedPiece.objects.filter(taken_back__in=booked, counts=True).order_by()
    return pieces.values_list(
        "taken_back__shop_id", "taken_back__order__web_shop_id", "taken_back__outcome", "reason"
    )


def _owed(group: Group, since: datetime, until: datetime) -> Iterable[tuple[int, int | None, str, Decimal]]:
    """Each piece that was paid for and that the customer never got, and is still owed or was refunded."""
    rows = RefundedLine.objects.filter(
        refund__group=group, refund__made_at__gte=since, refund__made_at__lt=until, counts=True
    )
    return rows.order_by().values_list("refund__shop_id", "refund__web_shop_id", "cause", "amount")
