"""The bag slip, the check sheet, many labels in one PDF, and the events of prints."""

import os
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts.models import Group
from orders.models import Document, OrderEvent, WebOrder
from pos.documents import address_label, bag_slip, check_sheet
from tests.factories import CAP, JUMPER, NOW, SCARF, Cast, again, new_order, picked, received
from tests.orders.together import at_once
from tests.pos.paper import ADDRESSES, FIFTY, Page, pages_of

pytestmark = pytest.mark.any_database

BrowserOf = Callable[[str], Client]


def slip_of(order: WebOrder) -> Page:
    (page,) = pages_of(bag_slip([order]))
    return page


def printed(order: WebOrder) -> list[dict[str, object]]:
    return [event.data for event in order.events.filter(kind=OrderEvent.Kind.PRINTED)]


# The slip


def test_the_slip_says_whose_bag_it_is_and_until_when(cast: Cast) -> None:
    Group.objects.update(language="en")
    order = picked(cast, new=new_order("W-10231", variants=(JUMPER, SCARF, CAP)), missing=(1,))
    WebOrder.objects.filter(pk=order.pk).update(collect_by=NOW + timedelta(days=7))
    page = slip_of(again(order))
    assert page.size == (100, 150)
    assert page.codes == {"QR Code": "W-10231"}
    for words in ("W-10231", "Åse Ø. Sørensen", "Pieces 2 of 3", "Collect by Tue 10 Mar", "Aarhus"):
        assert words in page.text
    assert not page.overflow


def test_the_slip_shows_passers_by_no_address_and_no_pickup_code(cast: Cast) -> None:
    order = picked(cast, new=new_order(customer_number=100042))
    WebOrder.objects.filter(pk=order.pk).update(pickup_code="918273")
    page = slip_of(again(order))
    for secret in ("918273", "Bakkevej", "8000", "100042", "199"):
        assert secret not in page.text
    assert page.codes == {"QR Code": order.order_no}


def test_an_unpaid_bag_says_so(cast: Cast) -> None:
    Group.objects.update(language="en")
    assert "Not paid" in slip_of(picked(cast, new=new_order(is_paid=False))).text
    assert "Not paid" not in slip_of(picked(cast)).text


def test_the_order_no_is_huge(cast: Cast) -> None:
    page = slip_of(received(cast, new_order("W-10231")))
    assert max(bottom - top for top, bottom in page.letters) > 14


@pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES.keys())
@pytest.mark.parametrize("number", ["W-1", FIFTY, "W" * 50, "ØRDRE-😀-注文-نظام-7"])
def test_nothing_on_a_slip_is_cut_or_runs_into_another(cast: Cast, address: str, number: str) -> None:
    order = received(cast, new_order(number, receive_address=address, notes="N" * 250))
    page = slip_of(again(order))
    assert page.codes == {"QR Code": number}
    assert not page.overflow
    assert not page.crosses(66)  # the lines above the name and below it
    assert not page.crosses(96)


# The check sheet


def test_the_check_sheet_has_an_a4_page_and_one_of_a_label(cast: Cast) -> None:
    large, small = pages_of(check_sheet())
    assert (large.size, small.size) == ((210, 297), (100, 150))
    for page in (large, small):
        assert page.all_codes == {
            ("QR Code", "W-1023"),
            ("Code 128", "W-1023"),
            ("Code 128", "W-2026-00012345"),
        }
    for words in ("10 mm", "50 mm", "100 mm", "0 %", "100 %"):
        assert words in large.text
    for words in ("10 mm", "50 mm", "0 %", "100 %"):
        assert words in small.text


@pytest.mark.parametrize(("page", "sides"), [(0, (10, 50, 100)), (1, (10, 50))])
def test_its_squares_measure_what_they_say(cast: Cast, page: int, sides: tuple[int, ...]) -> None:
    measured = pages_of(check_sheet(), with_codes=False)[page].squares
    assert set(sides) <= set(measured)  # and the square of the QR


def test_the_check_sheet_is_about_a_printer_and_leaves_no_trace(cast: Cast, browser_of: BrowserOf) -> None:
    answer = browser_of("aarhus").get("/pos/documents/check-sheet.pdf")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert not OrderEvent.objects.filter(kind=OrderEvent.Kind.PRINTED).exists()


# Many labels


def labels(client: Client, *keys: object) -> HttpResponse:
    return client.get("/pos/documents/labels.pdf", {"order": [str(key) for key in keys]})  # type: ignore[return-value]


def test_labels_of_chosen_orders_come_in_the_order_of_choice_and_are_noted(
    cast: Cast, browser_of: BrowserOf
) -> None:
    orders = [received(cast, new_order(f"L-{number}")) for number in range(3)]
    answer = labels(browser_of("aarhus"), orders[2].pk, orders[0].pk, orders[2].pk)
    assert [page.codes["QR Code"] for page in pages_of(answer.content)] == ["L-2", "L-0"]
    assert [len(printed(order)) for order in orders] == [1, 0, 1]
    labels(browser_of("manager"), orders[0].pk)
    assert printed(orders[0]) == [
        {"document": "address label"},
        {"document": "address label", "reprint": 1},
    ]


@pytest.mark.parametrize("who", ["odense", "office", "fjord staff"])
def test_of_another_shop_no_label_is_printed_not_even_beside_ones_own(
    cast: Cast, browser_of: BrowserOf, who: str
) -> None:
    theirs, own = received(cast), received(cast, new_order(shop_id=996002))
    answer = labels(browser_of(who), own.pk, theirs.pk)
    assert answer.status_code == 404
    assert printed(theirs) + printed(own) == []


@pytest.mark.parametrize("keys", [(), ("x",), ("0",), tuple(range(1, 202))])
def test_no_order_and_too_many_are_refused_with_a_sentence(
    cast: Cast, browser_of: BrowserOf, keys: tuple[object, ...]
) -> None:
    answer = labels(browser_of("aarhus"), *keys)
    assert answer.status_code in (404, 422)
    assert not OrderEvent.objects.filter(kind=OrderEvent.Kind.PRINTED).exists()


def memory() -> int:
    """In MB."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 2**20


@pytest.mark.slow
def test_sixty_labels_are_one_pdf_and_memory_stays_flat(cast: Cast) -> None:
    for number in range(60):
        received(cast, new_order(f"M-{number:03}", variants=(JUMPER,), receive_address=f"Kunde {number:03}"))
    orders = list(WebOrder.objects.order_by("order_no").select_related("group", "shop"))
    pages = pages_of(address_label(orders), with_codes=False)
    address_label(orders)  # what is loaded once is there by now
    before = memory()
    address_label(orders)
    assert memory() - before < 25
    assert len(pages) == 60
    assert {page.size for page in pages} == {(100, 150)}
    for number, page in enumerate(pages):
        assert f"Kunde {number:03}" in page.text
        assert f"M-{number:03}" in page.text


# What is noted


def test_each_document_counts_its_own_reprints(cast: Cast, browser_of: BrowserOf) -> None:
    order, client = received(cast), browser_of("aarhus")
    for path in ("bag-slip", "address-label", "bag-slip", "bag-slip"):
        client.get(f"/pos/orders/{order.pk}/{path}.pdf")
    assert printed(order) == [
        {"document": Document.BAG_SLIP},
        {"document": Document.ADDRESS_LABEL},
        {"document": Document.BAG_SLIP, "reprint": 1},
        {"document": Document.BAG_SLIP, "reprint": 2},
    ]


def test_head_office_sees_on_the_timeline_what_was_printed_again(cast: Cast, browser_of: BrowserOf) -> None:
    order = received(cast)
    for _twice in range(2):
        browser_of("aarhus").get(f"/pos/orders/{order.pk}/bag-slip.pdf")
    answer = browser_of("office").get(f"/orders/{order.pk}/", headers={"accept-language": "en"})
    page = " ".join(answer.content.decode().split())
    assert page.count("Bag slip") == 2
    assert page.count("Bag slip · Reprint 1") == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_print_at_the_same_moment_one_prints_again(cast: Cast, browser_of: BrowserOf) -> None:
    order = received(cast)
    freja, mads = browser_of("aarhus"), browser_of("manager")
    path = f"/pos/orders/{order.pk}/bag-slip.pdf"
    answers = at_once(lambda: freja.get(path), lambda: mads.get(path))
    assert [getattr(answer, "status_code", answer) for answer in answers] == [200, 200]
    assert sorted(str(data.get("reprint", "")) for data in printed(order)) == ["", "1"]
