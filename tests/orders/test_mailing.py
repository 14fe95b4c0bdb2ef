"""Mails are rows of the deed, sent by workers through a real mail server, and never twice."""

import io
from collections.abc import Iterator
from datetime import time, timedelta

import pytest
import zxingcpp
from django.db import connection, transaction
from PIL import Image
from pytest_django import Settings

from accounts.models import ClosedDay, Group, OpeningHours
from ddd.models import Connection, Member
from orders import delivery, following, mailing
from orders.letters import hours_in_words
from orders.models import Mail, OrderEvent, WebOrder
from orders.reasons import (
    BAD_ADDRESS,
    DDD_AWAY,
    NO_ADDRESS,
    NO_MEMBER,
    NO_NUMBER,
    NOT_NEEDED_ANY_MORE,
    WORKER_STOPPED,
)
from orders.states import Status
from orders.tasks import send_mails, send_mails_of_group
from tests.ddd.rows import Clock
from tests.factories import HAND_OVER, NOW, Cast, again, new_order, picked, received
from tests.orders.mail_server import DROP, MailServer, mail_server, nobody
from tests.orders.together import at_once, everything

AASE = 100042
READY, REMINDER, NOT_TAKEN = Mail.Kind.READY, Mail.Kind.REMINDER, Mail.Kind.NOT_TAKEN
State = Mail.State


@pytest.fixture
def server(settings: Settings) -> Iterator[MailServer]:
    with mail_server() as running:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", running.port, 2
        settings.DEFAULT_FROM_EMAIL = "portal@nordlys.example"
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()


def a_member(cast: Cast, clock: Clock, **facts: object) -> Member:
    """DdD has just said who she is."""
    told = {"found": True, "name": "Åse Øst", "email": "aase@kunde.example", **facts}
    return Member.objects.create(
        group=cast.nordlys, customer_number=AASE, asked_at=clock(), answered_at=clock(), **told
    )


def ready_order(cast: Cast, order_no: str = "", **more: object) -> WebOrder:
    return picked(cast, new=new_order(order_no, customer_number=AASE, **more))  # type: ignore[arg-type]


def sent(cast: Cast, clock: Clock) -> int:
    return mailing.send_due(cast.nordlys.pk, clock)


def states() -> list[tuple[str, str]]:
    return list(Mail.objects.order_by("pk").values_list("state", "reason"))


def mails_sent(order: WebOrder) -> int:
    return order.events.filter(kind=OrderEvent.Kind.MAIL_SENT).count()


# The row


def test_a_mail_is_written_with_the_deed_or_not_at_all(cast: Cast) -> None:
    order = received(cast)
    with transaction.atomic():
        mailing.write(order, REMINDER, "remind:1", NOW)
        transaction.set_rollback(True)
    assert not Mail.objects.exists()


def test_a_deed_has_one_mail_however_often_it_is_written(cast: Cast) -> None:
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
    assert [(mail.order, mail.kind, mail.deed) for mail in Mail.objects.all()] == [
        (order, READY, f"ready:{order.pk}")
    ]


def test_an_order_that_ddds_till_has_picked_is_told_of_as_well(cast: Cast) -> None:
    order = received(cast, new_order(customer_number=AASE))
    following.follow_picked(order, [line.pk for line in order.lines.all()], NOW)
    following.follow_picked(order, [line.pk for line in order.lines.all()], NOW)
    assert [mail.kind for mail in order.mails.all()] == [READY]


def test_nothing_is_sent_from_the_deed_itself(cast: Cast, server: MailServer) -> None:
    ready_order(cast)
    assert server.taken == []
    assert states() == [(State.WAITING, "")]


# What goes out


def test_the_member_is_told_all_that_she_needs(cast: Cast, server: MailServer, clock: Clock) -> None:
    Group.objects.update(language="en")
    a_member(cast, clock)
    order = ready_order(cast, "W-10231", is_paid=False)
    WebOrder.objects.filter(pk=order.pk).update(collect_by=NOW + timedelta(days=7), pickup_code="042042")
    for weekday in range(5):
        OpeningHours.objects.create(shop=cast.aarhus, weekday=weekday, opens=time(10), closes=time(17, 30))
    OpeningHours.objects.create(shop=cast.aarhus, weekday=5, opens=time(10), closes=time(14))
    clock.now = NOW + timedelta(hours=1)
    Member.objects.update(answered_at=clock())
    ClosedDay.objects.create(group=cast.nordlys, day=(NOW + timedelta(days=3)).date())
    ClosedDay.objects.create(group=cast.nordlys, shop=cast.odense, day=(NOW + timedelta(days=4)).date())
    assert sent(cast, clock) == 1

    ((to, message),) = server.taken
    assert to == "aase@kunde.example"
    assert message["Subject"] == "Your order W-10231 is ready in Aarhus"
    assert (message["From"].addresses[0].display_name, message["From"].addresses[0].addr_spec) == (
        "Nordlys",
        "portal@nordlys.example",
    )
    for part in ("plain", "html"):
        body = message.get_body((part,))
        assert body is not None
        words = body.get_content()
        for fact in (
            "Your order W-10231 is ready for you in Aarhus.",
            "042042",
            "Please collect it by Tuesday 10 March.",
            "To pay in the shop: 399.90 DKK",
            "Søndergade 12",
            "Monday – Friday: 10:00 – 17:30",
            "Saturday: 10:00 – 14:00",
            "Closed on Friday 6 March",
            "Wool jumper Skagerrak",
            "Scarf Løvfald",
            "199.95 DKK",
        ):
            assert fact in words, (part, fact)
        assert "Saturday 7 March" not in words
        assert "&" not in words


def test_the_code_in_the_picture_reads_back(cast: Cast, server: MailServer, clock: Clock) -> None:
    a_member(cast, clock)
    order = ready_order(cast)
    WebOrder.objects.filter(pk=order.pk).update(pickup_code="000007")
    sent(cast, clock)
    (message,) = server.messages
    assert message.get_content_type() == "multipart/related"
    (picture,) = [part for part in message.walk() if part.get_content_type() == "image/png"]
    assert picture["Content-ID"] == "<pick-up-code>"
    assert picture.get_content_disposition() == "inline"
    html = message.get_body(("html",))
    assert html is not None
    assert 'src="cid:pick-up-code"' in html.get_content()
    drawn = Image.open(io.BytesIO(picture.get_content()))
    assert [code.text for code in zxingcpp.read_barcodes(drawn)] == ["000007"]


def test_what_was_not_found_is_told_and_not_charged(cast: Cast, server: MailServer, clock: Clock) -> None:
    Group.objects.update(language="en")
    a_member(cast, clock)
    picked(cast, new=new_order(customer_number=AASE), missing=(1,))
    sent(cast, clock)
    body = server.messages[0].get_body(("plain",))
    assert body is not None
    found, missing = body.get_content().split("Sorry, we could not find these; the web shop pays them back:")
    assert "Scarf Løvfald" in found
    assert "Wool jumper Skagerrak" not in found
    assert "Wool jumper Skagerrak" in missing


def test_markup_and_line_breaks_in_names_are_text(cast: Cast, server: MailServer, clock: Clock) -> None:
    a_member(cast, clock)
    cast.nordlys.shops.filter(shop_id=996001).update(name="Aar<b>hus\nBcc: x@y.example")
    ready_order(cast)
    sent(cast, clock)
    (message,) = server.messages
    assert message["Bcc"] is None
    html, plain = message.get_body(("html",)), message.get_body(("plain",))
    assert html is not None
    assert plain is not None
    assert "Aar&lt;b&gt;hus" in html.get_content()
    assert "Aar<b>hus" in plain.get_content()


def test_the_reminder_says_until_when(cast: Cast, server: MailServer, clock: Clock) -> None:
    Group.objects.update(language="en")
    a_member(cast, clock)
    order = picked(cast, new=new_order("W-5", customer_number=AASE))
    Mail.objects.all().delete()
    WebOrder.objects.update(collect_by=NOW + timedelta(days=7))
    mailing.write(again(order), REMINDER, "remind:1", clock())
    sent(cast, clock)
    (message,) = server.messages
    assert message["Subject"] == "Your order W-5 still waits for you in Aarhus"
    body = message.get_body(("plain",))
    assert body is not None
    assert "After Tuesday 10 March it goes back on the shelf." in body.get_content()
    assert order.pickup_code in body.get_content()


@pytest.mark.parametrize(("who", "path"), [("office", "/orders/{pk}/"), ("manager", "/pos/orders/{pk}/")])
def test_colleagues_get_the_shop_how_long_and_the_page_that_they_may_see(
    cast: Cast, server: MailServer, clock: Clock, settings: Settings, who: str, path: str
) -> None:
    settings.PORTAL_URL = "https://collect.example"
    order = received(cast, new_order("W-9"))
    OrderEvent.objects.create(
        group=cast.nordlys,
        shop=cast.aarhus,
        order=order,
        kind=OrderEvent.Kind.MANAGER_TOLD,
        facts={"waiting_minutes": 12},
        at=NOW,
    )
    mailing.write(order, NOT_TAKEN, "n", clock(), to=cast.person(who).email, language="en")
    sent(cast, clock)
    ((to, message),) = server.taken
    assert to == cast.person(who).email
    assert message["Subject"] == "Nobody in Aarhus has taken order W-9"
    for part in ("plain", "html"):
        body = message.get_body((part,))
        assert body is not None
        assert "It has waited for 12 minutes while the shop was open." in body.get_content()
        assert f"https://collect.example{path.format(pk=order.pk)}" in body.get_content()
    assert "image/png" not in [one.get_content_type() for one in message.walk()]


def test_days_that_follow_each_other_with_the_same_hours_stand_together(cast: Cast) -> None:
    def on(weekday: int, opens: int = 10) -> OpeningHours:
        return OpeningHours(weekday=weekday, opens=time(opens), closes=time(18))

    assert hours_in_words([on(0), on(1), on(3), on(4, 9)]) == [
        ("Monday – Tuesday", "10:00 – 18:00"),
        ("Thursday", "10:00 – 18:00"),
        ("Friday", "09:00 – 18:00"),
    ]


# Once


def test_a_mail_is_sent_once_and_its_event_says_so(cast: Cast, server: MailServer, clock: Clock) -> None:
    a_member(cast, clock)
    order = ready_order(cast)
    assert sent(cast, clock) == 1
    assert sent(cast, clock) == 0
    assert len(server.taken) == 1
    mail = Mail.objects.get()
    assert (mail.state, mail.reason, mail.sent_at, mail.claimed_at, mail.tries) == (
        State.SENT,
        "",
        clock(),
        None,
        1,
    )
    assert [event.facts for event in order.events.filter(kind=OrderEvent.Kind.MAIL_SENT)] == [
        {"mail": "ready"}
    ]


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
    Mail.objects.update(state=State.SENDING, claimed_at=clock())
    clock.forward(299)
    assert sent(cast, clock) == 0
    assert states() == [(State.SENDING, "")]
    clock.forward(2)
    assert mailing.groups_with_work(clock()) == [cast.nordlys.pk]
    for _again in range(3):
        assert sent(cast, clock) == 0
    assert states() == [(State.UNCERTAIN, WORKER_STOPPED)]
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
    cast: Cast, server: MailServer, clock: Clock
) -> None:
    a_member(cast, clock)
    order = ready_order(cast)

    def falls_asleep(step: str) -> None:
        if step == "END":
            clock.forward(301)
            mailing.lay_bare_what_dead_workers_left(cast.nordlys.pk, clock())
            connection.close()  # the mail server's thread has its own

    server.before = falls_asleep
    sent(cast, clock)
    assert len(server.taken) == 1
    assert states() == [(State.UNCERTAIN, WORKER_STOPPED)]
    assert mails_sent(order) == 0


# What can go wrong


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
        clock.now = not_before
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
    ("facts", "reason"),
    [
        ({"found": False, "email": ""}, NO_MEMBER),
        ({"email": ""}, NO_ADDRESS),
        ({"email": "aase at kunde"}, BAD_ADDRESS),
        ({"email": "a@b.example\nBcc: x@y.example"}, BAD_ADDRESS),
    ],
)
def test_who_has_no_usable_address_is_not_possible_with_the_reason(
    cast: Cast, server: MailServer, clock: Clock, facts: dict[str, object], reason: str
) -> None:
    a_member(cast, clock, **facts)
    ready_order(cast)
    sent(cast, clock)
    assert states() == [(State.NOT_POSSIBLE, reason)]
    assert server.taken == []


def test_an_order_whose_number_was_taken_away_is_told_of_to_nobody(
    cast: Cast, server: MailServer, clock: Clock
) -> None:
    order = picked(cast)
    mailing.write(order, READY, "r", clock())
    sent(cast, clock)
    assert states() == [(State.NOT_POSSIBLE, NO_NUMBER)]


def test_while_ddd_is_away_the_mail_waits(cast: Cast, server: MailServer, clock: Clock) -> None:
    ready_order(cast)
    sent(cast, clock)
    assert states() == [(State.WAITING, DDD_AWAY)]
    Connection.objects.filter(group=cast.nordlys).delete()
    clock.forward(60)
    sent(cast, clock)
    assert states() == [(State.WAITING, DDD_AWAY)]


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
    assert states() == [(State.NOT_NEEDED, NOT_NEEDED_ANY_MORE)]
    assert server.taken == []


def test_nobody_is_told_that_an_order_waits_once_somebody_has_it(
    cast: Cast, server: MailServer, clock: Clock
) -> None:
    order = picked(cast)
    mailing.write(order, NOT_TAKEN, "n", clock(), to="office@nordlys.example")
    sent(cast, clock)
    assert states() == [(State.NOT_NEEDED, NOT_NEEDED_ANY_MORE)]


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


def test_a_failed_try_changes_nothing_but_the_mail(cast: Cast, server: MailServer, clock: Clock) -> None:
    a_member(cast, clock)
    order = ready_order(cast)
    before = everything(order)
    server.says = {"RCPT": "550 no"}
    sent(cast, clock)
    assert everything(again(order)) == before
    assert again(order).status == Status.PICKED
