"""Tablets: each says that it lives, and head office sees the shops that would not hear an alert."""

from datetime import date, time, timedelta
from uuid import UUID, uuid4

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts import tablets
from accounts.models import ClosedDay, OpeningHours, Shop, Tablet
from accounts.tablets import (
    NoAlert,
    alert_reach_of,
    can_alert,
    forget_unseen,
    report,
    shops_without_alert,
    why_no_alert,
)
from tests.factories import NOW, Cast
from tests.orders.together import at_once

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
NEXT_WEEK = NOW + 7 * DAY


def seen(
    shop: Shop,
    ago: timedelta = timedelta(0),
    sound_on: bool = True,
    session_left: timedelta = DAY,
    number: UUID | None = None,
) -> Tablet:
    """A tablet that reported so long before NOW."""
    return report(shop, number or uuid4(), sound_on, NOW + session_left, NOW - ago)


def why(shop: Shop) -> NoAlert | None:
    return alert_reach_of([shop], NOW)[shop.pk].why


def test_a_tablet_is_one_however_often_it_reports(cast: Cast) -> None:
    number = uuid4()
    report(cast.aarhus, number, False, None, NOW)
    report(cast.aarhus, number, True, NEXT_WEEK, NOW + 30 * SECOND)
    tablet = cast.aarhus.tablets.get()
    assert (tablet.sound_on, tablet.session_until) == (True, NEXT_WEEK)
    assert (tablet.first_seen_at, tablet.last_seen_at) == (NOW, NOW + 30 * SECOND)


def test_a_tablet_that_shows_another_shop_is_that_shops(cast: Cast) -> None:
    number = uuid4()
    seen(cast.aarhus, number=number)
    seen(cast.odense, number=number)
    assert list(cast.aarhus.tablets.all()) == []
    assert (cast.odense.tablets.count(), cast.aarhus.tablets.count()) == (1, 0)


def test_the_number_of_another_groups_tablet_moves_nothing(cast: Cast) -> None:
    number, stranger = uuid4(), cast.shop(997001)
    seen(stranger, number=number)
    seen(cast.aarhus, number=number)
    assert (stranger.tablets.count(), cast.aarhus.tablets.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_the_first_reports_of_one_tablet_at_one_moment_make_one(cast: Cast) -> None:
    number = uuid4()
    done = at_once(*[lambda: report(cast.aarhus, number, True, NEXT_WEEK, NOW)] * 4)
    assert [one for one in done if isinstance(one, Exception)] == []
    assert Tablet.objects.count() == 1


@pytest.mark.parametrize(
    ("ago", "sound_on", "session_left", "expected"),
    [
        (0 * SECOND, True, DAY, None),
        (89 * SECOND, True, DAY, None),
        (90 * SECOND, True, DAY, NoAlert.ASLEEP),
        (0 * SECOND, False, DAY, NoAlert.SOUND_OFF),
        (90 * SECOND, False, DAY, NoAlert.ASLEEP),
        (0 * SECOND, True, SECOND, None),
        (0 * SECOND, True, 0 * SECOND, NoAlert.SESSION_OVER),
        (90 * SECOND, False, -DAY, NoAlert.SESSION_OVER),
    ],
)
def test_an_alert_needs_a_tablet_that_is_alive_has_sound_and_is_logged_in(
    cast: Cast, ago: timedelta, sound_on: bool, session_left: timedelta, expected: NoAlert | None
) -> None:
    tablet = seen(cast.aarhus, ago, sound_on, session_left)
    assert why_no_alert(tablet, NOW) == expected
    assert can_alert(tablet, NOW) is (expected is None)
    assert why(cast.aarhus) == expected


def test_a_tablet_without_a_session_does_not_hear(cast: Cast) -> None:
    assert why_no_alert(report(cast.aarhus, uuid4(), True, None, NOW), NOW) == NoAlert.SESSION_OVER


def test_one_tablet_that_can_alert_is_enough_for_its_shop(cast: Cast) -> None:
    assert why(cast.aarhus) == NoAlert.NO_TABLET
    seen(cast.odense)
    assert why(cast.aarhus) == NoAlert.NO_TABLET
    seen(cast.aarhus, sound_on=False)
    assert why(cast.aarhus) == NoAlert.SOUND_OFF
    seen(cast.aarhus, ago=60 * SECOND)
    assert why(cast.aarhus) is None
    seen(cast.aarhus, ago=DAY)
    assert why(cast.aarhus) is None


def test_of_several_tablets_without_alert_the_one_seen_last_gives_the_reason(cast: Cast) -> None:
    latest = seen(cast.aarhus, ago=10 * SECOND, sound_on=False)
    seen(cast.aarhus, ago=DAY)
    reach = alert_reach_of([cast.aarhus], NOW)[cast.aarhus.pk]
    assert (reach.tablet, reach.why) == (latest, NoAlert.SOUND_OFF)


def test_head_office_sees_its_shops_without_alert_and_the_reasons(cast: Cast) -> None:
    seen(cast.aarhus)
    seen(cast.odense, sound_on=False)
    seen(cast.shop(997001), ago=DAY)
    found = {reach.shop.shop_id: reach.why for reach in shops_without_alert(cast.nordlys, NOW)}
    assert found == {996002: NoAlert.SOUND_OFF, 996003: NoAlert.NO_TABLET}
    assert [reach.why for reach in shops_without_alert(cast.fjord, NOW)] == [NoAlert.ASLEEP]


def test_a_shop_that_is_closed_need_not_hear(cast: Cast) -> None:
    for weekday in range(7):  # NOW is ten o'clock in Copenhagen
        OpeningHours.objects.create(shop=cast.aarhus, weekday=weekday, opens=time(11), closes=time(18))
    assert 996001 not in {reach.shop.shop_id for reach in shops_without_alert(cast.nordlys, NOW)}
    assert 996001 in {
        reach.shop.shop_id for reach in shops_without_alert(cast.nordlys, NOW + timedelta(hours=1))
    }


def test_a_holiday_of_one_shop_or_of_the_group_closes_its_shops(cast: Cast) -> None:
    ClosedDay.objects.create(group=cast.nordlys, shop=cast.odense, day=date(2026, 3, 3))
    ClosedDay.objects.create(group=cast.fjord, day=date(2026, 3, 3))
    assert [reach.shop.shop_id for reach in shops_without_alert(cast.nordlys, NOW)] == [996001, 996003]
    assert shops_without_alert(cast.fjord, NOW) == []
    assert len(shops_without_alert(cast.fjord, NOW + DAY)) == 1


def test_shops_without_alert_take_four_queries(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for shop in (cast.aarhus, cast.odense):
        for _number in range(5):
            seen(shop, ago=DAY)
    with django_assert_num_queries(4):
        assert len(shops_without_alert(cast.nordlys, NOW)) == 3


def test_a_tablet_that_nobody_switches_on_for_a_month_is_forgotten(cast: Cast) -> None:
    kept = seen(cast.aarhus, ago=30 * DAY)
    seen(cast.odense, ago=30 * DAY + SECOND)
    assert forget_unseen(NOW) == 1
    assert Tablet.objects.get() == kept
    assert forget_unseen(NOW) == 0


def test_the_end_of_a_session_is_the_servers_word(cast: Cast) -> None:
    assert tablets.end_of_session(None) is None
    assert tablets.end_of_session("not-a-session") is None
