"""The queue's search, its narrower lists, and what it says of waiting and late orders."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from orders.models import WebOrder
from tests.core.pages import Page, browser
from tests.factories import (
    CAP,
    JUMPER,
    JUMPER_EAN,
    NOW,
    SCARF,
    Cast,
    delivered,
    new_order,
    picked,
    received,
    taken,
)

LATER = NOW + timedelta(minutes=40)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(LATER, tick=False) as traveller:
        yield traveller


@pytest.fixture
def aarhus(cast: Cast) -> Client:
    return browser(cast, "aarhus")


def found(client: Client, text: str) -> list[str]:
    """The OrderNos of what fits."""
    return [order.order_no for order in client.get("/pos/", {"q": text}).context["orders"]]


def opened(client: Client, text: str) -> str:
    """Where the search leads at once."""
    return str(client.get("/pos/", {"q": text})["Location"])


def page_of(order: WebOrder) -> str:
    return f"/pos/orders/{order.pk}/"


@pytest.mark.parametrize("text", ["W-10231", "w-10231", "  W-10231\r\n"])
@pytest.mark.parametrize("state", [received, taken, picked, delivered])
def test_an_order_no_opens_its_order_in_every_state(
    cast: Cast, aarhus: Client, state: type, text: str
) -> None:
    order = state(cast, new=new_order("W-10231"))
    received(cast, new_order("W-102310"))
    assert opened(aarhus, text) == page_of(order)


def test_a_part_of_an_order_no_lists_all_that_fit(cast: Cast, aarhus: Client) -> None:
    for order_no in ("W-10231", "W-10232", "X-1"):
        received(cast, new_order(order_no))
    assert found(aarhus, "w-1023") == ["W-10231", "W-10232"]


def test_a_customer_is_found_by_part_of_their_name_in_any_spelling(cast: Cast, aarhus: Client) -> None:
    received(cast, new_order("A", receive_address="Åse Ø. Sørensen#Bakkevej 3"))
    received(cast, new_order("B", receive_address="Bo#Åsevej 1"))
    assert found(aarhus, "åse") == found(aarhus, "SØRENSEN") == found(aarhus, "Åse  ø.") == ["A"]
    assert found(aarhus, "bakkevej") == []


def test_a_pick_up_code_opens_the_order_that_waits_for_it(cast: Cast, aarhus: Client) -> None:
    order, other = picked(cast, new=new_order("A")), picked(cast, new=new_order("B"))
    gone = delivered(cast, new=new_order("C"))
    WebOrder.objects.filter(pk__in=[order.pk, gone.pk]).update(pickup_code="004711")
    WebOrder.objects.filter(pk=other.pk).update(pickup_code="999999")
    assert opened(aarhus, "004711") == page_of(order)
    # Two customers with the same number: staff sees both.
    WebOrder.objects.filter(pk=other.pk).update(pickup_code="004711")
    assert found(aarhus, "004711") == ["A", "B"]
    assert found(aarhus, "00471") == []


@pytest.mark.parametrize("code", [JUMPER_EAN, str(JUMPER)])
def test_a_piece_lists_the_open_orders_that_want_it(cast: Cast, aarhus: Client, code: str) -> None:
    received(cast, new_order("A", variants=(JUMPER, JUMPER)))
    received(cast, new_order("B", variants=(SCARF,)))
    picked(cast, new=new_order("C", variants=(CAP, JUMPER)))
    delivered(cast, new=new_order("D", variants=(JUMPER,)))
    assert found(aarhus, code) == ["A", "C"]


def test_another_shop_and_another_group_are_never_found(cast: Cast, aarhus: Client) -> None:
    received(cast, new_order("ODENSE", 996002))
    received(cast, new_order("FJORD", 997001), web_shop="fjord")
    for text in ("ODENSE", "FJORD", "Åse", JUMPER_EAN):
        assert found(aarhus, text) == []
    assert "No order here fits “ODENSE”." in Page(aarhus.get("/pos/", {"q": "ODENSE"})).text


@pytest.mark.parametrize("text", ["\0", "9" * 300, "<script>", "%", "_", "٩", "'; --"])
def test_nothing_that_is_typed_breaks_the_search(cast: Cast, aarhus: Client, text: str) -> None:
    received(cast, new_order("A"))
    answer = aarhus.get("/pos/", {"q": text})
    assert answer.status_code == 200
    assert Page(answer).faults == []


def test_what_is_late_has_a_tab_of_its_own_with_all_that_is_late(
    cast: Cast, aarhus: Client, clock: time_machine.Traveller
) -> None:
    received(cast, new_order("N"))
    taken(cast, new=new_order("P"))
    picked(cast, new=new_order("R"))
    assert "Late" not in Page(aarhus.get("/pos/")).text
    clock.move_to(NOW + timedelta(minutes=101))
    received(cast, new_order("FRESH"), now=NOW + timedelta(minutes=100))
    answer = aarhus.get("/pos/?tab=late")
    assert [order.order_no for order in answer.context["orders"]] == ["N", "P"]
    page = Page(answer)
    assert "Late 2" in page.links
    assert page.text.count("late by 41 min") == 2
    assert "Late 2" in Page(aarhus.get("/pos/?tab=done")).links


def test_the_waiting_time_is_shown_with_the_promise(cast: Cast, aarhus: Client) -> None:
    received(cast, new_order("N"))
    assert "waits for 40 min promised in 20 min" in Page(aarhus.get("/pos/")).rows[0]


def test_the_list_narrows_to_what_is_not_paid(cast: Cast, aarhus: Client) -> None:
    received(cast, new_order("PAID"))
    received(cast, new_order("DUE", is_paid=False))
    page = Page(aarhus.get("/pos/"))
    narrowed = aarhus.get(f"/pos/{page.links['Only not paid']}")
    assert [order.order_no for order in narrowed.context["orders"]] == ["DUE"]
    assert Page(narrowed).links["Only not paid"] == "?tab=new"


def asked(client: Client, text: str) -> int:
    """How many queries a search costs."""
    with CaptureQueriesContext(connection) as queries:
        client.get("/pos/", {"q": text})
    return len(queries)


@pytest.mark.slow
def test_a_search_asks_as_much_of_one_order_as_of_two_hundred_and_says_that_there_are_more(
    cast: Cast, aarhus: Client
) -> None:
    received(cast, new_order("FIRST", variants=(JUMPER,)))
    before = asked(aarhus, "sørensen")
    for _number in range(204):
        received(cast, new_order(variants=(JUMPER,)))
    assert asked(aarhus, "sørensen") == before < 20
    answer = aarhus.get("/pos/", {"q": "sørensen"})
    assert len(answer.context["orders"]) == 200
    assert "There are more: only the first 200 stand here." in Page(answer).text
    assert "There are more: only the first 200 stand here." in Page(aarhus.get("/pos/")).text
