"""Changes the opening hours of shops: their weeks, and the days on which they are closed."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, time

from django.db import transaction
from django.utils.dates import WEEKDAYS

from accounts.causes import ALL_SHOPS, CLOSED, SHOPS, WEEKDAY
from accounts.changes import NamedDay, Values, record, tracked_change, with_data
from accounts.models import ClosedDay, Group, OpeningHours, Shop, User

Week = Mapping[int, tuple[time, time]]
ABOUT = "holidays"


def about_week(shop: Shop) -> str:
    """The name under which changes of a shop's week are recorded."""
    return f"hours {shop.pk}"


def week_of(shop: Shop) -> Week:
    """The days on which the shop is open."""
    return {row.weekday: (row.opens, row.closes) for row in OpeningHours.objects.filter(shop=shop)}


def save_weeks(
    shop: Shop, others: Iterable[Shop], week: Week, user: User, seen: int | None, now: datetime
) -> None:
    """The shop and the others are open on these weekdays from now on. ConcurrentChange, and nothing is saved,
    when somebody has changed the shop's week since the change `seen`."""
    with tracked_change(user, about_week(shop), seen, lambda: _displayed_week(shop), now, shop.name):
        save_week(shop, week)
        for other in others:
            before = _displayed_week(other)
            save_week(other, week)
            record(user, about_week(other), before, _displayed_week(other), now, other.name)


@transaction.atomic
def save_week(shop: Shop, week: Week) -> None:
    """The shop is open on these weekdays from now on; without any weekday it is always open."""
    OpeningHours.objects.filter(shop=shop).exclude(weekday__in=week).delete()
    for weekday, (opens, closes) in week.items():
        OpeningHours.objects.update_or_create(
            shop=shop, weekday=weekday, defaults={"opens": opens, "closes": closes}
        )


@transaction.atomic
def close_on(
    group: Group, days: Mapping[date, str], shops: Collection[Shop] | None, user: User, now: datetime
) -> int:
    """Closes these shops, or all of the Group, on the days; returns how many days were new. Existing rows
    stay, so that a second tap changes nothing."""
    list(Group.objects.select_for_update(no_key=True).filter(pk=group.pk).values_list("pk"))
    whose: Collection[Shop | None] = [None] if shops is None else shops
    kept: set[tuple[date, int | None]] = set(
        ClosedDay.objects.filter(group=group, day__in=days).values_list("day", "shop")
    )
    new = [
        ClosedDay(group=group, shop=shop, day=day, name=name)
        for day, name in sorted(days.items())
        for shop in whose
        if (day, shop and shop.pk) not in kept and (day, None) not in kept
    ]
    ClosedDay.objects.bulk_create(new)
    named = sorted({row.day: row.name for row in new}.items())
    if new:
        days_closed = [NamedDay(day, name) for day, name in named]
        closed = ALL_SHOPS if shops is None else ", ".join(shop.name for shop in shops)
        record(user, ABOUT, {}, {CLOSED: days_closed, SHOPS: closed}, now)
    return len(named)


@transaction.atomic
def open_on(holiday: ClosedDay, user: User, now: datetime) -> bool:
    """Removes the holiday for all these shops; False when somebody was faster."""
    same = ClosedDay.objects.filter(
        group=holiday.group_id, day=holiday.day, name=holiday.name, shop__isnull=holiday.shop_id is None
    )
    gone, _by_model = same.delete()
    if gone:
        record(user, ABOUT, {CLOSED: NamedDay(holiday.day, holiday.name)}, {CLOSED: None}, now)
    return bool(gone)


def _displayed_week(shop: Shop) -> Values:
    """The week as the history shows it."""
    week = week_of(shop)
    return {
        with_data(WEEKDAY, number=number): "{:%H:%M}–{:%H:%M}".format(*week[number])
        if number in week
        else None
        for number in WEEKDAYS
    }
