"""Only reading proves what DdD has; what reading cannot decide is put before a person, with the evidence."""

from datetime import timedelta

import pytest

from ddd.api import client
from ddd.api.http import wire_to
from ddd.models import Connection, Posting
from ddd.sending import decisions, dispatch
from ddd.sending.kinds import kind_of
from ddd.sending.readback import Present
from tests.ddd.lost_answers import LOSE_AFTER, LOSE_BEFORE, book_by_hand, lost, pieces
from tests.ddd.other_servers import answering
from tests.ddd.rows import (
    LEDGER,
    READ,
    SEND,
    Clock,
    State,
    calls,
    drain_to_the_end,
    order_row,
    row,
    sale_row,
    transfer_row,
)
from tests.factories import CAP, JUMPER, SCARF, Cast
from tests.sandbox_process import RunningSandbox

pytestmark = pytest.mark.usefixtures("quick_to_read_back")


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
    assert (posting.state, posting.needs_attention) == (State.UNCERTAIN, True)
    assert posting.reason_words == "DdD has another order with this OrderNo."
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
    assert (posting.state, posting.needs_attention) == (State.UNCERTAIN, True)
    assert posting.reason_words == (
        "DdD has 1 payments of together 10.00 under this receipt number; ours is 399.90."
    )
    assert posting.evidence == {"found-payments": 1, "found-amount": "10.00"}


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
    assert (posting.state, posting.needs_attention) == (State.UNCERTAIN, True)
    assert posting.evidence["found-payments"] == 2


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
    decisions.send_again(posting, booked_cast.person("office"), clock())
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
        finding = kind_of(posting).look(posting, wire, clock() + timedelta(hours=1))
        listed = client.transfers(wire, 996001, clock().date() - timedelta(days=1))

    assert isinstance(finding, Present)
    assert finding.answer == posting.answer == listed[0].invoice_id
    assert sandbox.ledger() == before


@pytest.mark.parametrize("kind", ["order", "sale"])
def test_a_no_is_not_sent_again_before_ddd_can_be_read(
    kind: str, booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    """DdD may say no because it has it already: only reading it back can tell."""
    clock = Clock()
    posting = row(kind, booked_cast, clock())
    sandbox.speak(odd_yes="false")
    sandbox.fault("503", on="reads", times=1)
    dispatch.drain(booked_cast.nordlys.pk, clock)
    assert len(sandbox.ledger()[LEDGER[kind]]) == 1

    drain_to_the_end(booked_cast.nordlys.pk, clock)
    assert calls(posting) == [(SEND, "uncertain"), (READ, "sent")]
    assert len(sandbox.ledger()[LEDGER[kind]]) == 1


@pytest.mark.parametrize("other_is_lost", [False, True])
def test_transfers_of_other_orders_with_some_of_the_same_pieces_are_told_apart(
    booked_cast: Cast, sandbox: RunningSandbox, other_is_lost: bool
) -> None:
    clock, group_id = Clock(), booked_cast.nordlys.pk
    for order_no, variants in (("W-1", (JUMPER, SCARF)), ("W-2", (JUMPER, CAP))):
        transfer_row(booked_cast, clock(), order_no, variants)
    sandbox.fault("lose the connection before committing", on="transfer", times=1)
    if other_is_lost:
        sandbox.fault("lose the answer after committing", on="transfer", times=1)
    for _round in range(10):
        dispatch.drain(group_id, clock)
        clock.forward(60)
    assert set(Posting.objects.values_list("state", "needs_attention")) == {(Posting.State.SENT, False)}
    assert len(sandbox.ledger()["transfers"]) == 2
