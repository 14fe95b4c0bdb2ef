"""The figures of a handful of orders, worked out by hand, and counted again and again."""

from datetime import date, timedelta
from io import StringIO
from zoneinfo import ZoneInfoNotFoundError

import pytest
from django.core.management import call_command

from accounts.models import Group, OpeningHours
from core import leases
from office.figures import counting
from office.figures.counts import (
    HALF,
    NINE_OF_TEN,
    Time,
    class_of,
    middle_of,
    missing_pieces,
    sum_counts,
    within,
)
from office.models import Counting, DailyFigure, WeeklyFigure
from office.models.daily_figure import EVERY
from orders import collecting, delivery, picking, trouble
from orders.models import WebOrder
from tests.factories import (
    HAND_OVER,
    JUMPER,
    NOW,
    Cast,
    delivered,
    new_order,
    picked,
    received,
    taken,
    taken_back,
)
from tests.passing_time import after_each_write, let_another_take_over, let_leases_age

TUESDAY, MONDAY = date(2026, 3, 3), date(2026, 3, 2)
TOMORROW = NOW + timedelta(days=1)
MINUTE = timedelta(minutes=1)


def daily(cast: Cast) -> dict[tuple[date, int, str], dict[str, int]]:
    """Every day that was counted, by shop and web shop."""
    shops = {shop.pk: shop.shop_id for shop in cast.nordlys.shops.all()}
    web_shops = {web_shop.pk: web_shop.name for web_shop in cast.nordlys.web_shops.all()}
    rows = DailyFigure.objects.filter(group=cast.nordlys)
    return {(row.day, shops[row.shop], web_shops.get(row.web_shop, "-")): row.counts for row in rows}


def weekly(cast: Cast, shop: int = EVERY, web_shop: int = EVERY) -> dict[str, int]:
    counts: dict[str, int] = WeeklyFigure.objects.get(
        group=cast.nordlys, shop=shop, web_shop=web_shop, day=MONDAY
    ).counts
    return counts


def classes(**minutes: float) -> dict[str, int]:
    return {f"{name.replace('_', ' ')}:{class_of(found)}": 1 for name, found in minutes.items()}


def test_a_new_order_has_come_in_and_nothing_more(cast: Cast) -> None:
    received(cast)
    assert counting.count(cast.nordlys.pk, NOW) == 1
    assert daily(cast) == {(TUESDAY, 996001, cast.key().web_shop.name): {"came in": 1}}


def test_a_delivered_order_counts_on_the_day_on_which_it_came_in(cast: Cast) -> None:
    """Taken after 1 minute, ready after 5, collected 25 minutes later, in time."""
    delivered(cast)
    counting.count(cast.nordlys.pk, TOMORROW)
    assert list(daily(cast).values()) == [
        {"came in": 1, "ready": 1, "tried": 1, "first try": 1, "delivered": 1}
        | classes(take=1, to_ready=5, collect=25)
    ]


def test_a_missing_piece_and_an_undone_pick_are_no_first_try(cast: Cast) -> None:
    picked(cast, missing=(1,))
    order, actor = taken(cast), cast.person("aarhus")
    line = order.lines.all()[0]
    picking.pick(order, line.pk, actor, NOW)
    picking.undo_pick(order, line.pk, actor, NOW)
    for line in order.lines.all():
        picking.pick(order, line.pk, actor, NOW)
    picking.finish(order, actor, NOW + 70 * MINUTE)
    counting.count(cast.nordlys.pk, TOMORROW)
    counts = weekly(cast)
    assert (counts["tried"], counts.get("first try", 0), counts["ready"], counts["late"]) == (2, 0, 2, 1)
    assert missing_pieces(counts) == {"not found": 1}
    assert counts["with missing"] == 1


def test_an_order_of_which_nothing_was_found_was_tried_and_is_cancelled(cast: Cast) -> None:
    picked(cast, missing=(1, 2))
    trouble.cancel(received(cast), "customer", cast.person("aarhus"), NOW)
    counting.count(cast.nordlys.pk, TOMORROW)
    assert weekly(cast) == {
        "came in": 2,
        "tried": 1,
        "cancelled": 2,
        "refunded:missing": 2,
        "refunded:cancelled": 2,
        "owed": 79980,
        "with missing": 1,
        "missing:not found": 2,
        **classes(take=1),
    }


def test_an_order_that_nobody_collects_is_uncollected(cast: Cast) -> None:
    order = picked(cast)
    counting.count(cast.nordlys.pk, NOW + timedelta(hours=1))
    assert "uncollected" not in weekly(cast)
    assert order.collect_by is not None
    late = order.collect_by + MINUTE
    collecting.give_up(order, late)
    counting.count(cast.nordlys.pk, late + timedelta(hours=12))
    counts = weekly(cast)
    assert (counts["ready"], counts["uncollected"], counts["cancelled"]) == (1, 1, 1)


def test_returned_pieces_count_where_and_when_they_came_back(cast: Cast) -> None:
    order = delivered(cast, new=new_order(variants=(JUMPER,) * 3))
    taken_back(cast, order, "odense", shop=cast.odense, lines=(1, 2), paid_by="cash")
    counting.count(cast.nordlys.pk, NOW + timedelta(days=2))
    found = daily(cast)[TUESDAY + timedelta(days=1), 996002, order.web_shop.name]  # type: ignore[union-attr]
    [(name, pieces)] = found.items()
    assert name.startswith("returned:register:")
    assert pieces == 2


def test_a_day_begins_at_midnight_where_the_group_is(cast: Cast) -> None:
    midnight = counting.midnight(TUESDAY, cast.nordlys)
    received(cast, now=midnight - timedelta(microseconds=1))
    received(cast, now=midnight)
    counting.count(cast.nordlys.pk, NOW)
    assert {day: counts["came in"] for (day, *_), counts in daily(cast).items()} == {MONDAY: 1, TUESDAY: 1}
    assert weekly(cast)["came in"] == 2


def test_minutes_are_those_in_which_the_shop_is_open(cast: Cast) -> None:
    """It opens an hour after the order came in."""
    OpeningHours.objects.filter(shop=cast.aarhus).delete()
    OpeningHours.objects.create(shop=cast.aarhus, weekday=1, opens="11:00", closes="18:00")
    order = received(cast)
    picking.accept(order, cast.person("aarhus"), NOW + 72 * MINUTE)
    counting.count(cast.nordlys.pk, TOMORROW)
    assert weekly(cast)[f"take:{class_of(12)}"] == 1


def a_week_of_orders(cast: Cast) -> list[WebOrder]:
    received(cast, now=NOW - timedelta(days=1))
    taken_back(cast, delivered(cast), paid_by="cash")
    odense = new_order(shop_id=996002)
    return [picked(cast), picked(cast, "odense", odense, "outlet", missing=(1,)), received(cast)]


def test_shops_and_web_shops_add_up_to_all(cast: Cast) -> None:
    a_week_of_orders(cast)
    counting.count(cast.nordlys.pk, NOW + timedelta(days=2))
    rows = WeeklyFigure.objects.filter(group=cast.nordlys, day=MONDAY)
    by_shop = rows.filter(web_shop=EVERY).exclude(shop=EVERY)
    by_web_shop = rows.filter(shop=EVERY).exclude(web_shop=EVERY)
    by_both = rows.exclude(shop=EVERY).exclude(web_shop=EVERY)
    for part in (by_shop, by_web_shop, by_both):
        assert len(part) >= 2
        assert sum_counts(row.counts for row in part) == weekly(cast)


def everything() -> list[tuple[object, ...]]:
    return [
        row
        for model in (DailyFigure, WeeklyFigure)
        for row in model.objects.order_by("group", "day", "shop", "web_shop").values_list(
            "group", "day", "shop", "web_shop", "counts"
        )
    ]


def test_counting_anew_says_what_counting_night_by_night_said(cast: Cast) -> None:
    ready, _other, new = a_week_of_orders(cast)
    counting.count(cast.nordlys.pk, NOW + MINUTE)
    actor, later = cast.person("aarhus"), NOW + timedelta(days=2)
    delivery.deliver(ready, HAND_OVER, actor, later)
    counting.count(cast.nordlys.pk, later + MINUTE)
    trouble.move_to_shop(new, cast.odense, actor, later + timedelta(days=3))
    counting.count(cast.nordlys.pk, later + timedelta(days=4))
    night_by_night = everything()
    DailyFigure.objects.update(counts={"came in": 99})
    WeeklyFigure.objects.create(group=cast.nordlys, shop=7, web_shop=7, day=MONDAY - timedelta(days=70))
    call_command("count_figures", stdout=(said := StringIO()))
    assert everything() == night_by_night
    assert said.getvalue() == "Nordlys: 7 days\nFjord: 0 days\n"


def test_what_became_of_older_orders_is_counted_in_the_night(cast: Cast) -> None:
    order = picked(cast)
    counting.count(cast.nordlys.pk, NOW + timedelta(hours=1))
    delivery.deliver(order, HAND_OVER, cast.person("aarhus"), TOMORROW)
    # At 23:30 and at 1:30 the next night there is nothing of today; at 2:30 the older days are due.
    evening = NOW.replace(hour=22, minute=30) + timedelta(days=1)
    Counting.objects.update(counted_until=TOMORROW - timedelta(hours=1))
    counting.count(cast.nordlys.pk, evening)
    counting.count(cast.nordlys.pk, evening + timedelta(hours=2))
    assert "delivered" not in weekly(cast)
    counting.count(cast.nordlys.pk, evening + timedelta(hours=3))
    assert weekly(cast)["delivered"] == 1


def test_a_group_is_counted_by_one_worker_and_again_when_that_has_died(cast: Cast) -> None:
    received(cast)
    assert leases.take(Counting.objects.create(group=cast.nordlys), counting.LONGEST_STEP)
    let_leases_age(29 * MINUTE)
    assert counting.count(cast.nordlys.pk, NOW + MINUTE) == 0
    assert counting.count_all(cast.nordlys, NOW + MINUTE) == 0
    assert everything() == []
    let_leases_age(MINUTE)
    assert counting.count(cast.nordlys.pk, NOW + timedelta(hours=3)) == 1
    assert not leases.is_held(Counting.objects.get(group=cast.nordlys))


def test_who_counts_too_slowly_leaves_the_figures_to_the_one_who_took_over(
    cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    received(cast)
    row = Counting.objects.create(group=cast.nordlys)
    began: list[bool] = []

    def fall_asleep() -> None:
        if not began:
            began.append(True)
            let_another_take_over(row)

    with after_each_write("office_counting", fall_asleep):
        assert counting.count(cast.nordlys.pk, NOW) == 0
    assert (began, everything()) == ([True], [])
    row.refresh_from_db()
    assert (row.counted_until, row.today_until, leases.is_held(row)) == (None, None, True)
    assert "the figures of Nordlys are counted by somebody else" in caplog.text


def test_counting_that_fails_holds_up_no_other(cast: Cast) -> None:
    received(cast)
    Group.objects.filter(pk=cast.nordlys.pk).update(time_zone="Nowhere/At_all")
    with pytest.raises(ZoneInfoNotFoundError):
        counting.count(cast.nordlys.pk, NOW)
    Group.objects.filter(pk=cast.nordlys.pk).update(time_zone="Europe/Copenhagen")
    assert counting.count(cast.nordlys.pk, NOW) == 1


def test_no_group_counts_in_anothers_figures(cast: Cast) -> None:
    received(cast, new_order(shop_id=997001), web_shop="fjord")
    counting.count(cast.nordlys.pk, NOW)
    assert everything() == []


@pytest.mark.parametrize("minutes", [0.0, 0.4, 0.99, 1.0, 1.1, 5.0, 59.9, 60.0, 1440.0, 43_200.0])
def test_a_time_that_is_read_is_at_most_five_percent_off(minutes: float) -> None:
    found = middle_of(class_of(minutes))
    assert abs(found - minutes) <= max(0.05 * minutes, 0.5)


def test_half_and_nine_of_ten_are_read_from_the_classes() -> None:
    counts = {f"take:{class_of(5)}": 5, f"take:{class_of(20)}": 4, f"take:{class_of(300)}": 1}
    assert within(counts, Time.TAKE, HALF) == middle_of(class_of(5))
    assert within(counts, Time.TAKE, NINE_OF_TEN) == middle_of(class_of(20))
    assert within({}, Time.TAKE, HALF) is None
