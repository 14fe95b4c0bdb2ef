"""An order that nobody takes: who is notified when, once, and never while the shop is closed."""

from datetime import date, datetime, time, timedelta
from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts import tablets
from accounts.models import ClosedDay, Membership, OpeningHours, Shop, User
from accounts.tablets import NoAlert
from office.order.timeline import timeline_of
from orders import picking
from orders.escalation import Level, escalate_due, levels_due, untaken_orders
from orders.events import record
from orders.models import Mail, OrderEvent, Policy, WebOrder
from tests.factories import NOW, Cast, again, new_order, received, taken
from tests.orders.together import at_once, everything, kinds

Kind = OrderEvent.Kind
MINUTE = timedelta(minutes=1)
STEPS = (Kind.REMINDED, Kind.MANAGER_TOLD, Kind.HEAD_OFFICE_TOLD)


def at(minutes: float) -> datetime:
    return NOW + minutes * MINUTE


def alert_works(shop: Shop, minutes: float, sound_on: bool = True) -> None:
    """A tablet of the shop reported at this minute."""
    tablets.report(shop, uuid4(), sound_on, NOW + timedelta(days=9), at(minutes))


def escalate(cast: Cast, minutes: float) -> int:
    """Runs the task at this minute, in a shop with a working tablet."""
    alert_works(cast.aarhus, minutes)
    return escalate_due(at(minutes))


def steps(order: WebOrder) -> list[str]:
    return [kind for kind in kinds(order) if kind in STEPS]


def told(order: WebOrder) -> list[str]:
    """The recipients of mails, in order."""
    return list(Mail.objects.filter(order=order).order_by("pk").values_list("to", flat=True))


def works(shop: Shop, opens: int, closes: int) -> None:
    for weekday in range(7):
        OpeningHours.objects.create(shop=shop, weekday=weekday, opens=time(opens), closes=time(closes))


# When


@pytest.mark.parametrize(
    ("waiting", "no_alert", "due"),
    [
        (0, False, []),
        (4.99, False, []),
        (5, False, [1]),
        (9.99, False, [1]),
        (10, False, [1, 2]),
        (20, False, [1, 2, 3]),
        (0, True, [2]),
        (5, True, [1, 2]),
        (20, True, [1, 2, 3]),
    ],
)
def test_levels_are_due_after_the_minutes_of_the_policy(
    waiting: float, no_alert: bool, due: list[int]
) -> None:
    assert levels_due(Policy(), waiting, no_alert) == [Level(level) for level in due]


def test_each_level_comes_at_its_minute_and_once(cast: Cast) -> None:
    order = received(cast)
    seen = []
    for minute in (0, 4.9, 5, 5.25, 9.9, 10, 10.25, 19.9, 20, 20.25, 500):
        escalate(cast, minute)
        seen.append(steps(order))
    assert seen == [
        *([], []),
        *([Kind.REMINDED],) * 3,
        *([Kind.REMINDED, Kind.MANAGER_TOLD],) * 3,
        *([*STEPS],) * 3,
    ]
    assert again(order).escalated == Level.HEAD_OFFICE
    assert told(order) == ["manager@nordlys.example", "office@nordlys.example"]


def test_the_minutes_are_head_offices_choice(cast: Cast) -> None:
    minutes = {"remind_minutes": 1, "manager_minutes": 2, "head_office_minutes": 3}
    Policy.objects.update_or_create(group=cast.nordlys, defaults=minutes)
    order = received(cast)
    for minute, expected in ((0.9, 0), (1, 1), (2, 2), (3, 3)):
        escalate(cast, minute)
        assert again(order).escalated == expected


def test_after_workers_were_away_every_step_that_is_due_is_taken_in_its_order(cast: Cast) -> None:
    order = received(cast)
    assert escalate(cast, 45) == 1
    assert steps(order) == [*STEPS]
    assert told(order) == ["manager@nordlys.example", "office@nordlys.example"]


def test_the_shop_is_reminded_without_a_mail_and_without_a_change_that_web_shops_would_see(
    cast: Cast,
) -> None:
    order = received(cast)
    escalate(cast, 5)
    assert told(order) == []
    assert again(order).modified_at == order.modified_at
    event = order.events.get(kind=Kind.REMINDED)
    assert (event.data["waiting_minutes"], event.data["deaf"], event.actor) == (5, "", None)
    assert (event.shop, event.at) == (cast.aarhus, at(5))


def test_an_order_that_somebody_has_goes_no_further(cast: Cast) -> None:
    order = received(cast)
    escalate(cast, 5)
    picking.accept(order, cast.person("aarhus"), at(6))
    before = everything(order)
    assert escalate(cast, 60) == 0
    assert everything(order) == before
    assert told(order) == []


def test_the_timeline_says_who_was_told_and_why(cast: Cast) -> None:
    order = received(cast)
    escalate_due(at(1))
    told = "The shop manager was told: nobody has taken it"
    entry = next(entry for entry in timeline_of(order, []) if entry.title == told)
    assert entry.details == ("after 1 open min", "no tablet shows its queue", "Mads Lindholm")


# Whom


def test_mails_name_their_address_language_and_moment_and_each_is_one(cast: Cast) -> None:
    User.objects.filter(email="manager@nordlys.example").update(language="en")
    order = received(cast)
    escalate(cast, 20)
    mails = Mail.objects.filter(order=order).order_by("pk")
    assert [(mail.to, mail.language, mail.kind) for mail in mails] == [
        ("manager@nordlys.example", "en", Mail.Kind.NOT_TAKEN),
        ("office@nordlys.example", "da", Mail.Kind.NOT_TAKEN),
    ]
    assert {(mail.group, mail.not_before, mail.state) for mail in mails} == {
        (cast.nordlys, at(20), Mail.State.WAITING)
    }


def test_every_active_manager_of_this_shop_is_told_and_nobody_else(cast: Cast) -> None:
    second = User.objects.create_user("second@nordlys.example", name="Anden", group=cast.nordlys)
    gone = User.objects.create_user(
        "gone@nordlys.example", name="Væk", group=cast.nordlys, is_active=False, is_head_office=True
    )
    for person, shop in ((second, cast.aarhus), (gone, cast.aarhus), (cast.person("odense"), cast.odense)):
        Membership.objects.update_or_create(
            user=person, shop=shop, defaults={"role": Membership.Role.MANAGER}
        )
    order = received(cast)
    escalate(cast, 20)
    assert told(order) == ["manager@nordlys.example", "second@nordlys.example", "office@nordlys.example"]


def test_without_a_manager_head_office_is_notified_instead(cast: Cast) -> None:
    Membership.objects.filter(role=Membership.Role.MANAGER).delete()
    order = received(cast)
    escalate(cast, 5)
    assert steps(order) == [Kind.REMINDED]
    escalate(cast, 10)
    assert steps(order) == [Kind.REMINDED, Kind.HEAD_OFFICE_TOLD]
    assert told(order) == ["office@nordlys.example"]
    assert escalate(cast, 20) == 0


def test_without_anybody_at_head_office_its_page_tells_all_the_same(cast: Cast) -> None:
    User.objects.filter(is_head_office=True).update(is_active=False)
    order = received(cast)
    escalate(cast, 20)
    assert steps(order) == [*STEPS]
    assert [one.order for one in untaken_orders(cast.nordlys, at(21))] == [order]


# A shop without alerts


@pytest.mark.parametrize("reason", [NoAlert.NO_TABLET, NoAlert.SOUND_OFF, NoAlert.ASLEEP])
def test_a_shop_without_alerts_is_escalated_at_once(cast: Cast, reason: NoAlert) -> None:
    order = received(cast)
    if reason == NoAlert.SOUND_OFF:
        alert_works(cast.aarhus, 0, sound_on=False)
    if reason == NoAlert.ASLEEP:
        alert_works(cast.aarhus, -2)
    assert escalate_due(NOW) == 1
    assert steps(order) == [Kind.MANAGER_TOLD]
    assert order.events.get(kind=Kind.MANAGER_TOLD).data["deaf"] == reason
    assert told(order) == ["manager@nordlys.example"]
    assert escalate_due(at(5)) == 0
    assert escalate_due(at(20)) == 1
    assert steps(order) == [Kind.MANAGER_TOLD, Kind.HEAD_OFFICE_TOLD]


def test_a_shop_that_loses_its_alerts_is_escalated_at_once_too(cast: Cast) -> None:
    order = received(cast)
    alert_works(cast.aarhus, 0)
    assert escalate_due(at(1.4)) == 0
    assert escalate_due(at(1.5)) == 1
    assert steps(order) == [Kind.MANAGER_TOLD]


def test_a_tablet_counts_for_its_own_shop_only(cast: Cast) -> None:
    order = received(cast)
    alert_works(cast.odense, 0)
    escalate_due(NOW)
    assert steps(order) == [Kind.MANAGER_TOLD]


# Opening hours


def test_nobody_is_told_while_the_shop_is_closed_and_the_night_does_not_count(cast: Cast) -> None:
    works(cast.aarhus, 9, 18)  # Copenhagen's; NOW is ten there
    order = received(cast, now=at(8 * 60 - 3))  # three minutes before it closes
    for minute in (8 * 60, 8 * 60 + 5, 23 * 60 - 1):
        assert escalate_due(at(minute)) == 0  # no alerts either, but closed
    morning = 23 * 60
    assert escalate(cast, morning + 1.9) == 0
    assert escalate(cast, morning + 2) == 1
    assert steps(order) == [Kind.REMINDED]
    assert order.events.get(kind=Kind.REMINDED).data["waiting_minutes"] == 5


def test_nobody_is_told_on_a_holiday(cast: Cast) -> None:
    ClosedDay.objects.create(group=cast.nordlys, day=date(2026, 3, 3))
    order = received(cast)
    assert escalate_due(at(60)) == 0
    assert steps(order) == []


def test_the_promise_counts_the_hours_in_which_the_shop_is_open(cast: Cast) -> None:
    works(cast.aarhus, 9, 18)
    evening = at(7 * 60 + 30)  # half past five
    assert received(cast, now=evening).promised_at == at(23 * 60 + 30)
    assert received(cast, new_order(shop_id=996002), now=evening).promised_at == evening + 60 * MINUTE


# Moved, two at once, several Groups


def test_a_moved_order_is_escalated_again_in_its_new_shop(cast: Cast) -> None:
    Membership.objects.filter(user=cast.person("odense")).update(role=Membership.Role.MANAGER)
    order = received(cast)
    escalate(cast, 20)
    WebOrder.objects.filter(pk=order.pk).update(shop=cast.odense, escalated=0)
    record(again(order), Kind.MOVED, at(21))
    alert_works(cast.odense, 25.9)
    assert escalate_due(at(25.9)) == 0
    alert_works(cast.odense, 31)
    assert escalate_due(at(31)) == 1
    assert told(order)[2:] == ["odense@nordlys.example"]
    assert {event.shop for event in order.events.all()[4:]} == {cast.odense}


@pytest.mark.django_db(transaction=True)
def test_two_beats_at_once_tell_once(cast: Cast) -> None:
    order = received(cast)
    alert_works(cast.aarhus, 20)
    done = at_once(*[lambda: escalate_due(at(20))] * 4)
    assert sorted(map(str, done)) == ["0", "0", "0", "1"]
    assert steps(order) == [*STEPS]
    assert told(order) == ["manager@nordlys.example", "office@nordlys.example"]


@pytest.mark.django_db(transaction=True)
def test_taking_an_order_while_it_is_escalated_stays_consistent(cast: Cast) -> None:
    order = received(cast)
    alert_works(cast.aarhus, 5)
    at_once(lambda: escalate_due(at(5)), lambda: picking.accept(order, cast.person("aarhus"), at(5)))
    assert again(order).taken_by == cast.person("aarhus")
    assert [kind for kind in kinds(order) if kind != Kind.CREATED] in (
        [Kind.ACCEPTED],
        [Kind.REMINDED, Kind.ACCEPTED],
    )


def test_a_group_that_cannot_be_escalated_holds_up_no_other(
    cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    broken, well = received(cast), received(cast, new_order(shop_id=997001), "fjord")
    cast.nordlys.time_zone = "Nowhere/At all"
    cast.nordlys.save()
    assert escalate_due(NOW) == 1
    assert (steps(broken), len(steps(well))) == ([], 1)
    assert "cannot be escalated now" in caplog.text


def test_one_order_more_is_no_question_more_until_it_is_due(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    alert_works(cast.aarhus, 0)
    for _number in range(3):
        received(cast)
    with django_assert_num_queries(5):  # orders; policy; hours, closed days; tablets
        assert escalate_due(NOW) == 0


# What head office sees


def test_head_office_sees_what_nobody_takes_until_somebody_does(cast: Cast) -> None:
    first, second = received(cast), received(cast, now=at(2))
    other = received(cast, new_order(shop_id=997001), "fjord")
    escalate(cast, 22)
    alert_works(cast.odense, 22)
    found = untaken_orders(cast.nordlys, at(30))
    assert [(one.order, one.waiting) for one in found] == [(first, 30), (second, 28)]
    assert found[0].reach.why == NoAlert.ASLEEP
    assert [one.order for one in untaken_orders(cast.fjord, at(30))] == [other]
    picking.accept(first, cast.person("aarhus"), at(31))
    assert [one.order for one in untaken_orders(cast.nordlys, at(31))] == [second]


def test_what_was_taken_was_never_in_it(cast: Cast) -> None:
    taken(cast)
    escalate(cast, 60)
    assert untaken_orders(cast.nordlys, at(60)) == []
