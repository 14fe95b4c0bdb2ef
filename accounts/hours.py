"""When a shop is open, and for how much of a time span. Knows no database and no clock.

Hours are those of a wall clock, minutes are real ones: a day on which the clocks change is an hour longer or
shorter. A shop without hours is open whenever it has no holiday.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

Hours = Mapping[int, tuple[time, time]]  # weekday (0 is Monday): opens, closes

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def is_open(hours: Hours, closed_days: Collection[date], zone: ZoneInfo, now: datetime) -> bool:
    """Whether the shop is open at this moment; at the moment in which it closes it is not."""
    opens, closes = next(_spans(hours, closed_days, zone, now), (now, now))
    return opens <= now < closes


def open_minutes(
    hours: Hours, closed_days: Collection[date], zone: ZoneInfo, start: datetime, end: datetime
) -> float:
    """How many minutes between the two the shop was open; 0 when `end` is not after `start`."""
    start, end, total = start.astimezone(UTC), end.astimezone(UTC), timedelta(0)
    for opens, closes in _spans(hours, closed_days, zone, start):
        if opens >= end:
            break
        total += max(min(closes, end) - max(opens, start), timedelta(0))
    return total / MINUTE


def plus_open_minutes(
    hours: Hours, closed_days: Collection[date], zone: ZoneInfo, start: datetime, minutes: float
) -> datetime:
    """The moment at which the shop will have been open for so many minutes since `start`."""
    start, left = start.astimezone(UTC), timedelta(minutes=minutes)
    for opens, closes in _spans(hours, closed_days, zone, start):
        begins = max(opens, start)
        if left <= closes - begins:
            return begins + left
        left -= closes - begins
    return start + left  # beyond the last day that calendars have


def _spans(
    hours: Hours, closed_days: Collection[date], zone: ZoneInfo, start: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """The spans in which the shop is open that end after `start`, in UTC, the earliest first."""
    day = start.astimezone(zone).date()
    while day < date.max - DAY:
        opens, closes = _span_of(day, hours, closed_days, zone)
        if opens < closes and closes > start:
            yield opens, closes
        day += DAY


def _span_of(
    day: date, hours: Hours, closed_days: Collection[date], zone: ZoneInfo
) -> tuple[datetime, datetime]:
    midnight = _moment(day, time.min, zone)
    if day in closed_days or (hours and day.weekday() not in hours):
        return midnight, midnight
    if not hours:
        return midnight, _moment(day + DAY, time.min, zone)
    opens, closes = hours[day.weekday()]
    return _moment(day, opens, zone), _moment(day, closes, zone)


def _moment(day: date, clock: time, zone: ZoneInfo) -> datetime:
    # In UTC: a sum of two times in one zone would count by the wall clock.
    return datetime.combine(day, clock, zone).astimezone(UTC)
