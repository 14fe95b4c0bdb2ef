"""Each tap on the shop's screens: where it leads, what a refusal says, and that requests are checked."""

import json
import re
from collections.abc import Callable

import pytest
from django.test import Client

from ddd.models import Posting
from orders import picking
from orders.models import WebOrder
from orders.states import Status
from tests.core.pages import HTMX, Answer, Page, browser
from tests.factories import (
    CAP,
    JUMPER_EAN,
    NOW,
    SCARF,
    Cast,
    again,
    delivered,
    new_order,
    picked,
    received,
    taken,
)

State = Callable[[Cast], WebOrder]
GONE = "Freja Sørensen was faster and has this order."


@pytest.fixture
def aarhus(cast: Cast) -> Client:
    return browser(cast, "aarhus")


@pytest.fixture
def manager(cast: Cast) -> Client:
    """Mads, who works beside Freja."""
    return browser(cast, "manager")


def path_of(order: WebOrder, tap: str) -> str:
    """The address of a tap; those of a piece are of the first."""
    piece = f"pieces/{order.lines.all()[0].pk}/" if tap in ("pick", "missing") else ""
    return f"/pos/orders/{order.pk}/{piece}{tap}/"


def page_of(order: WebOrder) -> str:
    return f"/pos/orders/{order.pk}/"


def state_of(order: WebOrder) -> tuple[object, ...]:
    """Everything that a tap could change."""
    order = again(order)
    rows = Posting.objects.filter(order_no=order.order_no).count()
    lines = list(order.lines.values_list("status", "missing_reason", "delivery_no", "picked_by"))
    return order.status, order.taken_by_id, order.way, order.paid_by, lines, order.events.count(), rows


def decided(cast: Cast) -> WebOrder:
    """Every piece picked, the order not yet."""
    order = taken(cast)
    for line in order.lines.all():
        picking.pick(order, line.pk, cast.person("aarhus"), NOW)
    return again(order)


def not_paid(cast: Cast) -> WebOrder:
    return picked(cast, new=new_order(is_paid=False))


# What goes well


@pytest.mark.parametrize(
    ("state", "tap", "sent", "phase"),
    [
        (received, "accept", {}, "picking"),
        (taken, "pick", {}, "picking"),
        (taken, "scan", {"code": JUMPER_EAN}, "picking"),
        (taken, "scan", {"code": f" {SCARF}\r\n"}, "picking"),
        (taken, "missing", {"reason": "damaged"}, "picking"),
        (decided, "finish", {}, "ready"),
        (picked, "deliver", {}, "delivered"),
        (picked, "deliver", {"way": "send", "delivery_no": " 00370 "}, "delivered"),
        (not_paid, "deliver", {"way": "hand over", "paid_by": "terminal"}, "delivered"),
    ],
)
def test_a_tap_leads_back_to_the_order_and_the_same_tap_again_changes_nothing(
    cast: Cast, aarhus: Client, state: State, tap: str, sent: dict[str, str], phase: str
) -> None:
    order = state(cast)
    before = state_of(order)
    first = aarhus.post(path_of(order, tap), sent)
    assert (first.status_code, first["Location"]) == (302, page_of(order))
    after = state_of(order)
    assert after != before
    assert again(order).phase.value == phase
    if tap != "scan":  # the same code again is the next piece, or a refusal
        assert aarhus.post(path_of(order, tap), sent)["Location"] == page_of(order)
        assert state_of(order) == after


def test_htmx_is_redirected_as_any_browser(cast: Cast, aarhus: Client) -> None:
    order = received(cast)
    answer = aarhus.post(path_of(order, "accept"), headers=HTMX, follow=True)
    assert answer.redirect_chain == [(page_of(order), 302)]
    assert Page(answer).buttons.count("Pick") == 2


def test_an_order_that_was_sent_keeps_the_carriers_number_on_its_pieces(cast: Cast, aarhus: Client) -> None:
    order = picked(cast)
    aarhus.post(path_of(order, "deliver"), {"way": "send", "delivery_no": " 00370 "})
    assert set(order.lines.values_list("delivery_no", flat=True)) == {"00370"}
    assert again(order).way == WebOrder.Way.SEND


# What does not


REFUSALS = [
    (taken, "accept", {}, 409, GONE),
    (delivered, "accept", {}, 409, GONE),
    (delivered, "pick", {}, 409, "This order is delivered now; the screen shows it as it is."),
    (received, "scan", {"code": ""}, 422, "Scan a piece, or type its Ean or VariantId."),
    (received, "scan", {"code": "\0"}, 422, "Scan a piece, or type its Ean or VariantId."),
    (received, "scan", {"code": "12\x0034"}, 422, "Wrong item: nobody here knows the code 1234."),
    (
        received,
        "scan",
        {"code": str(CAP)},
        422,
        "Wrong item: Cap Blåvand Navy One size is not in this order.",
    ),
    (received, "scan", {"code": "9" * 300}, 422, f"Wrong item: nobody here knows the code {'9' * 50}."),
    (received, "missing", {"reason": ""}, 422, "Say why: choose one of the reasons."),
    (received, "missing", {"reason": "lost\0"}, 422, "Say why: choose one of the reasons."),
    (received, "finish", {}, 409, "2 pieces are not decided yet: pick them or report them missing."),
    (received, "deliver", {}, 409, "This order is reserved now; the screen shows it as it is."),
    (
        picked,
        "deliver",
        {"way": "send"},
        422,
        "Type or scan the carrier's DeliveryNo, at most 50 characters.",
    ),
    (
        picked,
        "deliver",
        {"way": "send", "delivery_no": "x" * 51},
        422,
        "Type or scan the carrier's DeliveryNo, at most 50 characters.",
    ),
    (picked, "deliver", {"way": "drone"}, 422, "Select a valid choice. drone is not one of"),
    (picked, "deliver", {"paid_by": "shells"}, 422, "Select a valid choice. shells is not one of"),
    (picked, "deliver", {"way": "send", "delivery_no": "1\0"}, 422, "Null characters are not allowed."),
    (
        not_paid,
        "deliver",
        {"way": "hand over"},
        422,
        "This order is not paid: take 399.90 DKK and say how it was paid.",
    ),
    (not_paid, "deliver", {"paid_by": "web shop"}, 422, "This order is not paid: take 399.90 DKK"),
    (delivered, "deliver", {}, 409, "Freja Sørensen has delivered this order already."),
]


@pytest.mark.parametrize(("state", "tap", "sent", "status", "sentence"), REFUSALS)
def test_a_refusal_is_a_page_with_the_reason_and_a_way_back_and_changes_nothing(
    cast: Cast, manager: Client, state: State, tap: str, sent: dict[str, str], status: int, sentence: str
) -> None:
    order = state(cast)
    before = state_of(order)
    here = f"http://testserver{page_of(order)}"
    answer = manager.post(path_of(order, tap), sent, headers={"referer": here})
    page = Page(answer)
    assert answer.status_code == status
    assert sentence in page.text
    assert page.links["Go back"] == here
    assert page.faults == []
    assert state_of(order) == before


@pytest.mark.parametrize(("state", "tap", "sent", "status", "sentence"), REFUSALS)
def test_htmx_gets_the_reason_only_and_puts_it_in_its_place(
    cast: Cast, manager: Client, state: State, tap: str, sent: dict[str, str], status: int, sentence: str
) -> None:
    order = state(cast)
    answer = manager.post(path_of(order, tap), sent, headers=HTMX)
    assert answer.status_code == status
    assert_is_refusal_fragment(answer)
    assert sentence in Page(answer).text


def assert_is_refusal_fragment(answer: Answer) -> None:
    """Swapped into #refusal, whatever was tapped, and the page below fetches itself anew."""
    assert answer.content.startswith(b'<div id="refusal-text" class="refusal">')
    assert b"<html" not in answer.content
    assert (answer["HX-Retarget"], answer["HX-Reselect"]) == ("#refusal", "#refusal-text")
    assert (answer["HX-Reswap"], answer["HX-Trigger"]) == ("innerHTML", "portal:changed")
    assert Page(answer).faults == []


def test_what_was_scanned_is_never_read_as_html(cast: Cast, aarhus: Client) -> None:
    answer = aarhus.post(path_of(taken(cast), "scan"), {"code": "<script>alert(1)</script>"}, headers=HTMX)
    assert b"&lt;script&gt;alert(1)&lt;/script&gt;" in answer.content
    assert b"<script" not in answer.content


def test_a_refusal_without_a_page_before_leads_to_the_start(cast: Cast, aarhus: Client) -> None:
    address = path_of(received(cast), "finish")
    assert Page(aarhus.post(address)).links["Go back"] == "/"
    foreign = aarhus.post(address, headers={"referer": "https://evil.example/"})
    assert Page(foreign).links["Go back"] == "/"


def test_a_piece_of_another_order_is_none_of_this_order(cast: Cast, aarhus: Client) -> None:
    order, other = taken(cast), taken(cast)
    line = other.lines.all()[0]
    before = state_of(other)
    answer = aarhus.post(f"/pos/orders/{order.pk}/pieces/{line.pk}/pick/")
    assert answer.status_code == 404
    assert "This order has no such piece." in Page(answer).text
    assert aarhus.post(f"/pos/orders/{order.pk}/pieces/{10**30}/pick/").status_code == 404
    assert state_of(other) == before


def test_an_order_whose_pieces_are_all_missing_is_closed(cast: Cast, aarhus: Client) -> None:
    order = taken(cast)
    for line in order.lines.all():
        reason = "other"
        aarhus.post(f"/pos/orders/{order.pk}/pieces/{line.pk}/missing/", {"reason": reason})
    assert aarhus.post(path_of(order, "finish"))["Location"] == page_of(order)
    assert again(order).status == Status.CANCELLED


# Unasked


TAPS = ("accept", "pick", "scan", "missing", "finish", "deliver")


@pytest.mark.parametrize("tap", TAPS)
def test_a_tap_is_never_a_get(cast: Cast, aarhus: Client, tap: str) -> None:
    order = picked(cast)
    before = state_of(order)
    for method in (aarhus.get, aarhus.head, aarhus.put, aarhus.delete):
        answer = method(path_of(order, tap))
        assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert state_of(order) == before


@pytest.mark.parametrize("tap", TAPS)
@pytest.mark.parametrize("token", ["", "x" * 32, "y" * 64])
def test_another_site_cannot_tap(cast: Cast, tap: str, token: str) -> None:
    order, client = picked(cast), browser(cast, "aarhus", enforce_csrf_checks=True)
    before = state_of(order)
    answer = client.post(path_of(order, tap), {"csrfmiddlewaretoken": token})
    assert answer.status_code == 403
    assert "This page was out of date, so nothing was stored." in Page(answer).text
    assert Page(answer).links["Go back"] == "/"
    assert state_of(order) == before


def test_a_page_older_than_the_log_in_is_reloaded_by_htmx(cast: Cast) -> None:
    order, client = received(cast), browser(cast, "aarhus", enforce_csrf_checks=True)
    answer = client.post(path_of(order, "accept"), headers=HTMX)
    assert answer.status_code == 403
    assert_is_refusal_fragment(answer)
    config = re.search(rb"name=\"htmx-config\"\s+content='(.*?)'", client.get("/pos/").content, re.DOTALL)
    assert config
    rule = {"code": "403|404|409|422|503", "swap": True, "error": True}
    assert rule in json.loads(config[1])["responseHandling"]


@pytest.mark.parametrize(
    ("state", "tap"),
    [(received, "accept"), (taken, "pick"), (taken, "missing"), (decided, "finish"), (not_paid, "deliver")],
)
def test_the_pages_own_form_is_let_in(cast: Cast, state: State, tap: str) -> None:
    order, client = state(cast), browser(cast, "aarhus", enforce_csrf_checks=True)
    form = next(form for form in Page(client.get(page_of(order))).forms if form.action == path_of(order, tap))
    sent = {**form.fields, "reason": "sold", "paid_by": "cash"}
    assert (form.method, sorted(form.fields)) == ("post", ["csrfmiddlewaretoken"])
    assert client.post(form.action, sent)["Location"] == page_of(order)


@pytest.mark.parametrize("address", ["/login/", "/logout/", "/language/", "/pos/shop/"])
def test_another_site_cannot_post_to_the_top_bar(cast: Cast, address: str) -> None:
    client = browser(cast, "aarhus", enforce_csrf_checks=True)
    if address == "/login/":
        client.logout()
    assert client.post(address, {"shop": "996001", "language": "da"}).status_code == 403
    assert cast.person("aarhus").language == ""
