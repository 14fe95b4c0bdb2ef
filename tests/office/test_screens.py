"""Head office's screens: the list and its pages, and one order with its books and its timeline."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import chain
from urllib.parse import urlencode

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from core.causes import as_it_is
from ddd.models import Attempt, Posting
from ddd.sending import decisions, dispatch
from orders import delivery, events, sync_status
from orders.models import Document, WebOrder
from tests.core.pages import Page, browser
from tests.factories import JUMPER, NOW, SCARF, Cast, delivered, new_order, picked, received, taken
from tests.sandbox_process import RunningSandbox

pytestmark = pytest.mark.any_database

LATER = NOW + timedelta(hours=2)
WRONG_FILTER = "A filter has a value that does not exist: everything is shown."


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """Tuesday noon in Copenhagen, two hours after the factories' orders came in."""
    with time_machine.travel(LATER, tick=False) as traveller:
        yield traveller


@pytest.fixture
def office(cast: Cast) -> Client:
    """Karen at head office, in English."""
    return browser(cast, "office")


def listed(client: Client, **filters: str) -> list[str]:
    """The OrderNos of the list, from the top."""
    return [order.order_no for order in client.get("/orders/", filters).context["page"].orders]


# The list


@pytest.fixture
def some_orders(cast: Cast) -> None:
    received(cast, new_order("WEB-100"))
    taken(cast, new=new_order("WEB-101"))
    picked(cast, new=new_order("web-200", is_paid=False))
    delivered(cast, new=new_order("WEB-300"), missing=(2,))
    received(cast, new_order("ODENSE-1", 996002))
    sync_status.follow_cancelled(received(cast, new_order("GONE_1")), NOW)
    received(cast, new_order("WEB-100", 997001), web_shop="fjord")


@pytest.mark.usefixtures("some_orders")
def test_the_newest_of_the_groups_own_orders_stands_on_top(cast: Cast, office: Client) -> None:
    received(cast, new_order("OLD"), now=NOW - timedelta(days=1))
    assert listed(office) == ["GONE_1", "ODENSE-1", "WEB-300", "web-200", "WEB-101", "WEB-100", "OLD"]
    assert listed(browser(cast, "fjord office")) == ["WEB-100"]


@pytest.mark.usefixtures("some_orders")
@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"q": "WEB-100"}, ["WEB-100"]),
        ({"q": "WeB-"}, ["WEB-300", "web-200", "WEB-101", "WEB-100"]),
        ({"q": "  -10 "}, ["WEB-101", "WEB-100"]),
        ({"q": "web%"}, []),
        ({"q": "E_1"}, ["GONE_1"]),
        ({"shop": "996002"}, ["ODENSE-1"]),
        ({"shop": "996003"}, []),
        ({"status": "new"}, ["ODENSE-1", "WEB-100"]),
        ({"status": "picking"}, ["WEB-101"]),
        ({"status": "ready"}, ["web-200"]),
        ({"status": "delivered"}, ["WEB-300"]),
        ({"status": "returned"}, []),
        ({"status": "cancelled"}, ["GONE_1"]),
        ({"q": "web", "shop": "996001", "status": "new"}, ["WEB-100"]),
        ({"q": "web", "shop": "996002"}, []),
        ({"colour": "blue"}, ["GONE_1", "ODENSE-1", "WEB-300", "web-200", "WEB-101", "WEB-100"]),
    ],
)
def test_the_list_is_searched_and_filtered(office: Client, filters: dict[str, str], found: list[str]) -> None:
    assert listed(office, **filters) == found


@pytest.mark.usefixtures("some_orders")
@pytest.mark.parametrize(
    "filters",
    [
        {"shop": "997001"},  # of another Group
        {"shop": "996900"},  # takes no orders
        {"shop": "abc"},
        {"shop": "9" * 40},
        {"shop": "-1"},
        {"shop": "1\0"},
        {"status": "Reserved"},
        {"status": "new'--"},
        {"q": "x" * 51},
        {"q": "WEB\0"},
    ],
)
def test_a_filter_that_does_not_exist_is_said_and_harms_nothing(
    office: Client, filters: dict[str, str]
) -> None:
    answer = office.get("/orders/", filters)
    assert answer.status_code == 200
    assert WRONG_FILTER in Page(answer).text
    assert len(answer.context["page"].orders) == 6
    assert Page(answer).faults == []


def test_what_was_searched_stays_in_its_field_and_is_never_read_as_html(office: Client) -> None:
    answer = office.get("/orders/", {"q": '"><script>'})
    assert b'value="&quot;&gt;&lt;script&gt;"' in answer.content
    assert "No order fits." in Page(answer).text


def test_without_any_order_the_list_says_what_to_wait_for(office: Client) -> None:
    assert "No orders yet." in Page(office.get("/orders/")).text


@pytest.mark.usefixtures("some_orders")
def test_a_row_says_what_matters(office: Client) -> None:
    rows = {row.split()[0]: row for row in Page(office.get("/orders/")).rows if row}
    assert rows["WEB-300"] == ("WEB-300 Delivered Aarhus nordlys 1 2 Åse Ø. Sørensen today 10:00 today 11:00")
    assert rows["WEB-101"].endswith("today 10:00 late by 1 h 0 min")


# Its pages


def walk(client: Client, **filters: str) -> list[list[str]]:
    """Page after page by the link that stands there."""
    address, pages = f"/orders/?{urlencode(filters)}", []
    while address:
        answer = client.get(address)
        pages.append([order.order_no for order in answer.context["page"].orders])
        links = Page(answer).links
        address = f"/orders/{links['Next page']}" if "Next page" in links else ""
        assert ("First page" in links) == (len(pages) > 1)
    return pages


def test_120_orders_of_one_moment_are_paged_without_loss_or_repetition(cast: Cast, office: Client) -> None:
    orders = [received(cast, new_order(f"T-{number:03d}", variants=(JUMPER,))) for number in range(120)]
    assert len({order.created_at for order in orders}) == 1
    pages = walk(office)
    assert [len(page) for page in pages] == [50, 50, 20]
    assert list(chain(*pages)) == [f"T-{number:03d}" for number in reversed(range(120))]
    assert [len(page) for page in walk(office, q="T-0", shop="996001", status="new")] == [50, 50]


def test_an_order_that_comes_in_meanwhile_moves_no_page(cast: Cast, office: Client) -> None:
    for number in range(60):
        received(
            cast, new_order(f"T-{number:03d}", variants=(JUMPER,)), now=NOW + timedelta(microseconds=number)
        )
    further = Page(office.get("/orders/")).links["Next page"]
    received(cast, new_order("MEANWHILE"), now=LATER)
    assert listed(office)[0] == "MEANWHILE"
    answer = office.get(f"/orders/{further}")
    assert [order.order_no for order in answer.context["page"].orders] == [
        f"T-{number:03d}" for number in reversed(range(10))
    ]


def test_fifty_orders_are_one_page(cast: Cast, office: Client) -> None:
    for _number in range(50):
        received(cast, new_order(variants=(JUMPER,)))
    assert [len(page) for page in walk(office)] == [50]


@pytest.mark.parametrize(
    "after",
    [
        "rubbish",
        "_",
        "2026-03-03T09:00:00+00:00",
        "2026-03-03T09:00:00+00:00_x",
        "2026-03-03T09:00:00_1",  # without a zone
        "0001-01-01T00:00:00+14:00_1",  # before the first year
        "9999-12-31T23:59:59-14:00_1",
        "2026-03-03T09:00:00+00:00_" + "9" * 5000,
        "\0",
        "' OR 1=1 --",
    ],
)
def test_a_page_address_that_is_none_is_refused_in_words(cast: Cast, office: Client, after: str) -> None:
    received(cast)
    answer = office.get("/orders/", {"after": after})
    assert answer.status_code == 422
    assert "This page address is broken: begin at the first page." in Page(answer).text
    assert Page(answer).links["Go back"] == "/"


@pytest.mark.parametrize("number", ["-1", "0", "9" * 30])
def test_a_page_address_may_lead_past_the_end(cast: Cast, office: Client, number: str) -> None:
    received(cast)
    after = f"2026-03-03T09:00:00+00:00_{number}"
    assert len(listed(office, after=after)) == (1 if number.startswith("9") else 0)


# Queries


# session, person, Group; orders, lines; two of what waits; shops and web shops of the filter; views
LIST_QUERIES = 10
SEARCH_QUERIES = 5  # OrderNo, reference and number, part of an OrderNo, name, Ean
# session, person, Group; order, postings, attempts, lines, events, mails; three that wait; three of returns,
# and what else is owed
PAGE_QUERIES = 17


def test_the_list_asks_the_same_with_one_order_and_with_fifty(
    cast: Cast, office: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for numbers in (range(1), range(1, 50)):
        for number in numbers:
            taken(cast, new=new_order(f"T-00{number:03d}"))
        with django_assert_num_queries(LIST_QUERIES):
            office.get("/orders/")
    with django_assert_num_queries(LIST_QUERIES + SEARCH_QUERIES + 1):  # the shop that was asked for
        office.get("/orders/", {"q": "T-00", "shop": "996001", "status": "picking"})


@pytest.mark.parametrize("pieces", [1, 30])
def test_an_order_page_asks_the_same_however_much_happened(
    cast: Cast, office: Client, django_assert_num_queries: DjangoAssertNumQueries, pieces: int
) -> None:
    order = delivered(cast, new=new_order(variants=(JUMPER, SCARF, JUMPER)[:1] * pieces))
    for posting in Posting.objects.filter(order_no=order.order_no):
        for minute in range(pieces):
            attempt(posting, NOW + timedelta(minutes=minute))
    with django_assert_num_queries(PAGE_QUERIES):
        office.get(f"/orders/{order.pk}/")


def attempt(posting: Posting, at: datetime) -> None:
    """A call that got no answer."""
    posting.attempts.create(
        purpose=Attempt.Purpose.SEND,
        started_at=at,
        duration_ms=12,
        outcome=Attempt.Outcome.UNCERTAIN,
        detail=as_it_is("no answer"),
    )


# One order


def page_of(client: Client, order: WebOrder) -> Page:
    answer = client.get(f"/orders/{order.pk}/")
    assert answer.status_code == 200
    return Page(answer)


def timeline(client: Client, order: WebOrder) -> list[tuple[str, str, tuple[str, ...]]]:
    """What happened, who did it, and what more is said."""
    entries = client.get(f"/orders/{order.pk}/").context["timeline"]
    return [(entry.title, entry.who, entry.details) for entry in entries]


def test_the_timeline_tells_everything_that_people_did(cast: Cast, office: Client) -> None:
    order = delivered(
        cast,
        who="manager",
        new=new_order("T-1", is_paid=False),
        hand_over=delivery.HandOver(WebOrder.Way.SEND, "cash", "00370"),
        missing=(2,),
    )
    events.record_print(order, Document.ADDRESS_LABEL, cast.person("aarhus"), LATER)
    assert timeline(office, order) == [
        ("Web order created", "nordlys", ("by the key demo-nor…",)),
        ("Taken", "Mads Lindholm", ()),
        ("Piece picked", "Mads Lindholm", ("Wool jumper Skagerrak Blue S",)),
        (
            "Piece reported missing",
            "Mads Lindholm",
            ("Scarf Løvfald Rust One size", "Not found on the shelf"),
        ),
        ("Order picked", "Mads Lindholm", ()),
        (
            "Delivered",
            "Mads Lindholm",
            (
                "Sent",
                "Paid in cash at the register",
                "DeliveryNo 00370",
                "Amount 199.95",
                "Changed hands, rounded: 200.00",
            ),
        ),
        ("Printed", "Freja Sørensen", ("Address label",)),
    ]


def test_the_timeline_tells_what_ddd_did_and_what_is_to_be_refunded(cast: Cast, office: Client) -> None:
    order = received(cast, new_order("T-1"))
    sync_status.follow_delivered(order, [order.lines.all()[0].pk], LATER)
    assert timeline(office, order)[1:] == [
        ("Delivered", "DdD", ()),
        (
            "The web shop refunds pieces that the customer does not get",
            "The portal",
            ("Scarf Løvfald Rust One size", "Amount 199.95"),
        ),
    ]
    assert "Paid in the web shop" in page_of(office, order).text


def test_the_timeline_tells_each_call_to_ddd_with_its_answer(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    office, order = browser(booked_cast, "office"), delivered(booked_cast)
    sandbox.fault("refuse", times=1, on="sale")
    dispatch.drain(booked_cast.nordlys.pk)
    told = [entry for entry in office.get(f"/orders/{order.pk}/").context["timeline"] if entry.attempt]
    assert [(entry.who, entry.title, entry.attempt.outcome) for entry in told] == [
        ("DdD", "Web order: sent to DdD", "sent"),
        ("DdD", "Sale: sent to DdD", "rejected"),
    ]
    text = page_of(office, order).text
    assert "DdD has it" in text
    assert "DdD refused it" in text
    assert f'"WebOrderOrderNo": "{order.order_no}"' in text  # what was told
    assert "DdD refused it with 400" in text


def test_each_decision_names_its_own_person(cast: Cast, office: Client) -> None:
    order = delivered(cast)
    sale = Posting.objects.get(order_no=order.order_no, kind="sale")
    colleague = cast.person("manager")
    for person, decide in [(colleague, decisions.send_again), (cast.person("office"), decisions.it_arrived)]:
        Posting.objects.filter(pk=sale.pk).update(state="rejected", needs_attention=True)
        decide(sale, person, LATER)
    decided = [entry[:2] for entry in timeline(office, order) if "decided" in entry[0]]
    assert decided == [
        ("Sale: decided by a person", "Mads Lindholm"),
        ("Sale: decided by a person", "Karen Østergaard"),
    ]


def test_the_order_page_shows_its_books(cast: Cast, office: Client) -> None:
    order = delivered(cast, new=new_order("T-1", price="1234.50"))
    rows = [row for row in page_of(office, order).rows if row.startswith(("Web order", "Sale", "Item"))]
    after = "It waits until another posting of this order is sent."
    assert rows[:3] == [
        "Web order Waiting It is sent by itself in a moment. today 10:00",
        f"Sale Web turnover · no receipt yet · 2,469.00 DKK Waiting {after}",
        f"Item transfer Aarhus → Web turnover · 2 pieces Waiting {after}",
    ]
    assert [name for name in page_of(office, order).buttons if "send" in name.lower()] == []


def test_a_piece_that_was_not_found_is_not_in_the_sum(cast: Cast, office: Client) -> None:
    order = picked(cast, missing=(1,))
    page = page_of(office, order)
    assert "In all 199.95 DKK" in page.text
    assert "Not found on the shelf" in page.text


@pytest.mark.parametrize(
    ("paid", "said"),
    [(True, "Paid in the web shop"), (False, "Paid not paid")],
)
def test_the_order_page_says_whether_it_is_paid(cast: Cast, office: Client, paid: bool, said: str) -> None:
    assert said in page_of(office, taken(cast, new=new_order(is_paid=paid))).text


def test_what_ddds_till_took_and_what_was_cancelled_is_not_called_unpaid(cast: Cast, office: Client) -> None:
    by_ddd, cancelled = (received(cast, new_order(is_paid=False)) for _each in range(2))
    sync_status.follow_delivered(by_ddd, [line.pk for line in by_ddd.lines.all()], LATER)
    sync_status.follow_cancelled(cancelled, LATER)
    assert "Paid DdD's till" in page_of(office, by_ddd).text
    assert "not paid" not in page_of(office, by_ddd).text + page_of(office, cancelled).text
