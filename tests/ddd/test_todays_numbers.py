"""A sale that DdD refused for a number: head office puts the setting right and sends it again."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import WebShop
from ddd.models import Connection, Posting, ReceiptSeries, Sale
from ddd.sending import decisions, dispatch
from tests.core.pages import Page, browser
from tests.ddd.other_servers import saying
from tests.ddd.rows import Clock, return_row, sale_row
from tests.factories import Cast

State = Posting.State
CHANGED: dict[str, Any] = {
    "terminal_id": 88,
    "first_receipt": 5000,
    "clerk_id": 42,
    "sale_word": "Salg",
    "payment_in_word": "Ind",
    "return_word": "Retur",
    "payment_out_word": "Ud",
}


def refused(cast: Cast, clock: Clock, make: Any = sale_row) -> Posting:
    """A booking that DdD refused with 400."""
    posting: Posting = make(cast, clock())
    with saying(lambda method, _path: (400, b"no such type") if method == "POST" else (200, b"[]")) as url:
        Connection.objects.filter(group=cast.nordlys).update(base_url=url)
        dispatch.drain(cast.nordlys.pk, clock)
    posting.refresh_from_db()
    assert (posting.state, posting.needs_attention) == (State.REJECTED, True)
    return posting


def put_right() -> None:
    Connection.objects.update(**CHANGED)
    WebShop.objects.update(transaction_type=207, turnover_item_group=777)


def sent(cast: Cast, clock: Clock, posting: Posting) -> Posting:
    """What DdD takes."""
    with saying(lambda method, _path: (200, b"true" if method == "POST" else b"[]")) as url:
        Connection.objects.filter(group=cast.nordlys).update(base_url=url)
        clock.forward(3600)
        dispatch.drain(cast.nordlys.pk, clock)
    posting.refresh_from_db()
    assert posting.state == State.SENT
    return posting


@pytest.mark.parametrize(
    ("make", "line_word", "direction"), [(sale_row, "Salg", "Ind"), (return_row, "Retur", "Ud")]
)
def test_all_numbers_and_words_are_those_of_today(
    cast: Cast, make: Any, line_word: str, direction: str
) -> None:
    clock = Clock()
    posting = refused(cast, clock, make)
    put_right()
    decisions.send_again(posting, cast.person("office"), clock())
    body = sent(cast, clock, posting).payload
    assert (body["TerminalId"], body["ClerkId"], body["ReceiptId"]) == (88, 42, 5000)
    assert {line["ItemGroupId"] for line in body["ItemLines"]} == {777}
    assert {line["Type"] for line in body["ItemLines"]} == {line_word}
    [payment] = body["PaymentLines"]
    assert (payment["TransactionType"], payment["Direction"]) == (207, direction)
    assert payment["LineAmount"] == "399.90"
    sale = Sale.objects.get(posting=posting)
    assert (sale.terminal_id, sale.receipt_id) == (88, 5000)


def test_head_office_sees_before_what_changes(cast: Cast) -> None:
    clock = Clock()
    posting = refused(cast, clock)
    assert decisions.what_changes(posting, cast.connection) == []
    put_right()
    assert decisions.what_changes(Posting.objects.get(), cast.connection) == [
        ("ClerkId", 1, 42),
        ("Direction", "In", "Ind"),
        ("ItemGroupId", 9900, 777),
        ("ReceiptId", 1, None),
        ("TerminalId", 99, 88),
        ("TransactionType", 150, 207),
        ("Type", "Sale", "Salg"),
    ]
    page = Page(browser(cast, "office").get("/orders/attention/"))
    assert "Sent again, it goes out by today's settings: ClerkId 1 → 42, Direction In → Ind," in page.text
    assert "ReceiptId a new one" in page.text


def test_what_ddd_may_have_keeps_its_terminal_and_number(cast: Cast) -> None:
    clock = Clock()
    posting = sale_row(cast, clock())
    with saying(lambda method, _path: (500, b"") if method == "POST" else (200, b"[]")) as url:
        Connection.objects.filter(group=cast.nordlys).update(base_url=url)
        dispatch.drain(cast.nordlys.pk, clock)
    Posting.objects.update(needs_attention=True)
    posting.refresh_from_db()
    put_right()
    decisions.send_again(posting, cast.person("office"), clock())
    body = sent(cast, clock, posting).payload
    assert (body["TerminalId"], body["ReceiptId"], body["ClerkId"]) == (99, 1, 42)


def test_what_waits_goes_out_by_the_settings_of_its_first_send(cast: Cast) -> None:
    clock = Clock()
    posting = sale_row(cast, clock())
    put_right()
    body = sent(cast, clock, posting).payload
    assert (body["TerminalId"], body["ReceiptId"]) == (88, 5000)
    assert body["PaymentLines"][0]["TransactionType"] == 207


def test_a_sale_of_before_it_was_known_who_took_the_money_keeps_its_type(cast: Cast) -> None:
    clock = Clock()
    posting = refused(cast, clock)
    Sale.objects.update(paid_at=None, web_shop=None)
    put_right()
    decisions.send_again(posting, cast.person("office"), clock())
    body = sent(cast, clock, posting).payload
    assert body["PaymentLines"][0]["TransactionType"] == 150
    assert {line["ItemGroupId"] for line in body["ItemLines"]} == {9900}


def test_receipt_numbers_begin_where_the_setting_says_and_go_on_from_there(cast: Cast) -> None:
    shop = cast.turnover_shop
    assert [ReceiptSeries.take(shop, 99) for _number in range(2)] == [1, 2]
    assert [ReceiptSeries.take(shop, 99, 5000) for _number in range(2)] == [5000, 5001]
    assert ReceiptSeries.take(shop, 99, 100) == 5002
    assert ReceiptSeries.take(shop, 98, 7) == 7


def test_a_second_tap_sends_it_once(cast: Cast) -> None:
    clock = Clock()
    posting = refused(cast, clock)
    put_right()
    for _tap in range(2):
        decisions.send_again(posting, cast.person("office"), clock() + timedelta(seconds=1))
    assert sent(cast, clock, posting).tries == 2
    assert Sale.objects.get(posting=posting).receipt_id == 5000
