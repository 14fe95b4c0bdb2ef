"""The opening hours and holidays of shops, loaded once for many calculations."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.db.models import Q

from accounts import hours
from accounts.models import ClosedDay, OpeningHours, Shop


@dataclass(frozen=True)
class Calendar:
    """When one shop is open."""

    hours: hours.Hours
    closed_days: frozenset[date]
    zone: ZoneInfo

    def is_open(self, now: datetime) -> bool:
        return hours.is_open(self.hours, self.closed_days, self.zone, now)

    def open_minutes(self, start: datetime, end: datetime) -> float:
        return hours.open_minutes(self.hours, self.closed_days, self.zone, start, end)

    def plus_open_minutes(self, start: datetime, minutes: float) -> datetime:
        return hours.plus_open_minutes(self.hours, self.closed_days, self.zone, start, minutes)


def calendar_of(shop: Shop) -> Calendar:
    """One shop's; 2 queries."""
    return calendars_of([shop])[shop.pk]


def calendars_of(shops: Iterable[Shop]) -> dict[int, Calendar]:
    """By Shop.pk; 2 queries for all. The shops come with their Groups."""
    shops = list(shops)
    weeks: dict[int, dict[int, tuple[time, time]]] = defaultdict(dict)
    for row in OpeningHours.objects.filter(shop__in=shops):
        weeks[row.shop_id][row.weekday] = (row.opens, row.closes)
    days = ClosedDay.objects.filter(
        Q(shop__in=shops) | Q(shop=None, group__in={shop.group_id for shop in shops})
    )
    closed = [(day.group_id, day.shop_id, day.day) for day in days]
    return {
        shop.pk: Calendar(
            weeks[shop.pk],
            frozenset(
                day
                for group_id, shop_id, day in closed
                if group_id == shop.group_id and shop_id in (None, shop.pk)
            ),
            ZoneInfo(shop.group.time_zone),
        )
        for shop in shops
    }
