"""A return is read back with whatever sign DdD shows money out, and has the words of its group."""

import json

import pytest

from ddd.models import Connection, Posting
from ddd.sending import decisions, dispatch
from tests.ddd.lost_answers import LOSE_AFTER, LOSE_BEFORE, book_by_hand, lost
from tests.ddd.other_servers import Said, answering, saying
from tests.ddd.rows import READ, Clock, State, calls, drain_to_the_end, return_row, sale_row
from tests.factories import Cast
from tests.sandbox_process import RunningSandbox

pytestmark = pytest.mark.usefixtures("quick_to_read_back")


@pytest.mark.parametrize("fault", [LOSE_BEFORE, LOSE_AFTER])
def test_a_return_whose_answer_is_lost_is_read_back_and_booked_once(
    fault: str, booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    clock = Clock()
    posting = return_row(booked_cast, clock())
    lost("sale", fault, booked_cast, sandbox, clock)

    drain_to_the_end(booked_cast.nordlys.pk, clock)

    [sale] = sandbox.ledger()["sales"]
    assert (sale["ReceiptId"], sale["PaymentLines"][0]["Direction"]) == (1, "Out")
    assert calls(posting)[1] == (READ, "sent" if fault == LOSE_AFTER else "waiting")
    posting.refresh_from_db()
    assert posting.state == State.SENT


@pytest.mark.parametrize(
    ("amount", "state"), [("399.90", State.SENT), ("-399.90", State.SENT), ("399.89", State.UNCERTAIN)]
)
def test_a_return_is_known_again_with_whatever_sign_ddd_shows_money_out(
    amount: str, state: Posting.State, booked_cast: Cast
) -> None:
    clock = Clock()
    posting = return_row(booked_cast, clock())
    paid = {"ShopId": 996900, "PosNumber": 99, "ReceiptNumber": 1, "TransactionNumber": 5, "Amount": amount}

    def say(method: str, path: str) -> Said:
        listed = [paid] if "/payment/" in path else {"sales": {"salePayment": [paid]}}
        return 200, b"?" if method == "POST" else json.dumps(listed).encode()

    with saying(say) as url:
        Connection.objects.filter(group=booked_cast.nordlys).update(base_url=url)
        dispatch.drain(booked_cast.nordlys.pk, clock)
        clock.forward(60)
        dispatch.drain(booked_cast.nordlys.pk, clock)

    posting.refresh_from_db()
    assert (posting.state, posting.needs_attention) == (state, state == State.UNCERTAIN)
    assert posting.evidence == {"found-payments": 1, "found-amount": amount}


def test_a_sale_with_the_other_sign_is_not_ours(booked_cast: Cast) -> None:
    clock = Clock()
    posting = sale_row(booked_cast, clock())
    paid = {
        "ShopId": 996900,
        "PosNumber": 99,
        "ReceiptNumber": 1,
        "TransactionNumber": 5,
        "Amount": "-399.90",
    }
    with answering(200, b"?", reads=json.dumps([paid]).encode()) as url:
        Connection.objects.filter(group=booked_cast.nordlys).update(base_url=url)
        dispatch.drain(booked_cast.nordlys.pk, clock)
        clock.forward(60)
        dispatch.drain(booked_cast.nordlys.pk, clock)

    posting.refresh_from_db()
    assert (posting.state, posting.needs_attention) == (State.UNCERTAIN, True)


def test_a_return_that_was_booked_twice_is_put_before_a_person(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    clock = Clock()
    posting = return_row(booked_cast, clock())
    lost("sale", LOSE_AFTER, booked_cast, sandbox, clock)
    book_by_hand(booked_cast, posting, "399.90")

    drain_to_the_end(booked_cast.nordlys.pk, clock)

    posting.refresh_from_db()
    assert (posting.state, posting.needs_attention) == (State.UNCERTAIN, True)
    assert posting.evidence == {"found-payments": 2, "found-amount": "-799.80"}


def test_a_refused_word_puts_the_return_before_a_person_and_nothing_is_booked(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    clock = Clock()
    Connection.objects.filter(group=booked_cast.nordlys).update(return_word="Retur", payment_out_word="Ud")
    posting = return_row(booked_cast, clock())

    drain_to_the_end(booked_cast.nordlys.pk, clock)

    posting.refresh_from_db()
    assert (posting.state, posting.needs_attention) == (State.REJECTED, True)
    assert "ItemLines[0].Type" in posting.reason_words
    assert "PaymentLines[0].Direction" in posting.reason_words
    assert sandbox.ledger()["sales"] == []


def test_sent_again_a_refused_return_has_the_words_that_head_office_has_put_right(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    clock = Clock()
    connection = Connection.objects.filter(group=booked_cast.nordlys)
    connection.update(return_word="Retur", payment_out_word="Ud", discount_word="Rabat")
    posting = return_row(booked_cast, clock())
    drain_to_the_end(booked_cast.nordlys.pk, clock)
    posting.refresh_from_db()
    before = posting.payload

    connection.update(return_word="Return", payment_out_word="Out", discount_word="Discount")
    decisions.send_again(posting, booked_cast.person("office"), clock())
    drain_to_the_end(booked_cast.nordlys.pk, clock)

    [sale] = sandbox.ledger()["sales"]
    assert {line["Type"] for line in sale["ItemLines"]} == {"Return"}
    assert {line["PriceAlteration"] for line in sale["ItemLines"]} == {"Discount"}
    assert [line["Direction"] for line in sale["PaymentLines"]] == ["Out"]
    posting.refresh_from_db()
    assert (posting.state, sale["ReceiptId"], before["ReceiptId"]) == (State.SENT, 1, 1)
    assert [line["GrossLineAmount"] for line in before["ItemLines"]] == [
        line["GrossLineAmount"] for line in posting.payload["ItemLines"]
    ]
