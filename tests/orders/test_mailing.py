"""Mails are rows of the action, sent by workers through a real mail server, and never twice."""

from datetime import timedelta
from threading import Event

import pytest
from django.db import connection, transaction

from core import leases, sending, stopping
from core.causes import WORKER_STOPPED
from ddd.models import Member
from orders import mailing, sync_status
from orders.models import Mail, OrderEvent
from orders.tasks import send_mails, send_mails_of_group
from tests.ddd.rows import Clock
from tests.factories import NOW, Cast, new_order, picked, received
from tests.orders.mail_server import MailServer
from tests.orders.mails import (
    AASE,
    NOT_TAKEN,
    READY,
    REMINDER,
    State,
    a_member,
    mails_sent,
    ready_order,
    sent,
    states,
)
from tests.orders.together import at_once
from tests.passing_time import after_each_write, let_another_take_over

# The row


def test_a_mail_is_written_in_the_transaction_of_the_action(cast: Cast) -> None:
    order = received(cast)
    with transaction.atomic():
        mailing.write(order, REMINDER, "remind:1", NOW)
        transaction.set_rollback(True)
    assert not Mail.objects.exists()


def test_an_action_writes_one_mail_however_often_it_runs(cast: Cast) -> None:
    order = received(cast)
    first = mailing.write(order, REMINDER, "remind:1", NOW)
    second = mailing.write(order, REMINDER, "remind:1", NOW + timedelta(days=1), to="x@y.example")
    assert first == second
    assert (Mail.objects.get().to, Mail.objects.get().not_before) == ("", NOW)


def test_who_writes_says_to_whom_and_in_which_language_or_the_group_does(cast: Cast) -> None:
    order = received(cast)
    mail = mailing.write(order, NOT_TAKEN, "a", NOW, to="office@nordlys.example", language="en")
    assert (mail.to, mail.language) == ("office@nordlys.example", "en")
    assert mailing.write(order, READY, "b", NOW).language == cast.nordlys.language


def test_a_ready_order_of_a_member_has_its_mail_and_no_other_has(cast: Cast) -> None:
    picked(cast)
    order = ready_order(cast)
    assert [(mail.order, mail.kind, mail.action_key) for mail in Mail.objects.all()] == [
        (order, READY, f"ready:{order.pk}")
    ]


def test_an_order_that_ddds_till_has_picked_is_told_of_as_well(cast: Cast) -> None:
    order = received(cast, new_order(customer_number=AASE))
    sync_status.follow_picked(order, [line.pk for line in order.lines.all()], NOW)
    sync_status.follow_picked(order, [line.pk for line in order.lines.all()], NOW)
    assert [mail.kind for mail in order.mails.all()] == [READY]


def test_nothing_is_sent_in_the_transaction_of_the_action(cast: Cast, server: MailServer) -> None:
    ready_order(cast)
    assert server.taken == []
    assert states() == [(State.WAITING, "")]


# Once


def test_a_mail_is_sent_once_and_its_event_says_so(cast: Cast, server: MailServer, clock: Clock) -> None:
    a_member(cast, clock)
    order = ready_order(cast)
    assert sent(cast, clock) == 1
    assert sent(cast, clock) == 0
    assert len(server.taken) == 1
    mail = Mail.objects.get()
    assert (mail.state, mail.reason, mail.sent_at, mail.lease, mail.tries) == (
        State.SENT,
        {},
        clock(),
        "",
        1,
    )
    assert [event.data for event in order.events.filter(kind=OrderEvent.Kind.MAIL_SENT)] == [
        {"mail": "ready"}
    ]


def test_a_worker_that_is_to_stop_begins_no_mail(
    cast: Cast, server: MailServer, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stopping, "_asked", Event())
    a_member(cast, clock)
    ready_order(cast)
    stopping.ask()
    assert sent(cast, clock) == 0
    assert (server.taken, states()) == ([], [(State.WAITING, "")])


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_at_once_one_sends(cast: Cast, server: MailServer, clock: Clock) -> None:
    a_member(cast, clock)
    orders = [ready_order(cast) for _number in range(4)]
    at_once(*[lambda: sent(cast, clock)] * 6)
    sent(cast, clock)
    assert len({message["Message-ID"] for message in server.messages}) == 4
    assert len(server.taken) == 4
    assert [mails_sent(order) for order in orders] == [1] * 4


def test_what_a_dead_worker_left_is_uncertain_and_never_sent_again(
    cast: Cast, server: MailServer, clock: Clock
) -> None:
    a_member(cast, clock)
    order = ready_order(cast)
    mail = mailing.claim(cast.nordlys.pk, clock())
    assert mail is not None
    leases.renew(mail, sending.SENT_WITHIN, state=State.SENDING)
    clock.forward(290)
    assert sent(cast, clock) == 0
    assert states() == [(State.SENDING, "")]
    clock.forward(10)
    assert mailing.groups_with_work(clock()) == [cast.nordlys.pk]
    for _again in range(3):
        assert sent(cast, clock) == 0
    assert states() == [(State.UNCERTAIN, WORKER_STOPPED.sentence)]
    assert mailing.groups_with_work(clock()) == []
    assert (server.taken, mails_sent(order)) == ([], 0)


def test_a_worker_that_died_before_the_last_step_costs_no_mail(
    cast: Cast, server: MailServer, clock: Clock
) -> None:
    a_member(cast, clock)
    ready_order(cast)
    assert mailing.claim(cast.nordlys.pk, clock()) is not None
    assert mailing.claim(cast.nordlys.pk, clock()) is None
    clock.forward(121)
    Member.objects.update(answered_at=clock())
    assert sent(cast, clock) == 1
    assert len(server.taken) == 1


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_was_taken_for_dead_writes_nothing_over_the_others_word(
    cast: Cast, server: MailServer, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    a_member(cast, clock)
    order = ready_order(cast)

    def falls_asleep(step: str) -> None:
        if step == "END":
            clock.forward(301)
            sending.expire_stale_claims(Mail.objects.filter(group=cast.nordlys))
            connection.close()  # the mail server's thread has its own

    server.before = falls_asleep
    sent(cast, clock)
    assert len(server.taken) == 1
    assert states() == [(State.UNCERTAIN, WORKER_STOPPED.sentence)]
    assert mails_sent(order) == 0
    assert "the outcome of a mail is not stored: orders.Mail" in caplog.text


def test_a_worker_that_got_a_mail_ready_too_slowly_leaves_it_to_the_next_one(
    cast: Cast, server: MailServer, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    a_member(cast, clock)
    order = ready_order(cast)
    taken: list[str] = []

    def fall_asleep() -> None:
        mail = Mail.objects.get()
        if leases.is_held(mail) and not taken:
            let_another_take_over(mail)
            taken.append(mail.lease)

    with after_each_write("orders_mail", fall_asleep):
        sent(cast, clock)
    assert (server.taken, mails_sent(order)) == ([], 0)
    assert states() == [(State.WAITING, "")]
    assert leases.is_held(Mail.objects.get())
    assert Mail.objects.get().lease not in taken
    assert "the outcome of a mail is not stored: orders.Mail" in caplog.text


def test_a_group_sends_its_own_mails_only(cast: Cast, server: MailServer, clock: Clock) -> None:
    a_member(cast, clock)
    ready_order(cast)
    assert mailing.groups_with_work(clock()) == [cast.nordlys.pk]
    assert mailing.send_due(cast.fjord.pk, clock) == 0
    assert server.taken == []


def test_the_tasks_send(booked_cast: Cast, server: MailServer) -> None:
    send_mails()
    ready_order(booked_cast)
    assert send_mails_of_group(booked_cast.nordlys.pk) == 1
    assert len(server.taken) == 1
