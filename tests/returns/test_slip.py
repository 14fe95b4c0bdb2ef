"""The customer's return slip: its contents, its paper, and where its codes lead."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import Group, Shop, User, WebShop
from ddd.models import Variant
from orders.models import Document, OrderEvent, WebOrder
from returns import desk
from returns.models import Return, ReturnPolicy
from returns.slip import return_slip
from tests.core.pages import Page as Screen
from tests.factories import CAP, JUMPER, NOW, SCARF, Cast, delivered, new_order, taken_back
from tests.pos.paper import FIFTY, Page, pages_of

pytestmark = pytest.mark.any_database

BrowserOf = Callable[[str], Client]
A5, RECEIPT = ReturnPolicy.Paper.A5, ReturnPolicy.Paper.RECEIPT
NEXT_DAY = NOW + timedelta(days=1)


@pytest.fixture(autouse=True)
def in_english(cast: Cast) -> None:
    Group.objects.update(language="en")


def on(paper: ReturnPolicy.Paper, **kwargs: object) -> None:
    ReturnPolicy.objects.update(slip_paper=paper, **kwargs)


def again(one: Return) -> Return:
    related = ("group", "shop", "taken_by", "order__group", "order__shop", "order__web_shop")
    return Return.objects.select_related(*related).get(pk=one.pk)


def pages(one: Return, with_codes: bool = True) -> list[Page]:
    return pages_of(return_slip(again(one)), with_codes)


def slip(one: Return) -> Page:
    (page,) = pages(one)
    return page


def paid_out(cast: Cast, order_no: str = "W-10231", paid_by: str = "cash", **kwargs: object) -> Return:
    """Both pieces of an order, paid back by the register of Aarhus."""
    return taken_back(cast, delivered(cast, new=new_order(order_no)), paid_by=paid_by, **kwargs)  # type: ignore[arg-type]


def refunded_by_the_web_shop(cast: Cast, order_no: str = "W-10231") -> Return:
    on(A5, register_pays=False)
    return taken_back(cast, delivered(cast, new=new_order(order_no)))


# What it says


@pytest.mark.parametrize("paper", [A5, RECEIPT])
def test_it_says_who_took_what_back_when_and_where_and_how_much_is_paid_how(
    cast: Cast, paper: ReturnPolicy.Paper
) -> None:
    on(paper)
    page = slip(paid_out(cast))
    said = ("Nordlys", *cast.aarhus.address.split("#"), "Return slip", "W-10231", "Return number 1")
    for words in (*said, "Wednesday 4 March 2026, 10:00", "Taken back by Freja"):
        assert words in page.text
    assert "Sørensen" not in page.text  # their first name is enough for a stranger
    reason = "Passer ikke"
    assert f"Wool jumper Skagerrak Blue · S {reason} 199.95 DKK" in page.text
    assert f"Scarf Løvfald Rust · One size {reason} 199.95 DKK" in page.text
    assert "2 pieces 400.00 DKK Paid out in cash: 400.00 DKK (399.90, rounded)" in page.text
    assert max(bottom - top for top, bottom in page.letters) > 6  # the amount
    assert "Not valid" not in page.text
    assert not page.overflow


def test_what_the_terminal_paid_says_so(cast: Cast) -> None:
    assert "Paid out at the card terminal" in slip(paid_out(cast, paid_by="terminal")).text


def test_what_the_web_shop_refunds_says_whom_to_ask_and_what_to_say(cast: Cast) -> None:
    page = slip(refunded_by_the_web_shop(cast))
    assert "2 pieces 399.90 DKK The web shop refunds the money." in page.text
    assert "Expect it in your account. Questions? Ask nordlys and say W-10231." in page.text
    assert "Paid out" not in page.text


def test_an_order_that_came_from_ddd_names_the_group_instead(cast: Cast) -> None:
    one = refunded_by_the_web_shop(cast)
    WebOrder.objects.update(web_shop=None)
    assert "Ask Nordlys and say W-10231." in slip(one).text


def test_only_the_pieces_of_this_return_are_on_its_slip(cast: Cast) -> None:
    order = delivered(cast, new=new_order("W-10231"))
    first = taken_back(cast, order, lines=(1,), paid_by="cash")
    second = taken_back(cast, order, lines=(2,), paid_by="terminal")
    assert "Scarf" not in slip(first).text
    assert "1 piece 200.00 DKK" in slip(first).text
    assert "Wool jumper" not in slip(second).text
    assert "Return number 2" in slip(second).text


def test_that_the_manager_overruled_is_not_for_the_customer(cast: Cast) -> None:
    late = NOW + timedelta(days=90)
    one = paid_out(cast, who="manager", instead="register", overrule_reason="A good customer", now=late)
    assert one.overruled_by is not None
    page = slip(one)
    assert "A good customer" not in page.text
    assert "verrule" not in page.text


@pytest.mark.parametrize("paper", [A5, RECEIPT])
def test_a_cancelled_return_says_large_that_its_slip_is_not_valid(
    cast: Cast, paper: ReturnPolicy.Paper
) -> None:
    on(paper)
    one = paid_out(cast)
    desk.cancel(one, "Wrong customer", cast.person("manager"), NEXT_DAY)
    page = slip(one)
    assert "Not valid This return was cancelled on 4 March 2026." in page.text
    assert "Wrong customer" not in page.text  # that is between people of the shop


def test_a_reversed_return_is_not_valid_either(cast: Cast) -> None:
    one = paid_out(cast)
    Return.objects.filter(pk=one.pk).update(state=Return.State.REVERSED, ended_at=NOW + timedelta(days=31))
    assert "Not valid This return was reversed on 3 April 2026." in slip(one).text


def test_language_clock_and_amounts_are_the_groups(cast: Cast) -> None:
    Group.objects.update(language="da", time_zone="Pacific/Auckland")
    page = slip(paid_out(cast))
    assert "400,00 DKK (399,90, afrundet)" in page.text
    assert "22:00" in page.text


# On which paper


def test_on_a5_it_has_a_page_of_148_by_210_mm(cast: Cast) -> None:
    on(A5)
    assert slip(paid_out(cast)).size == (148, 210)


def test_a_receipt_is_80_mm_wide_and_as_long_as_its_content(cast: Cast) -> None:
    on(RECEIPT, money_limit=None)
    few = slip(paid_out(cast))
    order = delivered(cast, new=new_order("W-30", variants=(JUMPER, SCARF, CAP) * 10))
    many = slip(taken_back(cast, order, paid_by="cash"))
    assert few.size[0] == many.size[0] == 80
    assert 120 < few.size[1] < 190
    assert 400 < many.size[1] < 620
    for page in (few, many):
        last = max(bottom for _top, bottom in page.letters)
        assert 0 < page.size[1] - last < 40  # the barcode, and what a printer cuts off
        assert not page.overflow


@pytest.mark.parametrize("paper", [A5, RECEIPT])
def test_thirty_pieces_are_all_there_with_the_sum_after_them(cast: Cast, paper: ReturnPolicy.Paper) -> None:
    on(paper, money_limit=None)
    order = delivered(cast, new=new_order("W-30", variants=(JUMPER, SCARF, CAP) * 10))
    found = pages(taken_back(cast, order, paid_by="cash"))
    assert len(found) == (1 if paper == RECEIPT else 3)
    assert sum(page.text.count("199.95 DKK") for page in found) == 30
    assert "30 pieces 5,998.50 DKK" in found[-1].text
    for number, page in enumerate(found, 1):
        assert paper == RECEIPT or f"page {number} of 3" in page.text
        assert not page.overflow


# Its codes


@pytest.mark.parametrize("paper", [A5, RECEIPT])
@pytest.mark.parametrize("number", ["W-1", "99", "W-2026-00012345"])
def test_its_codes_say_the_order_no(cast: Cast, paper: ReturnPolicy.Paper, number: str) -> None:
    on(paper)
    assert slip(paid_out(cast, number)).codes == {"QR Code": number, "Code 128": number}


@pytest.mark.parametrize("paper", [A5, RECEIPT])
@pytest.mark.parametrize("number", [FIFTY, "ØRDRE-😀-注文-نظام-7", "W" * 50])
def test_where_a_barcode_would_be_too_fine_there_is_only_the_qr_code(
    cast: Cast, paper: ReturnPolicy.Paper, number: str
) -> None:
    on(paper)
    page = slip(paid_out(cast, number))
    assert page.codes["QR Code"] == number
    assert page.codes.get("Code 128", number) == number
    assert not page.overflow


def test_what_the_scanner_reads_leads_back_to_the_order(cast: Cast, browser_of: BrowserOf) -> None:
    one = paid_out(cast, "W-10231")
    read = slip(one).codes["QR Code"]
    client = browser_of("aarhus")
    assert client.get("/pos/", {"q": read})["Location"] == f"/pos/orders/{one.order_id}/"
    assert client.get("/returns/", {"q": read})["Location"] == f"/returns/orders/{one.order_id}/"


# Whatever the names are


@pytest.mark.parametrize("paper", [A5, RECEIPT])
@pytest.mark.parametrize(
    "name",
    ["Nordlys & Søn <b>Herreekvipering</b> " * 2, "W" * 80, "شركة النور للأزياء", "😀👩‍👩‍👧 日本", "Æ" * 80],
)
def test_long_names_emoji_and_right_to_left_survive(cast: Cast, paper: ReturnPolicy.Paper, name: str) -> None:
    on(paper)
    one = paid_out(cast)
    Group.objects.filter(pk=cast.nordlys.pk).update(name=name[:60])
    Shop.objects.filter(shop_id=996001).update(name=name[:60], address=f"{name}#{name}#8000 Aarhus C"[:255])
    WebShop.objects.update(name=name[:60])
    User.objects.filter(email__startswith="aarhus").update(name=name[:60])
    Variant.objects.update(description=name[:100], colour=name[:30], size=name[:30])
    one.pieces.update(reason=name[:60])
    found = pages(one)
    assert not any(page.overflow for page in found)
    assert found[0].codes["QR Code"] == "W-10231"
    assert "400.00 DKK" in found[-1].text
    assert "Paid out in cash" in found[-1].text


@pytest.mark.parametrize("paper", [A5, RECEIPT])
def test_weasyprint_understands_every_word_of_the_style_sheets(
    cast: Cast, caplog: pytest.LogCaptureFixture, paper: ReturnPolicy.Paper
) -> None:
    Group.objects.update(language="da")
    on(paper)
    one = paid_out(cast)
    Return.objects.update(state=Return.State.CANCELLED, ended_at=NOW)
    pages(one, with_codes=False)
    assert [entry.message for entry in caplog.records if entry.levelname != "INFO"] == []


def test_it_asks_for_the_policy_and_the_pieces_only(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    one = again(paid_out(cast))
    with django_assert_num_queries(2):
        return_slip(one)


# Access


def printed(order: WebOrder) -> list[tuple[str, dict[str, object]]]:
    return [
        (event.actor.name, event.data)
        for event in order.events.filter(kind=OrderEvent.Kind.PRINTED)
        if event.actor
    ]


def address(one: Return) -> str:
    return reverse("return-slip", args=[one.pk])


def test_each_print_is_noted_and_each_return_counts_its_own_reprints(
    cast: Cast, browser_of: BrowserOf
) -> None:
    order = delivered(cast, new=new_order("W/Ø-7"))
    first = taken_back(cast, order, lines=(1,), paid_by="cash")
    second = taken_back(cast, order, lines=(2,), paid_by="cash")
    client = browser_of("aarhus")
    for one in (first, second, first):
        answer = client.get(address(one))
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
        assert answer["Cache-Control"] == "no-store, private"
    assert "return-slip-W-%C3%98-7-R1.pdf" in answer["Content-Disposition"]
    document = Document.RETURN_SLIP.value
    assert printed(order) == [
        ("Freja Sørensen", {"document": document, "return": 1}),
        ("Freja Sørensen", {"document": document, "return": 2}),
        ("Freja Sørensen", {"document": document, "return": 1, "reprint": 1}),
    ]


def test_head_office_prints_it_too_and_sees_on_the_timeline_who_did(
    cast: Cast, browser_of: BrowserOf
) -> None:
    one = paid_out(cast)
    office = browser_of("office")
    assert office.get(address(one)).status_code == 200
    assert office.get(address(one)).status_code == 200
    page = Screen(office.get(f"/orders/{one.order_id}/", headers={"accept-language": "en"}))
    assert "Return slip · Return 1 · Reprint 1" in page.text


def test_the_shop_that_took_the_pieces_prints_it_and_not_the_one_that_sold_them(
    cast: Cast, browser_of: BrowserOf
) -> None:
    order = delivered(cast, new=new_order("W-10231"))
    one = taken_back(cast, order, who="odense", shop=cast.odense, paid_by="cash")
    assert browser_of("odense").get(address(one)).status_code == 200
    assert cast.odense.address.split("#")[1] in slip(one).text
    assert browser_of("aarhus").get(address(one)).status_code == 404
    assert [name for name, _data in printed(order)] == [cast.person("odense").name]


@pytest.mark.parametrize("who", ["odense", "fjord staff", "fjord office"])
def test_who_may_not_see_the_return_finds_no_paper_and_leaves_no_trace(
    cast: Cast, browser_of: BrowserOf, who: str
) -> None:
    one = paid_out(cast)
    assert browser_of(who).get(address(one)).status_code == 404
    assert printed(one.order) == []


def test_printing_is_reading_for_the_browser(cast: Cast, browser_of: BrowserOf) -> None:
    one = paid_out(cast)
    assert browser_of("aarhus").post(address(one)).status_code == 405
    assert printed(one.order) == []


def test_the_number_of_queries_is_constant(
    cast: Cast, browser_of: BrowserOf, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    on(A5, money_limit=None)
    order = delivered(cast, new=new_order(variants=(JUMPER, SCARF, CAP) * 10))
    one, client = taken_back(cast, order, paid_by="cash"), browser_of("aarhus")
    # session, person, Group and its shops; the return; policy, pieces; six to note the print
    with django_assert_num_queries(14):
        client.get(address(one))
