"""The shop's paper: true to size, complete, and its codes read back from the page as it is printed."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as some
from pytest_django import DjangoAssertNumQueries

from accounts.models import Group
from core.paper.codes import bar_dots, code128, fits_code128
from core.paper.fitting import POINT, Fitted, fit, in_rows
from core.paper.press import bound, printed
from ddd.models import Variant
from orders import delivery
from orders.models import Document, Line, OrderEvent, WebOrder
from pos.documents import address_label, bag_slip, check_sheet, pick_list
from pos.documents.labelling import label
from pos.documents.picking import for_walking
from tests.factories import (
    CAP,
    JUMPER,
    JUMPER_L,
    NOW,
    SCARF,
    SCARF_EAN,
    SHARED_EAN,
    Cast,
    again,
    new_order,
    picked,
    received,
    taken,
)
from tests.pos.paper import Page, pages_of

QR_ONLY = "This OrderNo has letters that a barcode cannot carry: scan the QR code."
FIFTY = "99-NORDLYS-2026-w/0123456789.abcdefghij+KLMNO_pqrs"
PAPERS = ("pick-list", "address-label", "bag-slip")
BrowserOf = Callable[[str], Client]


def label_of(order: WebOrder) -> Page:
    (page,) = pages_of(address_label([order]))
    return page


def list_of(order: WebOrder, with_codes: bool = False) -> list[Page]:
    return pages_of(pick_list([order]), with_codes)


# The address label


def test_the_label_is_exactly_100_by_150_mm_and_both_its_codes_say_the_order_no(cast: Cast) -> None:
    page = label_of(received(cast, new_order("W-10231")))
    assert page.size == (100, 150)
    assert page.codes == {"QR Code": "W-10231", "Code 128": "W-10231"}


def test_the_label_says_who_receives_and_who_sends(cast: Cast) -> None:
    page = label_of(received(cast, new_order("W-1")))
    for words in ("Åse Ø. Sørensen", "Bakkevej 3, 2. tv.", "8000 Aarhus C", *cast.aarhus.address.split("#")):
        assert words in page.text
    assert cast.aarhus.name in page.text
    assert "#" not in page.text


def test_the_orders_own_return_address_goes_before_the_shops(cast: Cast) -> None:
    order = received(cast, new_order())
    WebOrder.objects.filter(pk=order.pk).update(return_address="Nordlys Retur#Postboks 9#2600 Glostrup")
    page = label_of(again(order))
    assert "Nordlys Retur Postboks 9 2600 Glostrup" in page.text
    assert "Søndergade" not in page.text


def test_the_label_carries_each_delivery_no_once(cast: Cast) -> None:
    order = received(cast, new_order())
    order.lines.update(delivery_no="00370723456789012345")
    assert label_of(again(order)).text.count("00370723456789012345") == 1


def test_the_label_speaks_the_groups_language_whatever_the_person_speaks(cast: Cast) -> None:
    order = received(cast, new_order())
    order.group.language = "da"
    with translation.override("en"):
        assert 'lang="da"' in label(order)
        order.group.language = "en"
        assert 'lang="en"' in label(order)


@pytest.mark.any_database
@pytest.mark.parametrize("length", [1, 2, 7, 12, 20, *range(28, 51, 3), 50])
def test_an_order_no_of_any_length_reads_back_from_label_and_pick_list(cast: Cast, length: int) -> None:
    number = FIFTY[-length:]
    order = received(cast, new_order(number))
    assert label_of(order).codes == {"QR Code": number, "Code 128": number}
    assert list_of(order, with_codes=True)[0].codes == {"Code 128": number}


@pytest.mark.any_database
@pytest.mark.parametrize("number", ["9912345", "99", "0099", "100", "12A", "A1234567B", "a b", "~!-"])
def test_digits_and_signs_read_back(cast: Cast, number: str) -> None:
    order = received(cast, new_order(number))
    assert label_of(order).codes == {"QR Code": number, "Code 128": number}


def test_up_to_thirty_letters_get_bars_that_every_scanner_reads() -> None:
    assert [bar_dots("x" * count, 98, 5) for count in (3, 8, 12, 18, 30, 31, 50)] == [5, 5, 4, 3, 2, 1, 1]


@pytest.mark.parametrize("number", ["ØRDRE-7", "ó1", "注文7", "نظام-7", "x😀"])
def test_an_order_no_that_code_128_cannot_carry_gets_its_qr_code_and_a_sentence(
    cast: Cast, number: str
) -> None:
    Group.objects.update(language="en")
    order = received(cast, new_order(number))
    label = label_of(order)
    assert label.codes == {"QR Code": number}
    assert QR_ONLY in label.text
    assert list_of(order, with_codes=True)[0].codes == {"QR Code": number}


LONGEST = "Villads Emil Rønne Østergaard-Kærgaard#c/o Nordjysk Bogbinderi og Papirhandel ApS"
ADDRESSES = {
    "five lines of 25": "#".join(["Nordre Strandvejens Allé 7"[:25]] * 5),
    "long lines": (f"{LONGEST}#Østerågade 3, 2. mellembygning til venstre#9000 Aalborg#Danmark#" * 2)[:255],
    "wide letters": "W" * 255,
    "one word": "Æ" * 100 + "#" + "æ" * 154,
    "many lines": "#".join("abcdefgh" * 16)[:255],
    "right to left": "שלום כהן#محمد الأحمد#رقم ٧#😀👩‍👩‍👧#日本",
    "line breaks only": "###",
    "nothing": "",
}


@pytest.mark.any_database
@pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES.keys())
@pytest.mark.parametrize("number", ["W-1", FIFTY])
def test_no_address_is_cut_or_runs_into_the_order_no(cast: Cast, address: str, number: str) -> None:
    order = received(cast, new_order(number, receive_address=address))
    order.lines.update(delivery_no="D" * 50)
    page = label_of(again(order))
    assert page.codes == {"QR Code": number, "Code 128": number}
    assert not page.overflow
    together = page.text.replace(" ", "").replace(",", "")
    if "left" not in address and address.isprintable() and all(ord(sign) < 0x250 for sign in address):
        assert address.replace("#", "").replace(" ", "").replace(",", "") in together


def test_an_endless_return_address_ends_in_three_dots_and_harms_nothing(cast: Cast) -> None:
    order = received(cast, new_order("W-1"))
    WebOrder.objects.filter(pk=order.pk).update(return_address="Lagervej 12#" * 166)
    page = label_of(again(order))
    assert page.codes == {"QR Code": "W-1", "Code 128": "W-1"}
    assert "…" in page.text
    assert "Bakkevej 3, 2. tv." in page.text


def test_markup_in_an_address_is_text(cast: Cast) -> None:
    page = label_of(received(cast, new_order(receive_address="<b>Åse</b> & Søn#{{ order }}")))
    assert "<b>Åse</b> & Søn {{ order }}" in page.text


# The pick list


def test_the_pick_list_says_all_that_is_needed_to_find_the_pieces(cast: Cast) -> None:
    order = taken(cast, new=new_order("W-7", customer_number=100042, notes="Gave: pak den pænt ind"))
    (page,) = list_of(order, with_codes=True)
    assert page.size == (210, 297)
    assert page.codes == {"Code 128": "W-7"}
    facts = ("Wool jumper Skagerrak", "Blue · S", str(JUMPER), SCARF_EAN, "Gave: pak den pænt ind", "199.95")
    for words in (*facts, "Åse Ø. Sørensen", "100042", "Freja Sørensen", "Item group 1010", "399.90 DKK"):
        assert words in page.text
    assert "Tuesday 3 March, 11:00" in page.text
    assert "Paid in the web shop" in page.text
    assert "page 1 of 1" in page.text


def test_amounts_and_dates_are_danish_for_who_reads_danish(cast: Cast) -> None:
    order = received(cast, new_order(price="1234.50"))
    with translation.override("da"):
        (page,) = list_of(order)
    assert "2.469,00 DKK" in page.text
    assert "tirsdag 3" in page.text


def test_an_order_that_is_not_paid_says_what_to_take(cast: Cast) -> None:
    order = received(cast, new_order(is_paid=False))
    assert "Not paid: take 399.90 DKK" in list_of(order)[0].text


def test_what_is_missing_is_struck_out_and_not_counted(cast: Cast) -> None:
    order = picked(cast, missing=(1,))
    (page,) = list_of(order)
    assert "Not found on the shelf" in page.text
    assert "✕" in page.text
    assert "✓" in page.text
    assert "1 piece · 199.95 DKK" in page.text


def test_all_eans_that_a_shelf_may_say_are_there(cast: Cast) -> None:
    (page,) = list_of(received(cast, new_order(variants=(100013,))))
    assert "5712345000137" in page.text
    assert SHARED_EAN in page.text


def test_an_ean_as_long_as_ddd_allows_is_not_cut(cast: Cast) -> None:
    order = received(cast, new_order())
    order.lines.update(ean="E" * 50)
    assert list_of(again(order))[0].text.count("E" * 50) == 2


def test_pieces_come_as_one_walks_by_item_group_description_colour_and_size(cast: Cast) -> None:
    rows = [
        (3, None, "Anorak", "Black", "S"),
        (9, 20, "anorak", "Red", "104"),
        (1, 20, "Anorak", "Red", "36"),
        (2, 20, "Anorak", "Blue", "XL"),
        (7, 20, "Anorak", "Blue", "S"),
        (8, 20, "Anorak", "Blue", "One size"),
        (6, 10, "Wader", "", ""),
    ]
    for variant_id, group, *names in rows:
        facts = dict(zip(("description", "colour", "size"), names, strict=True))
        Variant.objects.create(
            group=cast.nordlys, variant_id=variant_id, item_group=group, read_at=NOW, **facts
        )
    order = received(cast, new_order(variants=tuple(row[0] for row in rows)))
    walked = for_walking(list(order.lines.select_related("variant")))
    assert [line.variant.variant_id for line in walked] == [6, 7, 2, 8, 1, 9, 3]


@pytest.mark.any_database
@pytest.mark.parametrize(("pieces", "pages"), [(1, 1), (20, 1), (60, 3)])
def test_pieces_fill_the_pages_and_each_page_says_whose_it_is(cast: Cast, pieces: int, pages: int) -> None:
    variants = ((JUMPER, SCARF, CAP, JUMPER_L) * 15)[:pieces]
    found = list_of(received(cast, new_order("W-60", variants=variants)), with_codes=True)
    assert len(found) == pages
    assert found[0].codes == {"Code 128": "W-60"}
    assert sum(page.text.count("199.95") for page in found) == pieces + (pieces == 1)
    for number, page in enumerate(found, 1):
        assert f"page {number} of {pages}" in page.text
        assert "Ean VariantId Price" in page.text
        assert page.text.count("W-60") == 2
        assert not page.overflow


def test_notes_and_names_of_full_length_are_whole(cast: Cast) -> None:
    Variant.objects.filter(variant_id=JUMPER).update(description="D" * 100, colour="C" * 30, size="Z" * 30)
    order = received(cast, new_order(variants=(JUMPER,) * 20, notes="N" * 250, price="9999979.99"))
    found = list_of(order)
    text = "".join(page.text for page in found).replace(" ", "")
    for sign, count in (("D", 100), ("C", 30), ("Z", 30), ("N", 250)):
        assert text.count(sign * count) == 20
    assert not any(page.overflow for page in found)


def test_an_order_without_pieces_has_a_list_all_the_same(cast: Cast) -> None:
    order = received(cast, new_order())
    Line.objects.filter(order=order).delete()
    assert "0 pieces" in list_of(again(order))[0].text


# Many at once


@pytest.mark.any_database
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


@pytest.mark.any_database
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
    pages = [bound("T", [label(received(cast, new_order(f"T-{number}")))]) for number in range(6)]
    with ThreadPoolExecutor(6) as threads:
        found = [
            pages_of(pdf)[0]
            for pdf in threads.map(lambda html: printed("pos/documents/address_label.css", [html]), pages)
        ]
    assert [page.codes["QR Code"] for page in found] == [f"T-{number}" for number in range(6)]


@pytest.mark.any_database
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
    printed(
        "pos/documents/address_label.css",
        ["<img src='file:///etc/hostname'><img src='http://127.0.0.1:9/x.png'>"],
    )
    assert caplog.text.count("disallowed protocol") == 2


# The doors


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
        (event.actor.name, event.facts)
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
    cast.person("aarhus").speak("en")
    answer = browser_of("aarhus").get(
        f"/pos/orders/{order.pk}/pick-list.pdf", headers={"accept-language": "da"}
    )
    assert "Tuesday 3 March, 11:00" in pages_of(answer.content, with_codes=False)[0].text


@pytest.mark.parametrize(("path", "queries"), [("pick-list", 15), ("address-label", 13), ("bag-slip", 13)])
def test_a_door_asks_the_database_a_fixed_number_of_questions(
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


# How large


def test_a_short_text_is_large_and_a_long_one_shrinks_to_fit() -> None:
    assert fit(["Åse"], 92, 40, 28, 6) == Fitted(("Åse",), 28)
    assert fit(["a" * 60] * 4, 92, 40, 28, 6).size < 20


def test_too_many_lines_run_on_and_too_much_text_ends_in_three_dots() -> None:
    assert fit("abcdefghijklmnopqrst", 92, 20, 28, 6).lines == (", ".join("abcdefghijklmnopqrst"),)
    cut = fit(["word " * 900], 40, 10, 10, 5)
    assert cut.cut
    assert cut.lines[0].endswith("…")


@settings(max_examples=60, deadline=None)
@given(text=some.text(some.characters(min_codepoint=33, max_codepoint=0x1FAFF), min_size=1, max_size=50))
def test_an_order_no_in_rows_is_whole_and_at_least_as_large_as_fifty_letters(text: str) -> None:
    rows, size = in_rows(text, 92, 17, 9.5, 3)
    assert "".join(rows) == text
    assert len(rows) <= 4
    assert size >= 92 / (34 * 0.603) * 0.99
    assert size <= 17 * 1.001


@settings(max_examples=100, deadline=None)
@given(text=some.text(some.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=50))
def test_code_128_never_outgrows_its_place(text: str) -> None:
    assert fits_code128(text)
    drawing = code128(text, 98, 17)
    width = Decimal(drawing.partition('width="')[2].partition("mm")[0])
    assert width <= 98
    assert drawing.count("<path") == 1


def test_a_point_is_a_72nd_of_an_inch() -> None:
    assert pytest.approx(25.4 / 72, rel=1e-5) == POINT
