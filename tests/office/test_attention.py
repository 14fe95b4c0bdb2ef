"""Head office's work list: what DdD refused or nobody knows, decided by a person, and what DdD said."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from accounts.tablets import report
from core.causes import as_it_is
from ddd.models import Connection, Notice, Posting, SharedEan
from ddd.sending import dispatch
from ddd.words.causes import AMOUNT, PAYMENTS
from orders import mailing, picking
from orders.escalation import escalate_due
from orders.models import Mail, WebOrder
from tests.core.pages import Answer, Page, browser
from tests.ddd.rows import Clock, drain_to_the_end
from tests.factories import NOW, Cast, delivered, received
from tests.sandbox_process import RunningSandbox

pytestmark = pytest.mark.any_database

DECISIONS = ["Send again", "It did arrive", "Give up"]
State = Posting.State
FOUND = {PAYMENTS.code: 2, AMOUNT.code: ""}


@pytest.fixture
def office(cast: Cast) -> Client:
    """Karen at head office, in English."""
    return browser(cast, "office")


@pytest.fixture
def refused(cast: Cast) -> Posting:
    """A sale that DdD refused."""
    return put_before_a_person(delivered(cast), "sale", State.REJECTED)


def put_before_a_person(order: WebOrder, kind: str, state: State) -> Posting:
    """As the worker leaves it."""
    postings = Posting.objects.filter(order_no=order.order_no, kind=kind)
    postings.update(state=state, needs_attention=True, reason=as_it_is("DdD said no: ShopId"), evidence=FOUND)
    return postings.get()


def decide(client: Client, posting: Posting, decision: str, **more: str) -> Answer:
    return client.post(f"/orders/attention/{posting.pk}/", {"decision": decision, **more})


def state_of(posting: Posting) -> tuple[object, ...]:
    posting.refresh_from_db()
    return posting.state, posting.needs_attention, posting.settled_by_id, posting.attempts.count()


# What stands there


def test_nothing_to_decide_is_said_in_words(office: Client) -> None:
    page = Page(office.get("/orders/attention/"))
    assert (
        "Nothing waits here: Orders that nobody takes · Refused by DdD · Nobody knows whether DdD has it · "
        "Sales of which nobody has said who books them · Delivered unpaid by DdD's till · "
        "Eans that several variants share · Words that DdD used and nobody knows · "
        "What DdD said and nobody understood · Mails that may not have come"
    ) in page.text
    assert "DdD answers." in page.text
    assert [name for name in page.buttons if name in (*DECISIONS, "Seen to")] == []


def test_what_ddd_refused_is_listed_with_its_reason_until_it_is_decided(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    office, order = browser(booked_cast, "office"), delivered(booked_cast)
    sandbox.fault("refuse", times=1, on="sale")
    drain_to_the_end(booked_cast.nordlys.pk, Clock())
    page = Page(office.get("/orders/attention/"))
    assert next(row for row in page.rows if row.startswith("Sale")).startswith(
        f"Sale Web turnover · receipt 99/1 · 399.90 DKK {order.order_no} Rejected DdD refused it with 400"
    )
    assert "DdD refused it. Nothing is booked; nothing is sent again until somebody decides." in page.text
    assert "Needs attention 1" in page.links
    assert [name for name in page.buttons if name in DECISIONS] == DECISIONS
    assert decide(office, Posting.objects.get(kind="sale"), "send again")["Location"] == "/orders/attention/"
    drain_to_the_end(booked_cast.nordlys.pk, Clock())
    assert len(sandbox.ledger()["sales"]) == 1
    assert "Needs attention" in Page(office.get("/orders/attention/")).links


def test_what_reading_cannot_decide_is_listed_with_the_evidence(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    office = browser(booked_cast, "office")
    delivered(booked_cast)
    Connection.objects.update(drafts_are_listed=False)
    sandbox.fault("lose the connection before committing", on="transfer")
    drain_to_the_end(booked_cast.nordlys.pk, Clock())
    page = Page(office.get("/orders/attention/"))
    assert "Item transfer Aarhus → Web turnover · 2 pieces" in page.text
    assert "Uncertain" in page.text
    assert "Nobody knows whether DdD has it. Look in DdD before you decide." in page.text
    assert "new between the two shops –" in page.text
    assert [name for name in page.buttons if name in DECISIONS] == DECISIONS


def test_that_ddd_is_silent_is_said_with_since_when(booked_cast: Cast, sandbox: RunningSandbox) -> None:
    received(booked_cast)
    sandbox.fault("503")
    dispatch.drain(booked_cast.nordlys.pk)
    text = Page(browser(booked_cast, "office").get("/orders/attention/")).text
    assert "DdD does not answer as it should since today" in text
    assert "503" in text
    assert "DdD answers." in Page(browser(booked_cast, "fjord office").get("/orders/attention/")).text


def test_a_group_without_a_connection_is_told_so(cast: Cast, office: Client) -> None:
    Connection.objects.filter(group=cast.nordlys).delete()
    assert "This Group has no connection to DdD yet." in Page(office.get("/orders/attention/")).text


@pytest.mark.parametrize(("kind", "count"), [("sale", 1), ("sale", 20)])
def test_the_work_list_asks_as_much_however_long_it_is(
    cast: Cast, office: Client, django_assert_num_queries: DjangoAssertNumQueries, kind: str, count: int
) -> None:
    for number in range(count):
        put_before_a_person(delivered(cast), kind, State.REJECTED)
        Notice.put(cast.nordlys, Notice.Kind.UNKNOWN_WORD, f"Word {number}", {}, NOW)
    # session, person, Group; orders that nobody takes; shops, their hours, closed days and tablets; how
    # many rows of each kind; postings with their books; what waits behind them; notices; variants with their
    # Eans; the shops to choose from; how the last comparison ended; connection; heartbeats; how many
    # postings, orders and refunds wait
    with django_assert_num_queries(20):
        office.get("/orders/attention/")


def test_a_hundred_and_more_are_counted_to_a_hundred(cast: Cast, office: Client) -> None:
    row = put_before_a_person(delivered(cast), "order", State.REJECTED)
    for number in range(100):
        row.pk, row.action_key = None, f"order:copy {number}"
        row.save()
    assert "Needs attention 100+" in Page(office.get("/orders/")).links


# Deciding


@pytest.mark.parametrize(
    ("decision", "more", "state"),
    [
        ("send again", {}, State.WAITING),
        ("it arrived", {}, State.SENT),
        ("give up", {"reason": " Booked by hand "}, State.GIVEN_UP),
    ],
)
def test_a_decision_is_carried_out_once_and_written_down(
    cast: Cast, office: Client, refused: Posting, decision: str, more: dict[str, str], state: State
) -> None:
    answer = decide(office, refused, decision, **more)
    assert (answer.status_code, answer["Location"]) == (302, "/orders/attention/")
    assert state_of(refused) == (state, False, cast.person("office").pk, 1)
    assert refused.attempts.get().actor == cast.person("office")
    assert refused.reason_words == ("Booked by hand" if decision == "give up" else "")
    assert decide(office, refused, decision, **more).status_code == 302
    assert state_of(refused) == (state, False, cast.person("office").pk, 1)


def test_the_slower_of_two_people_is_told_and_changes_nothing(
    cast: Cast, office: Client, refused: Posting
) -> None:
    decide(office, refused, "it arrived")
    before = state_of(refused)
    User.objects.create_user(
        "second@nordlys.example", "x", name="Bo", group=cast.nordlys, is_head_office=True
    )
    for decision, more in [("send again", {}), ("it arrived", {}), ("give up", {"reason": "late"})]:
        here = "http://testserver/orders/attention/"
        answer = browser(cast, "second").post(
            f"/orders/attention/{refused.pk}/", {"decision": decision, **more}, headers={"referer": here}
        )
        assert answer.status_code == 409
        assert "Karen Østergaard has decided this already." in Page(answer).text
        assert Page(answer).links["Go back"] == here
        assert state_of(refused) == before


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"decision": "give up"}, "Say why it is given up."),
        ({"decision": "give up", "reason": "   "}, "Say why it is given up."),
        ({"decision": "give up", "reason": "x" * 501}, "Ensure this value has at most 500 characters"),
        ({"decision": "give up", "reason": "x\0"}, "Null characters are not allowed."),
        ({"decision": "burn"}, "burn is not one of the available choices."),
        ({}, "This field is required."),
    ],
)
def test_a_decision_that_is_none_is_refused_and_changes_nothing(
    office: Client, refused: Posting, sent: dict[str, str], said: str
) -> None:
    before = state_of(refused)
    answer = office.post(f"/orders/attention/{refused.pk}/", sent)
    assert answer.status_code == 422
    assert said in Page(answer).text
    assert state_of(refused) == before


def test_what_is_on_its_way_is_not_to_be_decided(cast: Cast, office: Client) -> None:
    delivered(cast)
    for posting in Posting.objects.all():
        before = state_of(posting)
        assert decide(office, posting, "give up", reason="impatient").status_code == 409
        assert state_of(posting) == before


def test_deciding_on_the_orders_page_leads_back_to_it(office: Client, refused: Posting) -> None:
    order = WebOrder.objects.get(order_no=refused.order_no)
    page = Page(office.get(f"/orders/{order.pk}/"))
    form = next(form for form in page.forms if form.action == f"/orders/attention/{refused.pk}/")
    answer = office.post(form.action, {**form.fields, "decision": "it arrived"})
    assert answer["Location"] == f"/orders/{order.pk}/"
    assert [name for name in Page(office.get(f"/orders/{order.pk}/")).buttons if name in DECISIONS] == []


def test_another_group_decides_nothing(cast: Cast, refused: Posting) -> None:
    before = state_of(refused)
    assert decide(browser(cast, "fjord office"), refused, "it arrived").status_code == 404
    assert state_of(refused) == before
    assert refused.order_no not in Page(browser(cast, "fjord office").get("/orders/attention/")).text


def test_a_decision_is_never_a_get_and_never_another_sites(cast: Cast, refused: Posting) -> None:
    client = browser(cast, "office", enforce_csrf_checks=True)
    before = state_of(refused)
    assert client.get(f"/orders/attention/{refused.pk}/").status_code == 405
    assert decide(client, refused, "it arrived").status_code == 403
    assert state_of(refused) == before


# Notices


def put(cast: Cast, subject: str = "Parked", minutes: int = 0) -> Notice:
    now = NOW + timedelta(minutes=minutes)
    return Notice.put(cast.nordlys, Notice.Kind.UNKNOWN_WORD, subject, as_it_is("of order 7"), now)


def notices(client: Client) -> list[str]:
    return [row.subject for row in rows_of(client, "words")]


def rows_of(client: Client, kind: str, **filters: str) -> list[Any]:
    """The rows of this kind that are shown."""
    shown = client.get("/orders/attention/", filters).context["work"].shown
    return [row for section in shown if section.kind.key == kind for row in section.rows]


def test_a_notice_closes_for_good_until_it_happens_again(cast: Cast, office: Client) -> None:
    notice = put(cast)
    put(cast, minutes=1)
    assert "2 times" in Page(office.get("/orders/attention/")).text
    assert office.post(f"/orders/attention/notices/{notice.pk}/")["Location"] == "/orders/attention/"
    assert notices(office) == []
    notice.refresh_from_db()
    assert notice.closed_by == cast.person("office")
    put(cast, minutes=2)
    assert notices(office) == ["Parked"]
    notice.refresh_from_db()
    assert notice.times == 3
    assert notice.closed_by is None
    assert notice.closed_at is None


def test_the_first_who_saw_to_a_notice_stays_the_one(cast: Cast, office: Client) -> None:
    notice = put(cast)
    office.post(f"/orders/attention/notices/{notice.pk}/")
    cast.nordlys.people.filter(email="manager@nordlys.example").update(is_head_office=True)
    again = browser(cast, "manager").post(f"/orders/attention/notices/{notice.pk}/")
    notice.refresh_from_db()
    assert again.status_code == 302
    assert notice.closed_by == cast.person("office")


def test_what_happened_last_stands_on_top_and_is_never_read_as_html(cast: Cast, office: Client) -> None:
    put(cast, "<script>old</script>")
    put(cast, "new", minutes=5)
    assert notices(office) == ["new", "<script>old</script>"]
    assert b"&lt;script&gt;old" in office.get("/orders/attention/").content


def test_the_number_beside_the_list_is_that_of_its_rows_of_every_kind(
    cast: Cast, office: Client, refused: Posting
) -> None:
    put(cast)
    Notice.put(cast.nordlys, Notice.Kind.UNREADABLE, "W-9", as_it_is("no ShopId"), NOW)
    SharedEan.objects.create(group=cast.nordlys, ean="5701", first_seen_at=NOW, asked_at=NOW)
    mail = mailing.write(received(cast), Mail.Kind.REMINDER, "remind:1", NOW)
    Mail.objects.filter(pk=mail.pk).update(state=Mail.State.UNCERTAIN)
    work = office.get("/orders/attention/").context["work"]
    shown = {section.kind.key: section.count for section in work.sections if section.kind.key != "deaf"}
    assert shown == dict.fromkeys(("rejected", "eans", "words", "notices", "mails"), 1)
    assert "Needs attention 5" in Page(office.get("/orders/")).links


# Shops that do not see, and do not hear


def test_no_shop_is_listed_while_every_shop_has_an_alert(cast: Cast, office: Client) -> None:
    for shop in cast.nordlys.shops.filter(takes_orders=True):
        report(shop, uuid4(), True, timezone.now() + timedelta(days=1), timezone.now())
    assert office.get("/orders/attention/").context["work"].sections == []


def test_each_shop_without_an_alert_is_listed_with_the_reason(cast: Cast, office: Client) -> None:
    now = timezone.now()
    report(cast.aarhus, uuid4(), False, now + timedelta(days=1), now)
    report(cast.odense, uuid4(), True, now + timedelta(days=1), now - timedelta(minutes=5))
    rows = [row for row in Page(office.get("/orders/attention/")).rows if "tablet" in row]
    assert [row.partition(" today")[0] for row in rows] == [
        "Aarhus The sound of its tablet is off last seen",
        "Odense Its tablet sleeps or is off last seen",
        "København No tablet shows its queue Let somebody log in on a tablet and leave the queue open.",
    ]
    assert "Fjord" not in Page(office.get("/orders/attention/")).text


def test_an_untaken_order_is_listed_until_somebody_takes_it(cast: Cast, office: Client) -> None:
    order = received(cast, now=timezone.now() - timedelta(minutes=25))
    assert "Needs attention" in Page(office.get("/orders/")).links
    escalate_due(timezone.now())
    page = Page(office.get("/orders/attention/"))
    row = next(row for row in page.rows if row.startswith(order.order_no))
    assert row.startswith(
        f"{order.order_no} Aarhus 25 min of opening time No tablet shows its queue Remind now"
    )
    assert page.links[order.order_no] == f"/orders/{order.pk}/"
    assert "Needs attention 1" in Page(office.get("/orders/")).links
    assert order.order_no not in Page(browser(cast, "fjord office").get("/orders/attention/")).text

    picking.accept(order, cast.person("aarhus"), timezone.now())
    assert order.order_no not in Page(office.get("/orders/attention/")).text
    assert "Needs attention" in Page(office.get("/orders/")).links
