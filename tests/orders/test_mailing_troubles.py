"""Mails that cannot be sent, or not yet, or that are not needed any more, and the reasons stored for them."""

import pytest
from pytest_django import Settings

from core.causes import Cause
from ddd.models import Connection, Member
from orders import delivery, mailing
from orders.causes import BAD_ADDRESS, DDD_AWAY, NO_ADDRESS, NO_MEMBER, NO_NUMBER, NOT_NEEDED_ANY_MORE
from orders.models import Mail
from orders.states import Status
from tests.ddd.rows import Clock
from tests.factories import HAND_OVER, NOW, Cast, again, picked
from tests.orders.mail_server import DROP, MailServer, nobody
from tests.orders.mails import NOT_TAKEN, READY, State, a_member, mails_sent, ready_order, sent, states
from tests.orders.together import everything


@pytest.mark.parametrize(
    ("says", "state", "reason"),
    [
        ({"RCPT": "550 no such user"}, State.NOT_POSSIBLE, "The mail server refused it: "),
        ({"DATA": "554 too large"}, State.NOT_POSSIBLE, "The mail server refused it: "),
        ({"END": "554 looks like spam"}, State.NOT_POSSIBLE, "The mail server refused it: "),
        ({"RCPT": "450 greylisted"}, State.WAITING, "The mail server refused it for now: "),
        ({"END": "451 disk full"}, State.WAITING, "The mail server refused it for now: "),
        ({"MAIL": "553 not your name"}, State.WAITING, "The mail server refused it for now: "),
        ({"CONNECT": "421 too many"}, State.WAITING, "The mail server cannot be used now: "),
        ({"CONNECT": DROP}, State.WAITING, "The mail server cannot be used now: "),
        ({"END": DROP}, State.UNCERTAIN, "Sent, but the mail server did not say that it has it: "),
        ({"DATA": DROP}, State.UNCERTAIN, "Sent, but the mail server did not say that it has it: "),
    ],
)
def test_each_trouble_is_what_it_means_for_sending_again(
    cast: Cast, server: MailServer, clock: Clock, says: dict[str, str], state: str, reason: str
) -> None:
    a_member(cast, clock)
    order = ready_order(cast)
    server.says = says
    assert sent(cast, clock) == 1
    ((found, why),) = states()
    assert found == state
    assert why.startswith(reason)
    assert "aase@kunde.example" not in why
    assert mails_sent(order) == 0
    server.says = {}
    taken = len(server.taken)
    clock.forward(7200)
    Member.objects.update(answered_at=clock())
    sent(cast, clock)
    assert len(server.taken) == taken + (state == State.WAITING)


def test_a_server_that_says_nothing_is_waited_for(cast: Cast, clock: Clock, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", nobody()
    a_member(cast, clock)
    ready_order(cast)
    sent(cast, clock)
    ((state, reason),) = states()
    assert state == State.WAITING
    assert reason.startswith("The mail server cannot be used now: ")


def test_waits_grow_up_to_an_hour(cast: Cast, server: MailServer, clock: Clock) -> None:
    a_member(cast, clock)
    ready_order(cast)
    server.says = {"CONNECT": DROP}
    waits = []
    for _try in range(11):
        sent(cast, clock)
        not_before = Mail.objects.get().not_before
        waits.append(int((not_before - clock()).total_seconds()))
        clock.to(not_before)
        Member.objects.update(answered_at=clock())
    assert waits == [15, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]


def test_a_server_that_is_away_is_tried_three_times_in_a_run(
    cast: Cast, server: MailServer, clock: Clock
) -> None:
    a_member(cast, clock)
    for _number in range(5):
        ready_order(cast)
    server.says = {"CONNECT": DROP}
    assert sent(cast, clock) == 3


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"found": False, "email": ""}, NO_MEMBER),
        ({"email": ""}, NO_ADDRESS),
        ({"email": "aase at kunde"}, BAD_ADDRESS),
        ({"email": "a@b.example\nBcc: x@y.example"}, BAD_ADDRESS),
    ],
)
def test_who_has_no_usable_address_is_not_possible_with_the_reason(
    cast: Cast, server: MailServer, clock: Clock, data: dict[str, object], reason: Cause
) -> None:
    a_member(cast, clock, **data)
    ready_order(cast)
    sent(cast, clock)
    assert states() == [(State.NOT_POSSIBLE, reason.sentence)]
    assert server.taken == []


def test_an_order_whose_number_was_taken_away_is_told_of_to_nobody(
    cast: Cast, server: MailServer, clock: Clock
) -> None:
    order = picked(cast)
    mailing.write(order, READY, "r", clock())
    sent(cast, clock)
    assert states() == [(State.NOT_POSSIBLE, NO_NUMBER.sentence)]


def test_while_ddd_is_away_the_mail_waits(cast: Cast, server: MailServer, clock: Clock) -> None:
    ready_order(cast)
    sent(cast, clock)
    assert states() == [(State.WAITING, DDD_AWAY.sentence)]
    Connection.objects.filter(group=cast.nordlys).delete()
    clock.forward(60)
    sent(cast, clock)
    assert states() == [(State.WAITING, DDD_AWAY.sentence)]


def test_a_worker_asks_ddd_for_the_address_itself(
    booked_cast: Cast, server: MailServer, clock: Clock
) -> None:
    ready_order(booked_cast)
    sent(booked_cast, clock)
    assert [to for to, _message in server.taken] == ["aase.oest@kunde.example"]
    assert Mail.objects.get().to == ""


def test_nobody_is_told_of_an_order_that_has_moved_on(cast: Cast, server: MailServer, clock: Clock) -> None:
    a_member(cast, clock)
    order = ready_order(cast)
    delivery.deliver(order, HAND_OVER, cast.person("aarhus"), NOW)
    sent(cast, clock)
    assert states() == [(State.NOT_NEEDED, NOT_NEEDED_ANY_MORE.sentence)]
    assert server.taken == []


def test_nobody_is_told_that_an_order_waits_once_somebody_has_it(
    cast: Cast, server: MailServer, clock: Clock
) -> None:
    order = picked(cast)
    mailing.write(order, NOT_TAKEN, "n", clock(), to="office@nordlys.example")
    sent(cast, clock)
    assert states() == [(State.NOT_NEEDED, NOT_NEEDED_ANY_MORE.sentence)]


def test_a_failed_try_changes_nothing_but_the_mail(cast: Cast, server: MailServer, clock: Clock) -> None:
    a_member(cast, clock)
    order = ready_order(cast)
    before = everything(order)
    server.says = {"RCPT": "550 no"}
    sent(cast, clock)
    assert everything(again(order)) == before
    assert again(order).status == Status.PICKED
