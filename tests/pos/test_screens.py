"""The queue and the order page of the shop: their contents, their order, and the buttons."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import Membership
from orders import delivery, picking, sync_status
from orders.models import WebOrder
from tests.core.pages import Page, browser
from tests.factories import JUMPER, NOW, SCARF, Cast, delivered, new_order, picked, received, taken

pytestmark = pytest.mark.any_database

ALWAYS = ["Log out", "English", "Dansk", "Pick list", "Address label"]
# What scripts show, or the top bar.
AROUND = [
    *("Sound is off: tap here", "Test the sound", "Scan with the camera"),
    *("Check sheet for a printer", "Bag slip"),
]
MISSING = ["Pick", "Undo", "Move to Odense", "Move to København"]
Clock = time_machine.Traveller
LATER = NOW + timedelta(minutes=40)


@pytest.fixture(autouse=True)
def clock() -> Iterator[Clock]:
    """Orders of the factories were promised by 11:00 in Copenhagen; it is 10:40."""
    with time_machine.travel(LATER, tick=False) as traveller:
        yield traveller


@pytest.fixture
def aarhus(cast: Cast) -> Client:
    """Freja in Aarhus, in English."""
    return browser(cast, "aarhus")


def queue(client: Client, tab: str = "new") -> list[str]:
    """The OrderNos of a tab, from the top."""
    return [order.order_no for order in client.get("/pos/", {"tab": tab}).context["orders"]]


def tabs(client: Client) -> list[str]:
    """The tabs with their counts."""
    links = Page(client.get("/pos/")).links
    return [name for name in links if re.search(r" [0-9]+$", name)]


def page_of(client: Client, order: WebOrder) -> Page:
    return Page(client.get(f"/pos/orders/{order.pk}/"))


def buttons(client: Client, order: WebOrder) -> list[str]:
    """What can be pressed for the order, without what every order page has."""
    found = page_of(client, order).buttons
    assert [name for name in ALWAYS if name not in found] == []
    return [name for name in found if name not in ALWAYS and name not in AROUND]


# The queue


def test_each_tab_has_its_own_orders_and_shows_all_counts(cast: Cast, aarhus: Client) -> None:
    received(cast, new_order("N-1"))
    received(cast, new_order("N-2"))
    taken(cast, new=new_order("P-1"))
    picked(cast, new=new_order("R-1"))
    delivered(cast, new=new_order("D-1"))
    assert queue(aarhus, "new") == ["N-1", "N-2"]
    assert queue(aarhus, "picking") == ["P-1"]
    assert queue(aarhus, "ready") == ["R-1"]
    assert queue(aarhus, "done") == ["D-1"]
    assert tabs(aarhus) == ["New 2", "Picking 1", "Ready 1", "Done today 1"]


def test_an_unknown_tab_is_the_first(cast: Cast, aarhus: Client) -> None:
    received(cast, new_order("N-1"))
    assert queue(aarhus, "evil") == queue(aarhus, "") == queue(aarhus, "new\0") == ["N-1"]


def test_orders_are_sorted_by_promise_and_then_by_arrival(cast: Cast, aarhus: Client) -> None:
    for order_no, minutes in [("C", 20), ("A", -5), ("B", 0), ("B2", 0)]:
        received(cast, new_order(order_no), now=NOW + timedelta(minutes=minutes))
    assert queue(aarhus) == ["A", "B", "B2", "C"]


def test_what_was_done_last_is_on_top(cast: Cast, aarhus: Client) -> None:
    orders = [picked(cast, new=new_order(order_no)) for order_no in "ABC"]
    for minutes, order in enumerate(orders):
        now = NOW + timedelta(minutes=10 - minutes)
        delivery.deliver(order, delivery.HandOver(WebOrder.Way.HAND_OVER), cast.person("aarhus"), now)
    assert queue(aarhus, "done") == ["A", "B", "C"]


def test_a_shop_sees_its_own_orders_only(cast: Cast, aarhus: Client) -> None:
    received(cast, new_order("AARHUS"))
    received(cast, new_order("ODENSE", 996002))
    received(cast, new_order("FJORD", 997001), web_shop="fjord")
    assert queue(aarhus) == ["AARHUS"]
    assert queue(browser(cast, "odense")) == ["ODENSE"]
    assert queue(browser(cast, "fjord staff")) == ["FJORD"]
    assert tabs(aarhus)[0] == "New 1"


def test_an_order_is_late_one_second_after_its_promise_and_never_once_it_is_ready(
    cast: Cast, aarhus: Client, clock: Clock
) -> None:
    received(cast, new_order("N-1"))
    clock.move_to(NOW + timedelta(minutes=60))
    assert b"row late" not in aarhus.get("/pos/").content
    assert "promised in 0 min" in Page(aarhus.get("/pos/")).text
    clock.move_to(NOW + timedelta(minutes=101))
    assert b"row late" in aarhus.get("/pos/").content
    assert "late by 41 min" in Page(aarhus.get("/pos/")).text
    picked(cast, new=new_order("R-1"))
    ready = aarhus.get("/pos/?tab=ready")
    assert b"row late" not in ready.content
    assert "ready for 1 h 36 min" in Page(ready).text


def test_done_today_begins_at_the_shops_own_midnight(cast: Cast, aarhus: Client, clock: Clock) -> None:
    """On 3 March Copenhagen's day begins at 23:00 UTC of the 2nd."""
    hand_over, person = delivery.HandOver(WebOrder.Way.HAND_OVER), cast.person("aarhus")
    early, late = picked(cast, new=new_order("EARLY")), picked(cast, new=new_order("LATE"))
    delivery.deliver(early, hand_over, person, datetime(2026, 3, 2, 22, 59, 59, tzinfo=UTC))
    delivery.deliver(late, hand_over, person, datetime(2026, 3, 2, 23, 0, tzinfo=UTC))
    assert queue(aarhus, "done") == ["LATE"]
    assert tabs(aarhus)[3] == "Done today 1"
    clock.move_to(datetime(2026, 3, 3, 22, 59, 59, tzinfo=UTC))
    assert queue(aarhus, "done") == ["LATE"]
    clock.move_to(datetime(2026, 3, 3, 23, 0, tzinfo=UTC))
    assert queue(aarhus, "done") == []


def test_today_begins_at_midnight_also_where_clocks_were_put_forward_that_night(
    cast: Cast, aarhus: Client, clock: Clock
) -> None:
    order = picked(cast, new=new_order("SUNDAY"))
    now = datetime(2026, 3, 28, 23, 30, tzinfo=UTC)  # Sunday 0:30; at 2:00 the clock says 3:00
    delivery.deliver(order, delivery.HandOver(WebOrder.Way.HAND_OVER), cast.person("aarhus"), now)
    clock.move_to(datetime(2026, 3, 29, 8, 0, tzinfo=UTC))
    assert queue(browser(cast, "aarhus"), "done") == ["SUNDAY"]


def test_what_is_not_paid_says_so_in_the_queue(cast: Cast, aarhus: Client) -> None:
    received(cast, new_order("PAID"))
    received(cast, new_order("NOT-PAID", is_paid=False))
    told = [row for row in Page(aarhus.get("/pos/")).rows if "not paid" in row]
    assert len(told) == 1
    assert "NOT-PAID" in told[0]


def test_the_picker_is_named_in_the_queue(cast: Cast, aarhus: Client) -> None:
    taken(cast, who="manager")
    assert "Mads Lindholm" in Page(aarhus.get("/pos/?tab=picking")).rows[0]


def test_the_top_bar_blinks_as_long_as_an_order_is_new(cast: Cast, aarhus: Client) -> None:
    order = received(cast)
    for address in ("/pos/", "/pos/?tab=done", f"/pos/orders/{order.pk}/"):
        answer = aarhus.get(address)
        assert b'class="topbar alerting" data-new="1"' in answer.content
        assert "1 new order" in Page(answer).links
    picking.accept(order, cast.person("aarhus"), LATER)
    assert b'class="topbar" data-new="0"' in aarhus.get("/pos/").content


def test_what_a_customer_or_a_web_shop_wrote_is_never_read_as_html(cast: Cast, aarhus: Client) -> None:
    evil = '<img src=x onerror="alert(1)">'
    order = received(cast, new_order("X<b>", receive_address=f"{evil}#Vej 1", notes=evil))
    for address in ("/pos/", f"/pos/orders/{order.pk}/"):
        page = Page(aarhus.get(address))
        assert [tag for tag, _attributes in page.attributes if tag in ("img", "b")].count("img") == 0
        assert evil in page.text
        assert page.faults == []


# Queries


QUEUE_QUERIES = 10  # session, person, Group, shops; orders, lines, variants; open, done, to put back
# session, person, Group; order, lines, barcodes, policy; shops; open, done, to put back
ORDER_QUERIES = 11  # and old labels, while it is in the shop


def test_the_queue_asks_ten_things_with_one_order_and_with_two_hundred_and_five(
    cast: Cast, aarhus: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    received(cast, new_order("FIRST"))
    with django_assert_num_queries(QUEUE_QUERIES):
        aarhus.get("/pos/")
    for _number in range(204):
        received(cast, new_order(variants=(JUMPER,)))
    with django_assert_num_queries(QUEUE_QUERIES):
        answer = aarhus.get("/pos/")
    assert len(answer.context["orders"]) == 200
    assert answer.context["orders"][0].order_no == "FIRST"
    assert tabs(aarhus)[0] == "New 205"


@pytest.mark.parametrize("tab", ["picking", "ready", "done"])
def test_every_tab_asks_ten_things(
    cast: Cast, aarhus: Client, django_assert_num_queries: DjangoAssertNumQueries, tab: str
) -> None:
    for who in ("aarhus", "manager"):
        {"picking": taken, "ready": picked, "done": delivered}[tab](cast, who)
    with django_assert_num_queries(QUEUE_QUERIES + (tab == "ready")):  # are labels old?
        aarhus.get("/pos/", {"tab": tab})


@pytest.mark.parametrize("state", [received, taken, picked, delivered])
def test_an_order_page_asks_few_things_however_many_pieces_it_has(
    cast: Cast, aarhus: Client, django_assert_num_queries: DjangoAssertNumQueries, state: type
) -> None:
    order = state(cast, new=new_order(variants=(JUMPER, SCARF) * 15))
    # Who may waive the proof is asked once there is something to hand over.
    of_returns = 3 * (state is delivered)  # the policy, what may still come back, what came back
    with django_assert_num_queries(ORDER_QUERIES + (state is not delivered) + (state is picked) + of_returns):
        assert len(page_of(aarhus, order).rows) == 30


# The order page in every state


def test_of_a_new_order_nothing_can_be_pressed_but_i_have_it(cast: Cast, aarhus: Client) -> None:
    assert buttons(aarhus, received(cast)) == ["Cancel the order", "I have it"]


def test_while_picking_each_open_piece_has_its_two_buttons(cast: Cast, aarhus: Client) -> None:
    order = taken(cast)
    assert buttons(aarhus, order) == [*(["Pick", "Report missing"] * 2), "Cancel the order"]
    assert page_of(aarhus, order).text.count("To pick") == 2
    assert "0 of 2" in page_of(aarhus, order).text


def test_a_picked_piece_is_undone_and_a_missing_one_may_turn_up(cast: Cast, aarhus: Client) -> None:
    order, person = taken(cast), cast.person("aarhus")
    jumper, scarf = order.lines.all()
    picking.pick(order, jumper.pk, person, LATER)
    assert buttons(aarhus, order) == ["Undo", "Pick", "Report missing", "Cancel the order"]
    picking.report_missing(order, scarf.pk, "sold", person, LATER)
    assert buttons(aarhus, order) == ["Undo", *MISSING, "Cancel the order", "Order picked"]
    page = page_of(aarhus, order)
    assert "Just sold in the shop" in page.rows[1]
    assert "2 of 2" in page.text


def test_with_every_piece_picked_the_order_is_picked_by_one_tap(cast: Cast, aarhus: Client) -> None:
    order = taken(cast)
    for line in order.lines.all():
        picking.pick(order, line.pk, cast.person("aarhus"), LATER)
    assert buttons(aarhus, order) == ["Undo", "Undo", "Cancel the order", "Order picked"]


def test_with_no_piece_found_the_order_is_closed(cast: Cast, aarhus: Client) -> None:
    order, person = taken(cast), cast.person("aarhus")
    for line in order.lines.all():
        picking.report_missing(order, line.pk, "damaged", person, LATER)
    expected = ["Pick", "Undo", *MISSING, "Cancel the order", "Close the order"]
    assert buttons(aarhus, order) == expected
    assert "the order is cancelled and the web shop refunds it" in page_of(aarhus, order).text
    picking.finish(order, person, LATER)
    assert buttons(aarhus, order) == []


def test_a_picked_order_can_be_delivered_or_cancelled_and_nothing_else(cast: Cast, aarhus: Client) -> None:
    order = picked(cast)
    assert buttons(aarhus, order) == ["Cancel the order", "Deliver"]
    assert "now. Paid" not in page_of(aarhus, order).text


def test_an_order_that_is_not_paid_names_the_amount_to_take_without_what_is_missing(
    cast: Cast, aarhus: Client
) -> None:
    order = picked(cast, new=new_order(is_paid=False), missing=(2,))
    page = page_of(aarhus, order)
    assert buttons(aarhus, order) == ["Cancel the order", "Deliver"]
    assert (
        "Take 200.00 DKK (199.95, rounded) in cash, or 199.95 DKK by card. Paid in cash at the register"
        in page.text
    )
    assert "not paid 199.95 DKK" in page.text


def test_of_a_delivered_order_only_paper_is_left(cast: Cast, aarhus: Client) -> None:
    order = delivered(cast)
    assert buttons(aarhus, order) == []
    assert "Handed over · Freja Sørensen" in page_of(aarhus, order).text


def test_an_order_that_ddds_till_delivered_says_so_and_asks_for_no_money(cast: Cast, aarhus: Client) -> None:
    order = received(cast, new_order(is_paid=False))
    sync_status.follow_delivered(order, [line.pk for line in order.lines.all()], LATER)
    page = page_of(aarhus, order)
    assert buttons(aarhus, order) == []
    assert "To pay DdD's till" in page.text
    assert "not paid" not in page.text


def test_a_cancelled_order_asks_for_no_money(cast: Cast, aarhus: Client) -> None:
    order = received(cast, new_order(is_paid=False))
    sync_status.follow_cancelled(order, LATER)
    assert buttons(aarhus, order) == []
    assert "not paid" not in page_of(aarhus, order).text


def test_pieces_are_told_apart_by_every_fact(cast: Cast, aarhus: Client) -> None:
    order = taken(cast, new=new_order(notes="Gift, wrap it", customer_number=4711))
    page = page_of(aarhus, order)
    for fact in (
        "Wool jumper Skagerrak",
        "Blue",
        "S",
        "5712345000014",
        "100001",
        "Gift, wrap it",
        "199.95 DKK",
    ):
        assert fact in page.rows[0]
    assert "Åse Ø. Sørensen member 4711" in page.text


def test_paper_is_asked_for_by_get_and_opens_beside_the_page(cast: Cast, aarhus: Client) -> None:
    order = taken(cast)
    paper = [form for form in page_of(aarhus, order).forms if re.search(r"/orders/.*\.pdf$", form.action)]
    assert [(form.action, form.method) for form in paper] == [
        (f"/pos/orders/{order.pk}/pick-list.pdf", "get"),
        (f"/pos/orders/{order.pk}/address-label.pdf", "get"),
        (f"/pos/orders/{order.pk}/bag-slip.pdf", "get"),
    ]


@pytest.mark.parametrize("number", [0, 10**30])
def test_an_order_that_is_not_there_is_not_found(aarhus: Client, number: int) -> None:
    assert aarhus.get(f"/pos/orders/{number}/").status_code == 404


# Several shops


@pytest.fixture
def in_two_shops(cast: Cast) -> Client:
    """Freja, who also works in Odense."""
    Membership.objects.create(user=cast.person("aarhus"), shop=cast.odense)
    received(cast, new_order("AARHUS"))
    received(cast, new_order("ODENSE", 996002))
    return browser(cast, "aarhus")


def test_the_choice_between_two_shops_is_kept(in_two_shops: Client) -> None:
    assert queue(in_two_shops) == ["AARHUS"]
    assert [name for name in Page(in_two_shops.get("/pos/")).buttons if name in ("Aarhus", "Odense")] == [
        "Aarhus",
        "Odense",
    ]
    assert in_two_shops.post("/pos/shop/", {"shop": "996002"})["Location"] == "/pos/"
    assert queue(in_two_shops) == queue(in_two_shops) == ["ODENSE"]


def test_an_order_of_the_persons_other_shop_opens_under_that_shops_name(
    cast: Cast, in_two_shops: Client
) -> None:
    order = WebOrder.objects.get(order_no="ODENSE")
    assert in_two_shops.get(f"/pos/orders/{order.pk}/").context["shop"] == cast.odense
    assert queue(in_two_shops) == ["AARHUS"]


@pytest.mark.parametrize("shop", ["996003", "996900", "997001", "", "0", "-1", "9" * 30, "abc", "٩", "1\0"])
def test_another_persons_shop_cannot_be_chosen(in_two_shops: Client, shop: str) -> None:
    assert in_two_shops.post("/pos/shop/", {"shop": shop}).status_code == 404
    assert queue(in_two_shops) == ["AARHUS"]


def test_a_person_who_left_the_chosen_shop_works_in_their_other_one(cast: Cast, in_two_shops: Client) -> None:
    in_two_shops.post("/pos/shop/", {"shop": "996002"})
    Membership.objects.filter(user=cast.person("aarhus"), shop=cast.odense).delete()
    assert queue(in_two_shops) == ["AARHUS"]


def test_who_works_in_one_shop_has_nothing_to_choose(aarhus: Client) -> None:
    assert "Aarhus" not in Page(aarhus.get("/pos/")).buttons
