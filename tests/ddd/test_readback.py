"""Only reading proves what DdD has; what reading cannot decide is put before a person, with the evidence."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from pytest_django import Settings

from ddd import client, desk, dispatch
from ddd.http import wire_to
from ddd.models import Connection, Posting
from ddd.readback import Found, look
from tests.ddd.other_servers import answering
from tests.ddd.rows import (
    Clock,
    State,
    calls,
    drain_to_the_end,
    order_row,
    return_row,
    sale_row,
    transfer_row,
)
from tests.factories import CAP, JUMPER, SCARF, Cast
from tests.sandbox.caller import Caller, line, order, transfer
from tests.sandbox_process import RunningSandbox

SEND, READ, DECISION = "send", "read back", "decision"
LOSE_BEFORE, LOSE_AFTER = "lose the connection before committing", "lose the answer after committing"


@pytest.fixture(autouse=True)
def quick(settings: Settings) -> None:
    settings.DDD_TIMEOUT_SECONDS = 2
    settings.DDD_QUIET_SECONDS = 60


@pytest.fixture(scope="session")
def running_with_hidden_drafts() -> Iterator[RunningSandbox]:
    with RunningSandbox("--hide-drafts") as sandbox:
        yield sandbox


def pieces(number: int = 2, order_no: str = "W-till", shop: int = 996001) -> dict[str, object]:
    """An order of another channel, of the same pieces as `transfer_row` moves."""
    return order(order_no, ShopId=shop, WebOrderLines=[line(JUMPER), line(SCARF)][:number])


def lost(kind: str, fault: str, cast: Cast, sandbox: RunningSandbox, clock: Clock) -> None:
    """The next call of this kind gets no answer."""
    sandbox.fault(fault, on=kind, times=1)
    dispatch.drain(cast.nordlys.pk, clock)


# --- orders -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order_no", ["W-1", "100123", "Å/B #7?", "a b%2F"])
@pytest.mark.parametrize("fault", [LOSE_BEFORE, LOSE_AFTER])
def test_an_order_is_found_by_its_order_no_whatever_that_looks_like(
    order_no: str, fault: str, booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    clock = Clock()
    posting = order_row(booked_cast, clock(), order_no)
    lost("order", fault, booked_cast, sandbox, clock)
    drain_to_the_end(booked_cast.nordlys.pk, clock)

    assert [posted["OrderNo"] for posted in sandbox.ledger()["orders"]] == [order_no]
    assert calls(posting)[1] == (READ, "sent" if fault == LOSE_AFTER else "waiting")


def test_an_order_that_another_channel_made_with_this_number_is_put_before_a_person(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    clock = Clock()
    sandbox.till_order(pieces(1, "W-1"))
    posting = order_row(booked_cast, clock(), "W-1")

    dispatch.drain(booked_cast.nordlys.pk, clock)

    posting.refresh_from_db()
    assert (posting.state, posting.for_a_person) == (State.UNCERTAIN, True)
    assert posting.reason == "DdD has another order with this OrderNo."
    assert (posting.evidence["ShopId"], posting.evidence["VariantIds"]) == (996001, [JUMPER])
    assert dispatch.drain(booked_cast.nordlys.pk, clock) == 0


def test_an_order_with_the_same_pieces_that_ddd_has_already_is_the_order(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    clock = Clock()
    sandbox.till_order(pieces(order_no="W-1"))
    posting = order_row(booked_cast, clock(), "W-1")

    dispatch.drain(booked_cast.nordlys.pk, clock)

    assert calls(posting) == [(SEND, "sent")]
    assert len(sandbox.ledger()["orders"]) == 1


# --- sales ------------------------------------------------------------------------------------------------


def test_a_receipt_number_with_another_amount_is_put_before_a_person(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    clock = Clock()
    posting = sale_row(booked_cast, clock())
    lost("sale", LOSE_BEFORE, booked_cast, sandbox, clock)
    book_by_hand(booked_cast, posting, "10.00")

    drain_to_the_end(booked_cast.nordlys.pk, clock)

    posting.refresh_from_db()
    assert (posting.state, posting.for_a_person) == (State.UNCERTAIN, True)
    assert posting.reason == (
        "DdD has 1 payments of together 10.00 under this receipt number; ours is 399.90."
    )
    assert posting.evidence == {"payments": 1, "amount": "10.00"}


@pytest.mark.parametrize("price", ["199.95", "0.00"])
def test_a_sale_that_was_booked_twice_is_put_before_a_person(
    price: str, booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    clock = Clock()
    posting = sale_row(booked_cast, clock(), price=price)
    lost("sale", LOSE_AFTER, booked_cast, sandbox, clock)
    book_by_hand(booked_cast, posting, posting.payload["PaymentLines"][0]["LineAmount"])

    drain_to_the_end(booked_cast.nordlys.pk, clock)

    posting.refresh_from_db()
    assert (posting.state, posting.for_a_person) == (State.UNCERTAIN, True)
    assert posting.evidence["payments"] == 2


def test_a_sale_of_another_terminal_or_receipt_is_not_ours(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    clock = Clock()
    posting = sale_row(booked_cast, clock())
    lost("sale", LOSE_BEFORE, booked_cast, sandbox, clock)
    book_by_hand(booked_cast, posting, "399.90", ReceiptId=2)
    book_by_hand(booked_cast, posting, "399.90", TerminalId=98)
    book_by_hand(booked_cast, posting, "399.90", ShopId=996001)

    drain_to_the_end(booked_cast.nordlys.pk, clock)

    ours = [sale for sale in sandbox.ledger()["sales"] if sale["ReceiptId"] == 1 and sale["TerminalId"] == 99]
    assert [sale["ShopId"] for sale in ours] == [996001, 996900]
    assert calls(posting) == [(SEND, "uncertain"), (READ, "waiting"), (SEND, "sent")]


@pytest.mark.parametrize("days", [0, 29, 30, 31, 45, 62, 200])
@pytest.mark.parametrize("kind", ["sale", "transfer"])
def test_what_was_sent_long_after_the_first_try_is_found_beyond_ddds_31_days(
    kind: str, days: int, booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    """Refused first, put right by a person a month later; then its answer is lost."""
    clock = Clock()
    clock.forward(-days * 86400)
    posting = (sale_row if kind == "sale" else transfer_row)(booked_cast, clock())
    sandbox.fault("refuse", on=kind, times=1)
    dispatch.drain(booked_cast.nordlys.pk, clock)
    clock.forward(days * 86400)
    posting.refresh_from_db()
    desk.send_again(posting, booked_cast.person("office"), clock())
    lost(kind, LOSE_AFTER, booked_cast, sandbox, clock)

    drain_to_the_end(booked_cast.nordlys.pk, clock)

    assert calls(posting)[-2:] == [(SEND, "uncertain"), (READ, "sent")]
    assert len(sandbox.ledger()["sales" if kind == "sale" else "transfers"]) == 1


@pytest.mark.parametrize("hour", [0, 1, 12, 22, 23, 24])
def test_the_day_is_never_missed_whatever_the_hour_in_utc_and_in_copenhagen(
    hour: int, booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    """DdD dates its rows by its own clock, which may show yesterday still."""
    clock = Clock()
    clock.now = clock.now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(hours=hour)
    posting = sale_row(booked_cast, clock())
    lost("sale", LOSE_AFTER, booked_cast, sandbox, clock)

    drain_to_the_end(booked_cast.nordlys.pk, clock)

    assert calls(posting) == [(SEND, "uncertain"), (READ, "sent")]


def test_a_truncated_or_empty_list_is_no_proof_that_nothing_is_there(booked_cast: Cast) -> None:
    clock = Clock()
    posting = sale_row(booked_cast, clock())
    with answering(500, b"", reads=b"{}") as url:
        Connection.objects.filter(group=booked_cast.nordlys).update(base_url=url)
        dispatch.drain(booked_cast.nordlys.pk, clock)
        clock.forward(60)
        dispatch.drain(booked_cast.nordlys.pk, clock)

    posting.refresh_from_db()
    assert posting.state == State.UNCERTAIN
    assert calls(posting) == [(SEND, "uncertain"), (READ, "unavailable")]


# --- returns ----------------------------------------------------------------------------------------------


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
    with answering(200, b"?", reads=json.dumps([paid]).encode()) as url:
        Connection.objects.filter(group=booked_cast.nordlys).update(base_url=url)
        dispatch.drain(booked_cast.nordlys.pk, clock)
        clock.forward(60)
        dispatch.drain(booked_cast.nordlys.pk, clock)

    posting.refresh_from_db()
    assert (posting.state, posting.for_a_person) == (state, state == State.UNCERTAIN)
    assert posting.evidence == {"payments": 1, "amount": amount}


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
    assert (posting.state, posting.for_a_person) == (State.UNCERTAIN, True)


def test_a_return_that_was_booked_twice_is_put_before_a_person(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    clock = Clock()
    posting = return_row(booked_cast, clock())
    lost("sale", LOSE_AFTER, booked_cast, sandbox, clock)
    book_by_hand(booked_cast, posting, "399.90")

    drain_to_the_end(booked_cast.nordlys.pk, clock)

    posting.refresh_from_db()
    assert (posting.state, posting.for_a_person) == (State.UNCERTAIN, True)
    assert posting.evidence == {"payments": 2, "amount": "-799.80"}


def test_a_refused_word_puts_the_return_before_a_person_and_nothing_is_booked(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    clock = Clock()
    Connection.objects.filter(group=booked_cast.nordlys).update(return_word="Retur", payment_out_word="Ud")
    posting = return_row(booked_cast, clock())

    drain_to_the_end(booked_cast.nordlys.pk, clock)

    posting.refresh_from_db()
    assert (posting.state, posting.for_a_person) == (State.REJECTED, True)
    assert "ItemLines[0].Type" in posting.reason
    assert "PaymentLines[0].Direction" in posting.reason
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
    desk.send_again(posting, booked_cast.person("office"), clock())
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


# --- item transfers ---------------------------------------------------------------------------------------


def test_equal_transfers_go_one_at_a_time_and_others_pass_them(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    clock = Clock()
    first, second = (transfer_row(booked_cast, clock(), f"W-{number}") for number in (1, 2))
    other = transfer_row(booked_cast, clock(), "W-3", variants=(CAP,))
    sandbox.fault(LOSE_AFTER, on="transfer", times=1)

    drain_to_the_end(booked_cast.nordlys.pk, clock)

    assert (calls(first), calls(second)) == ([(SEND, "uncertain"), (READ, "sent")], [(SEND, "sent")])
    assert calls(other) == [(SEND, "sent")]
    assert first.attempts.last().pk < second.attempts.get().pk  # type: ignore[union-attr]
    invoices = [found["invoice"] for found in sandbox.ledger()["transfers"]]
    answers = [Posting.objects.get(pk=posting.pk).answer for posting in (first, second, other)]
    assert sorted(answers) == sorted(str(invoice) for invoice in invoices)
    assert len(set(answers)) == 3


def test_the_same_pieces_in_another_order_are_the_same_lane_and_another_count_is_not(
    booked_cast: Cast,
) -> None:
    clock = Clock()
    first = transfer_row(booked_cast, clock(), "W-1", variants=(JUMPER, SCARF))
    second = transfer_row(booked_cast, clock(), "W-2", variants=(SCARF, JUMPER))
    third = transfer_row(booked_cast, clock(), "W-3", variants=(JUMPER, JUMPER, SCARF))

    assert first.lane == second.lane
    assert third.lane != first.lane
    assert dispatch.claim(booked_cast.nordlys.pk, clock()) == first
    assert dispatch.claim(booked_cast.nordlys.pk, clock()) == third
    assert dispatch.claim(booked_cast.nordlys.pk, clock()) is None


def test_a_long_queue_of_equal_transfers_does_not_hold_up_what_lies_behind_it(booked_cast: Cast) -> None:
    clock = Clock()
    equal = [transfer_row(booked_cast, clock(), f"W-{number}") for number in range(15)]
    behind = sale_row(booked_cast, clock(), "W-99")

    assert dispatch.claim(booked_cast.nordlys.pk, clock()) == equal[0]
    assert dispatch.claim(booked_cast.nordlys.pk, clock()) == behind


def test_a_transfer_of_a_shop_that_moved_the_same_pieces_before_is_told_from_those(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    clock = Clock()
    Caller(sandbox.url).post("/api/stockadjustment/item/transfer/initiate", by_hand())
    posting = transfer_row(booked_cast, clock())
    lost("transfer", LOSE_BEFORE, booked_cast, sandbox, clock)

    drain_to_the_end(booked_cast.nordlys.pk, clock)

    assert calls(posting) == [(SEND, "uncertain"), (READ, "waiting"), (SEND, "sent")]
    assert len(sandbox.ledger()["transfers"]) == 2


def test_a_transfer_among_several_equal_new_ones_is_put_before_a_person(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    clock = Clock()
    posting = transfer_row(booked_cast, clock())
    lost("transfer", LOSE_AFTER, booked_cast, sandbox, clock)
    Caller(sandbox.url).post("/api/stockadjustment/item/transfer/initiate", by_hand())

    drain_to_the_end(booked_cast.nordlys.pk, clock)

    posting.refresh_from_db()
    invoices = sorted(str(found["invoice"]) for found in sandbox.ledger()["transfers"])
    assert (posting.state, posting.for_a_person) == (State.UNCERTAIN, True)
    assert posting.reason == "DdD has several new transfers of these pieces between the two shops."
    assert posting.evidence["with the same pieces"] == invoices


def test_what_the_till_moved_for_another_order_is_not_taken_for_ours(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    clock = Clock()
    sandbox.till_order(pieces(), webshop=1)
    posting = transfer_row(booked_cast, clock())
    lost("transfer", LOSE_BEFORE, booked_cast, sandbox, clock)
    sandbox.till_delivers("W-till")

    drain_to_the_end(booked_cast.nordlys.pk, clock)

    assert calls(posting) == [(SEND, "uncertain"), (READ, "waiting"), (SEND, "sent")]
    assert [found["made_by"] for found in sandbox.ledger()["transfers"]] == ["till", "api"]


def test_what_the_other_shop_sent_back_is_not_taken_for_ours(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    clock = Clock()
    posting = transfer_row(booked_cast, clock())
    lost("transfer", LOSE_BEFORE, booked_cast, sandbox, clock)
    back = by_hand(ShopIdSender=996900, ShopIdRecipient=996001)
    Caller(sandbox.url).post("/api/stockadjustment/item/transfer/initiate", back)
    elsewhere = by_hand(ShopIdRecipient=996002)
    Caller(sandbox.url).post("/api/stockadjustment/item/transfer/initiate", elsewhere)

    drain_to_the_end(booked_cast.nordlys.pk, clock)

    assert calls(posting)[-1] == (SEND, "sent")
    assert len(sandbox.ledger()["transfers"]) == 3


def test_a_transfer_that_a_person_saw_arrive_is_not_found_again_as_the_next_one(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    """The second was refused at first, so it is read back from before the first went out."""
    clock, office = Clock(), booked_cast.person("office")
    second = transfer_row(booked_cast, clock(), "W-2")
    lost("transfer", "refuse", booked_cast, sandbox, clock)
    first = transfer_row(booked_cast, clock(), "W-1")
    lost("transfer", LOSE_AFTER, booked_cast, sandbox, clock)
    Posting.objects.filter(pk=first.pk).update(for_a_person=True)
    desk.it_arrived(Posting.objects.get(pk=first.pk), office, clock())
    desk.send_again(Posting.objects.get(pk=second.pk), office, clock())
    lost("transfer", LOSE_BEFORE, booked_cast, sandbox, clock)

    drain_to_the_end(booked_cast.nordlys.pk, clock)

    second.refresh_from_db()
    assert (second.state, second.for_a_person) == (State.UNCERTAIN, True)
    assert second.reason == (
        "DdD has a new transfer of these pieces, but it may be one that a person has decided about."
    )


def test_where_drafts_are_hidden_an_unanswered_transfer_is_put_before_a_person(
    booked_cast: Cast, running_with_hidden_drafts: RunningSandbox
) -> None:
    clock, hidden = Clock(), running_with_hidden_drafts
    hidden.reset()
    connections = Connection.objects.filter(group=booked_cast.nordlys)
    connections.update(base_url=hidden.url, drafts_are_listed=False)
    posting = transfer_row(booked_cast, clock())
    blocked = transfer_row(booked_cast, clock(), "W-2")
    lost("transfer", LOSE_AFTER, booked_cast, hidden, clock)

    clock.forward(60)
    dispatch.drain(booked_cast.nordlys.pk, clock)

    posting.refresh_from_db()
    assert (posting.state, posting.for_a_person) == (State.UNCERTAIN, True)
    assert posting.reason == (
        "DdD lists no such transfer, but it is not confirmed that it lists drafts at all."
    )
    assert len(hidden.ledger()["transfers"]) == 1
    assert calls(blocked) == []

    desk.it_arrived(posting, booked_cast.person("office"), clock())
    dispatch.drain(booked_cast.nordlys.pk, clock)

    assert calls(blocked) == [(SEND, "sent")]
    assert len(hidden.ledger()["transfers"]) == 2


# --- reading ----------------------------------------------------------------------------------------------


def test_reading_back_understands_camel_case(booked_cast: Cast, sandbox: RunningSandbox) -> None:
    clock = Clock()
    rows = [
        order_row(booked_cast, clock()),
        sale_row(booked_cast, clock()),
        transfer_row(booked_cast, clock()),
    ]
    sandbox.fault(LOSE_AFTER, on="posts", times=3)
    dispatch.drain(booked_cast.nordlys.pk, clock)
    sandbox.fault("camelCase", on="reads")

    drain_to_the_end(booked_cast.nordlys.pk, clock)

    assert [calls(posting)[1] for posting in rows] == [(READ, "sent")] * 3


def test_looking_changes_nothing_at_ddd(booked_cast: Cast, sandbox: RunningSandbox) -> None:
    clock = Clock()
    posting = transfer_row(booked_cast, clock())
    dispatch.drain(booked_cast.nordlys.pk, clock)
    before = sandbox.ledger()
    posting.refresh_from_db()
    with wire_to(booked_cast.connection) as wire:
        finding = look(posting, wire, clock() + timedelta(hours=1))
        listed = client.transfers(wire, 996001, clock().date() - timedelta(days=1))

    assert isinstance(finding, Found)
    assert finding.answer == posting.answer == listed[0].invoice_id
    assert sandbox.ledger() == before


def book_by_hand(cast: Cast, posting: Posting, amount: str, **more: int) -> None:
    """Somebody books a sale under our receipt number, or nearly."""
    posting.refresh_from_db()
    body = {**posting.payload, **more, "PaymentLines": [{**posting.payload["PaymentLines"][0]}]}
    body["PaymentLines"][0]["LineAmount"] = amount
    with wire_to(cast.connection) as wire:
        assert client.post_sale(wire, body)


def by_hand(**more: int) -> dict[str, object]:
    """A transfer of the same pieces as ours, made by somebody else."""
    items = [{"VariantId": JUMPER, "Quantity": 1}, {"VariantId": SCARF, "Quantity": 1}]
    return transfer(Items=items, **more)
