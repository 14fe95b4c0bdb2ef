"""A DdD that lists otherwise, or answers a booking by leading elsewhere: nothing is sent again that may be
there."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from ddd.models import Connection, Posting
from ddd.sending import dispatch
from tests.core.pages import ENGLISH, Page, browser
from tests.ddd.other_servers import Said, saying
from tests.ddd.rows import Clock, order_row, sale_row, transfer_row
from tests.factories import JUMPER, SCARF, Cast
from tests.orders.upstream import wire_order

pytestmark = [pytest.mark.slow, pytest.mark.any_database]
State = Posting.State
Rows = list[dict[str, Any]]


def moved(
    variant_id: int, number: int | None = 7, invoice: str | None = "500", **more: Any
) -> dict[str, Any]:
    """A row of an item transfer of one piece, from the shop that sends to the turnover shop."""
    return {
        "InvoiceId": invoice,
        "ShopId": 996001,
        "CounterpartShopId": 996900,
        "TransactionNumber": number,
        "UniqueItemNumber": variant_id,
        "Quantity": -1,
    }


def worked(
    cast: Cast, clock: Clock, say: Callable[[str, str], Said], rounds: int = 6, **headers: str
) -> list[str]:
    """Rounds against this DdD, one every five minutes; the paths of what it was told to book."""
    booked: list[str] = []

    def noted(method: str, path: str) -> Said:
        if method != "GET":
            booked.append(path)
        return say(method, path)

    with saying(noted, **headers) as url:
        Connection.objects.filter(group=cast.nordlys).update(
            base_url=url, drafts_are_listed=True, sales_are_listed=True
        )
        for _round in range(rounds):
            dispatch.drain(cast.nordlys.pk, clock)
            clock.forward(300)
    return booked


def lists_afterwards(rows: Rows) -> Callable[[str, str], Said]:
    """Books the first transfer without an answer, and lists these rows from then on."""
    has_booked = False

    def say(method: str, _path: str) -> Said:
        nonlocal has_booked
        if method == "POST":
            has_booked = True
            return 500, b""
        return 200, json.dumps(rows if has_booked else []).encode()

    return say


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([moved(JUMPER)], id="a row of it only"),
        pytest.param([moved(JUMPER, 7, "500"), moved(SCARF, 8, "501")], id="an id for each row"),
        pytest.param([moved(JUMPER), moved(SCARF), moved(JUMPER), moved(SCARF)], id="two under one id"),
        pytest.param([moved(JUMPER, 7, None), moved(SCARF, 8, None)], id="without ids"),
        pytest.param([moved(JUMPER, 0), moved(SCARF, 0)], id="without numbers"),
        pytest.param([moved(JUMPER) | {"WebOrderReference": "   "}], id="with an OrderNo of spaces"),
        pytest.param([moved(JUMPER) | {"WebOrderReference": 0}], id="with .NET's number for no order"),
        pytest.param([moved(JUMPER) | {"WebOrderReference": "w-1"}], id="with our order in another case"),
        pytest.param([moved(JUMPER, invoice="0"), moved(JUMPER, invoice="0")], id="under the id of none"),
    ],
)
def test_a_transfer_that_is_listed_otherwise_is_put_before_a_person(cast: Cast, rows: Rows) -> None:
    clock = Clock()
    posting = transfer_row(cast, clock())
    assert len(worked(cast, clock, lists_afterwards(rows))) == 1
    posting.refresh_from_db()
    assert (posting.state, posting.needs_attention) == (State.UNCERTAIN, True)
    assert posting.reason_words.startswith("DdD lists some of these pieces")


@pytest.mark.parametrize("status", [302, 303])
@pytest.mark.parametrize("make", [sale_row, order_row, transfer_row])
def test_a_booking_that_leads_to_a_page_may_be_booked(
    cast: Cast, status: int, make: Callable[..., Posting]
) -> None:
    """The page after a form was sent: the reads that follow lead there too."""
    clock = Clock()
    posting = make(cast, clock())
    nothing = json.dumps([] if make is transfer_row else {"sales": {}, "transfers": []}).encode()
    has_booked = False

    def say(method: str, _path: str) -> Said:
        nonlocal has_booked
        has_booked = has_booked or method == "POST"
        return (status, b"") if has_booked else (200, nothing)

    booked = worked(cast, clock, say, Location="https://ddd.example/done")
    posting.refresh_from_db()
    assert (len(booked), posting.state) == (1, State.UNCERTAIN)
    sent = posting.attempts.get(purpose="send")
    assert sent.detail["code"] == "ddd-leads-elsewhere"


@pytest.mark.parametrize("status", [301, 307, 308])
def test_a_route_that_has_moved_has_booked_nothing(cast: Cast, status: int) -> None:
    clock = Clock()
    posting = order_row(cast, clock())
    worked(cast, clock, lambda _method, _path: (status, b""), Location="https://ddd.example/api")
    posting.refresh_from_db()
    assert posting.state == State.WAITING


def test_a_part_of_the_payments_is_no_proof_that_the_sale_is_not_there(cast: Cast) -> None:
    clock = Clock()
    posting = sale_row(cast, clock())
    part = json.dumps({"Items": [], "TotalCount": 250}).encode()
    booked = worked(cast, clock, lambda method, _path: (500, b"") if method == "POST" else (200, part))
    posting.refresh_from_db()
    assert (len(booked), posting.state) == (1, State.UNCERTAIN)
    assert "DdD says that there are more (TotalCount=250)" in posting.reason_words


def test_the_same_receipt_of_another_order_is_not_taken_for_ours(cast: Cast) -> None:
    """Another integrator books on the same terminal, and its sale comes to the same amount."""
    clock = Clock()
    posting = sale_row(cast, clock())

    nothing = json.dumps({"sales": {}, "transfers": []}).encode()
    worked(cast, clock, lambda method, _path: (500, b"") if method == "POST" else (200, nothing), rounds=1)
    posting.refresh_from_db()
    body = posting.payload
    receipt = {"PosNumber": body["TerminalId"], "ReceiptNumber": body["ReceiptId"]}
    amounts = [float(line["LineAmount"]) for line in body["PaymentLines"]]
    paid = [{**receipt, "ShopId": body["ShopId"], "Amount": one} for one in amounts]
    sold = [{**receipt, "WebOrderReference": "INT-7", "UniqueItemNumber": JUMPER, "Amount": 1}]
    all_of_it = {"sales": {"saleItems": sold, "salePayment": paid}, "transfers": []}

    def say(_method: str, path: str) -> Said:
        return 200, json.dumps(paid if "/payment/" in path else all_of_it).encode()

    assert worked(cast, clock, say) == []
    posting.refresh_from_db()
    assert (posting.state, posting.needs_attention) == (State.UNCERTAIN, True)
    assert posting.reason_words == "DdD has a sale under this receipt number, but of the order INT-7."


LIST_OF_AN_OTHER = json.dumps([{"OrderNo": "100124", "ShopId": "Aarhus"}]).encode()


@pytest.mark.parametrize("listed", [LIST_OF_AN_OTHER, b'{"Items": [], "Total": 1}'])
def test_an_order_of_digits_that_may_be_in_the_list_is_not_made_again(cast: Cast, listed: bytes) -> None:
    clock = Clock()
    posting = order_row(cast, clock(), "100123")
    booked = worked(cast, clock, lambda method, _path: (500, b"") if method == "POST" else (200, listed))
    posting.refresh_from_db()
    assert (len(booked), posting.state) == (1, State.UNCERTAIN)


def test_an_order_of_digits_is_looked_for_by_clocks_of_any_zone(cast: Cast) -> None:
    clock = Clock()
    order_row(cast, clock(), "100123")
    asked: list[str] = []

    def say(method: str, path: str) -> Said:
        asked.append(path)
        return (500, b"") if method == "POST" else (200, b"[]")

    began = clock()
    worked(cast, clock, say)
    read = next(path for path in asked if "/since?" in path)
    assert f"dateTime={began - timedelta(days=1):%Y-%m-%d}" in read


@pytest.mark.parametrize(
    ("is_listed_then", "state"), [(True, State.SENT), (False, State.REJECTED)], ids=["there", "not there"]
)
def test_what_is_refused_the_second_time_is_looked_for_once_more(
    cast: Cast, is_listed_then: bool, state: Posting.State
) -> None:
    """The first one arrived and was listed late; the second is refused, because DdD has it."""
    clock = Clock()
    posting = order_row(cast, clock())
    posts = 0

    def say(method: str, _path: str) -> Said:
        nonlocal posts
        if method == "POST":
            posts += 1
            return (500, b"") if posts == 1 else (400, b"OrderNo exists")
        order = wire_order("W-1")
        return (200, json.dumps(order).encode()) if posts > 1 and is_listed_then else (404, b"{}")

    assert len(worked(cast, clock, say)) == 2
    posting.refresh_from_db()
    assert (posting.state, posting.needs_attention) == (state, state == State.REJECTED)


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(b"ClerkId 1 is unknown", id="text"),
        pytest.param(b'{"Message": "ClerkId 1", "ModelState": {"a.ClerkId": ["unknown"]}}', id="ModelState"),
        pytest.param(b'{"type": "about:blank", "title": "ClerkId 1", "status": 400}', id="problem"),
        pytest.param(b"<html><h1>Runtime Error</h1>ClerkId 1</html>", id="HTML"),
        pytest.param("ClerkId 1 er ukendt på æøå".encode("latin-1"), id="bytes of Latin-1"),
        pytest.param(b"ClerkId 1\x00", id="NUL"),
    ],
)
def test_a_refusal_in_any_form_stands_on_the_work_list_with_its_button(cast: Cast, said: bytes) -> None:
    clock = Clock()
    posting = sale_row(cast, clock())
    worked(cast, clock, lambda method, _path: (400, said) if method == "POST" else (200, b"[]"), rounds=1)
    posting.refresh_from_db()
    assert (posting.state, posting.needs_attention) == (State.REJECTED, True)
    page = Page(browser(cast, "office", ENGLISH).get("/orders/attention/"))
    assert "ClerkId 1" in page.text
    assert any("again" in button.lower() for button in page.buttons), page.buttons
