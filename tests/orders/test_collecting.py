"""An order waits until its collect-by date: one reminder, then its pieces go back and the money too."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.errors import Conflict
from ddd.models import Posting, Sale
from orders import collecting, delivery, sync_status
from orders.collecting import collect_by, give_up, remind, remind_and_cancel_uncollected
from orders.models import Mail, Policy, WebOrder
from tests.factories import HAND_OVER, JUMPER, NOW, SCARF, Cast, again, delivered, new_order, picked, received
from tests.orders.together import at_once, everything, kinds

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
LAST_MOMENT = datetime(2026, 3, 10, 23, 59, 59, tzinfo=COPENHAGEN)  # ready on Tuesday the 3rd, 7 days
MORNING = datetime(2026, 3, 8, 9, 0, tzinfo=COPENHAGEN)  # 2 days before
SECOND = timedelta(seconds=1)


def policy(cast: Cast, **kwargs: int) -> None:
    Policy.objects.update_or_create(group=cast.nordlys, defaults=kwargs)


# Until when


def test_an_order_that_is_ready_is_kept_until_the_end_of_its_last_day(cast: Cast) -> None:
    assert received(cast).collect_by is None
    assert picked(cast).collect_by == LAST_MOMENT
    policy(cast, collect_days=0)
    assert picked(cast).collect_by == LAST_MOMENT - timedelta(days=7)


def test_one_that_ddds_till_has_picked_too(cast: Cast) -> None:
    order = received(cast)
    sync_status.follow_picked(order, [line.pk for line in order.lines.all()], NOW)
    assert again(order).collect_by == LAST_MOMENT


@pytest.mark.parametrize(
    ("zone", "now", "last_day"),
    [
        # Half past midnight in Copenhagen is still yesterday in UTC.
        ("Europe/Copenhagen", datetime(2026, 3, 2, 23, 30, tzinfo=UTC), (2026, 3, 10)),
        ("America/Nuuk", datetime(2026, 3, 3, 1, 0, tzinfo=UTC), (2026, 3, 9)),
        # Over the night in which the clocks go forward, and over the one in which they go back.
        ("Europe/Copenhagen", datetime(2026, 3, 27, 12, 0, tzinfo=UTC), (2026, 4, 3)),
        ("Europe/Copenhagen", datetime(2026, 10, 22, 12, 0, tzinfo=UTC), (2026, 10, 29)),
    ],
)
def test_days_are_those_of_the_group(
    cast: Cast, zone: str, now: datetime, last_day: tuple[int, int, int]
) -> None:
    cast.nordlys.time_zone = zone
    found = collect_by(cast.nordlys, now).astimezone(ZoneInfo(zone))
    assert (found.year, found.month, found.day) == last_day
    assert (found.hour, found.minute, found.second) == (23, 59, 59)


# The reminder


def test_the_customer_is_reminded_once_on_the_morning_of_the_day(cast: Cast) -> None:
    order = picked(cast)
    assert remind_and_cancel_uncollected(MORNING - SECOND) == 0
    assert remind_and_cancel_uncollected(MORNING) == 1
    assert remind_and_cancel_uncollected(MORNING + SECOND) == 0
    assert remind_and_cancel_uncollected(LAST_MOMENT) == 0
    assert kinds(order).count("collect reminded") == 1
    assert again(order).collect_reminded_at == MORNING
    [mail] = Mail.objects.filter(kind=Mail.Kind.REMINDER)
    assert (mail.order, mail.action_key, mail.to) == (order, f"reminder:{order.pk}", "")


def test_workers_that_were_away_in_the_morning_remind_as_long_as_it_helps(cast: Cast) -> None:
    order = picked(cast)
    assert remind_and_cancel_uncollected(LAST_MOMENT - SECOND) == 1
    assert kinds(order).count("collect reminded") == 1


@pytest.mark.slow
@pytest.mark.parametrize(("collect_days", "reminder_days"), [(2, 2), (1, 2), (0, 1), (7, 0)])
def test_who_was_told_today_that_it_is_ready_is_not_reminded_today(
    cast: Cast, collect_days: int, reminder_days: int
) -> None:
    policy(cast, collect_days=collect_days, collect_reminder_days=reminder_days)
    order = picked(cast)
    until = again(order).collect_by
    assert until is not None
    for hours in range(0, 24 * collect_days + 14, 1):
        remind_and_cancel_uncollected(min(NOW + timedelta(hours=hours, minutes=6), until))
    assert "collect reminded" not in kinds(order)


def test_an_order_that_was_collected_meanwhile_is_not_reminded_of(cast: Cast) -> None:
    order = picked(cast)
    stale = again(order)
    delivery.deliver(order, HAND_OVER, cast.person("aarhus"), NOW)
    before = everything(order)
    assert not remind(stale, 2, MORNING)
    assert remind_and_cancel_uncollected(MORNING) == 0
    assert everything(order) == before


# Not collected


def test_who_does_not_come_loses_the_order_and_gets_the_money_back(cast: Cast) -> None:
    order = picked(cast, new=new_order(variants=(JUMPER, SCARF, JUMPER)), missing=(2,))
    before = everything(order)
    collecting.give_up(order, LAST_MOMENT)
    assert everything(order) == before

    assert remind_and_cancel_uncollected(LAST_MOMENT + SECOND) == 1
    assert remind_and_cancel_uncollected(LAST_MOMENT + SECOND) == 0
    order = again(order)
    assert order.status == "Cancelled"
    lines = [(line.status, line.to_put_back, line.put_back_at) for line in order.lines.all()]
    assert lines == [("Cancelled", True, None), ("Missing", False, None), ("Cancelled", True, None)]
    assert kinds(order)[-2:] == ["not collected", "refund due"]
    # The missing piece was told when it was missing; each piece is refunded once.
    refunds = [event.data["lines"] for event in order.events.filter(kind="refund due")]
    assert refunds == [["2"], ["1", "3"]]
    assert not Sale.objects.exists()
    assert list(Posting.objects.values_list("kind", flat=True)) == ["order"]


def test_of_an_unpaid_order_nothing_is_refunded(cast: Cast) -> None:
    order = picked(cast, new=new_order(is_paid=False))
    assert give_up(order, LAST_MOMENT + SECOND)
    assert kinds(order)[-1] == "not collected"


def test_what_was_collected_is_not_cancelled(cast: Cast) -> None:
    order = delivered(cast)
    before = everything(order)
    assert not give_up(order, LAST_MOMENT + SECOND)
    assert remind_and_cancel_uncollected(LAST_MOMENT + SECOND) == 0
    assert everything(order) == before


def test_each_group_has_its_own_days(cast: Cast) -> None:
    Policy.objects.filter(group=cast.fjord).update(collect_days=1)
    theirs = picked(cast, "fjord staff", new_order(shop_id=997001), "fjord")
    ours = picked(cast)
    assert remind_and_cancel_uncollected(NOW + timedelta(days=3)) == 1
    assert (again(theirs).status, again(ours).status) == ("Cancelled", "Picked")


@pytest.mark.django_db(transaction=True)
def test_two_workers_and_a_late_customer_at_once_do_one_thing(cast: Cast) -> None:
    order = picked(cast)
    freja, late = cast.person("aarhus"), LAST_MOMENT + SECOND
    done = at_once(
        *[lambda: remind_and_cancel_uncollected(late)] * 3,
        lambda: delivery.deliver(order, HAND_OVER, freja, late),
    )
    order = again(order)
    found = kinds(order)
    if order.status == "Cancelled":
        assert sorted(str(type(answer)) for answer in done) == sorted([str(int)] * 3 + [str(Conflict)]), done
        assert (found.count("not collected"), found.count("refund due"), found.count("delivered")) == (
            1,
            1,
            0,
        )
        assert not Sale.objects.exists()
    else:
        assert order.status == "Delivered"
        assert (found.count("not collected"), found.count("delivered")) == (0, 1)
        assert Sale.objects.count() == 1


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_workers_that_remind_at_once_write_one_mail(cast: Cast) -> None:
    order = picked(cast)
    done = at_once(*[lambda: remind_and_cancel_uncollected(MORNING)] * 4)
    assert sorted(done, key=str) == [0, 0, 0, 1]
    assert kinds(order).count("collect reminded") == 1
    assert Mail.objects.filter(order=order, kind=Mail.Kind.REMINDER).count() == 1


def test_nobody_waits_for_an_order_without_a_date(cast: Cast) -> None:
    order = picked(cast)
    WebOrder.objects.filter(pk=order.pk).update(collect_by=None)
    before = everything(order)
    assert remind_and_cancel_uncollected(NOW + timedelta(days=400)) == 0
    assert everything(order) == before
