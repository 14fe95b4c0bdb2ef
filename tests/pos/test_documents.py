"""The shop's paper for many orders at once, and who may print it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from core.paper.pdf import bind_sheets, render_pdf
from orders import delivery
from orders.models import Document, OrderEvent, WebOrder
from pos.documents import address_label, bag_slip, check_sheet, pick_list
from pos.documents.address_labels import label
from tests.factories import CAP, JUMPER, JUMPER_L, NOW, SCARF, Cast, new_order, picked, received
from tests.pos.paper import pages_of

pytestmark = pytest.mark.any_database

PAPERS = ("pick-list", "address-label", "bag-slip")
BrowserOf = Callable[[str], Client]


# Many at once


def test_thirty_orders_in_one_pdf_each_with_its_own_head_and_page_numbers(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(30):
        pieces = (JUMPER, SCARF, CAP) * (10 if number % 10 == 3 else 1)
        received(cast, new_order(f"M-{number:02}", variants=pieces, receive_address=f"Kunde {number:02}"))
    orders = list(WebOrder.objects.order_by("order_no").select_related("group", "shop", "taken_by"))
    with django_assert_num_queries(3):
        lists = pages_of(pick_list(orders), with_codes=False)
    expected = []
    for number in range(30):
        expected += [(number, 1, 2), (number, 2, 2)] if number % 10 == 3 else [(number, 1, 1)]
    assert len(lists) == len(expected)
    for page, (number, this, of) in zip(lists, expected, strict=True):
        assert f"M-{number:02}" in page.text
        assert f"Kunde {number:02}" in page.text
        assert f"page {this} of {of}" in page.text


def test_thirty_labels_in_one_pdf_are_each_its_own_orders(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(30):
        received(cast, new_order(f"M-{number:02}", receive_address=f"Kunde {number:02}"))
    orders = list(WebOrder.objects.order_by("order_no").select_related("group", "shop"))
    with django_assert_num_queries(1):
        pdf = address_label(orders)
    labels = pages_of(pdf)
    assert {page.size for page in labels} == {(100, 150)}
    for number, page in enumerate(labels):
        assert page.codes == {"QR Code": f"M-{number:02}", "Code 128": f"M-{number:02}"}
        assert f"Kunde {number:02}" in page.text
    assert len(labels) == 30


def test_threads_that_print_at_the_same_moment_do_not_disturb_each_other(cast: Cast) -> None:
    pages = [bind_sheets("T", [label(received(cast, new_order(f"T-{number}")))]) for number in range(6)]
    with ThreadPoolExecutor(6) as threads:
        found = [
            pages_of(pdf)[0]
            for pdf in threads.map(lambda html: render_pdf("pos/documents/address_label.css", [html]), pages)
        ]
    assert [page.codes["QR Code"] for page in found] == [f"T-{number}" for number in range(6)]


def test_weasyprint_understands_every_word_of_the_style_sheets(
    cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    order = picked(cast, missing=(1,))
    pick_list([order])
    address_label([order])
    bag_slip([order])
    check_sheet()
    assert [entry.message for entry in caplog.records if entry.levelname != "INFO"] == []


def test_paper_fetches_nothing(caplog: pytest.LogCaptureFixture) -> None:
    render_pdf(
        "pos/documents/address_label.css",
        ["<img src='file:///etc/hostname'><img src='http://127.0.0.1:9/x.png'>"],
    )
    assert caplog.text.count("disallowed protocol") == 2


# Access


@pytest.mark.parametrize(
    ("path", "document", "name"),
    [
        ("pick-list", Document.PICK_LIST, "pick-list-W-Ø-7-x.pdf"),
        ("address-label", Document.ADDRESS_LABEL, "address-label-W-Ø-7-x.pdf"),
        ("bag-slip", Document.BAG_SLIP, "bag-slip-W-Ø-7-x.pdf"),
    ],
)
def test_each_print_is_noted_with_who_printed(
    cast: Cast, browser_of: BrowserOf, path: str, document: Document, name: str
) -> None:
    order = received(cast, new_order('W/Ø-7"x'))
    client = browser_of("aarhus")
    for _again in range(2):
        answer = client.get(f"/pos/orders/{order.pk}/{path}.pdf")
        assert answer.status_code == 200
        assert answer["Content-Type"] == "application/pdf"
        assert answer["Content-Disposition"].startswith("inline")
        assert answer["Cache-Control"] == "no-store, private"
    _inline, _equals, sent = answer["Content-Disposition"].partition("filename*=utf-8''")
    assert sent == name.replace("Ø", "%C3%98")
    printed_by = [
        (event.actor.name, event.data)
        for event in OrderEvent.objects.filter(order=order, kind=OrderEvent.Kind.PRINTED)
        if event.actor
    ]
    assert printed_by == [
        ("Freja Sørensen", {"document": document.value}),
        ("Freja Sørensen", {"document": document.value, "reprint": 1}),
    ]
    assert order.order_no in pages_of(answer.content)[0].text


@pytest.mark.parametrize("path", PAPERS)
@pytest.mark.parametrize("who", ["odense", "office", "fjord staff", "fjord office"])
def test_who_does_not_work_in_the_shop_finds_no_paper_and_leaves_no_trace(
    cast: Cast, browser_of: BrowserOf, path: str, who: str
) -> None:
    order = received(cast)
    assert browser_of(who).get(f"/pos/orders/{order.pk}/{path}.pdf").status_code == 404
    assert not order.events.filter(kind=OrderEvent.Kind.PRINTED).exists()


@pytest.mark.parametrize("path", PAPERS)
def test_printing_is_reading_for_the_browser(cast: Cast, browser_of: BrowserOf, path: str) -> None:
    order = received(cast)
    assert browser_of("aarhus").post(f"/pos/orders/{order.pk}/{path}.pdf").status_code == 405
    assert not order.events.filter(kind=OrderEvent.Kind.PRINTED).exists()


def test_the_list_speaks_the_persons_language_and_its_clock_is_the_groups(
    cast: Cast, browser_of: BrowserOf
) -> None:
    order = received(cast)
    cast.person("aarhus").set_language("en")
    answer = browser_of("aarhus").get(
        f"/pos/orders/{order.pk}/pick-list.pdf", headers={"accept-language": "da"}
    )
    assert "Tuesday 3 March, 11:00" in pages_of(answer.content, with_codes=False)[0].text


@pytest.mark.parametrize(("path", "queries"), [("pick-list", 15), ("address-label", 13), ("bag-slip", 13)])
def test_the_number_of_queries_is_constant(
    cast: Cast,
    browser_of: BrowserOf,
    path: str,
    queries: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    order = received(cast, new_order(variants=(JUMPER, SCARF, CAP, JUMPER_L) * 10))
    client = browser_of("aarhus")
    with django_assert_num_queries(queries):
        client.get(f"/pos/orders/{order.pk}/{path}.pdf")


def test_a_delivered_order_still_has_its_papers(cast: Cast, browser_of: BrowserOf) -> None:
    order = picked(cast)
    delivery.deliver(order, delivery.HandOver(WebOrder.Way.HAND_OVER), cast.person("aarhus"), NOW)
    for path in PAPERS:
        assert browser_of("aarhus").get(f"/pos/orders/{order.pk}/{path}.pdf").status_code == 200
