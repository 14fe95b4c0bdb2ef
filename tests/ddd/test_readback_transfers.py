"""Item transfers carry no number of ours: equal ones go one at a time, and are known by what is new."""

from collections.abc import Iterator

import pytest

from ddd.models import Connection, Posting
from ddd.sending import decisions, dispatch
from tests.ddd.lost_answers import LOSE_AFTER, LOSE_BEFORE, by_hand, lost, pieces
from tests.ddd.rows import READ, SEND, Clock, State, calls, drain_to_the_end, sale_row, transfer_row
from tests.factories import CAP, JUMPER, SCARF, Cast
from tests.sandbox.caller import Caller
from tests.sandbox_process import RunningSandbox

pytestmark = pytest.mark.usefixtures("quick_to_read_back")


@pytest.fixture(scope="session")
def running_with_hidden_drafts() -> Iterator[RunningSandbox]:
    with RunningSandbox("--hide-drafts") as sandbox:
        yield sandbox


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
    assert (posting.state, posting.needs_attention) == (State.UNCERTAIN, True)
    assert posting.reason_words == "DdD has several new transfers of these pieces between the two shops."
    assert posting.evidence["found-equal-transfers"] == invoices


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
    Posting.objects.filter(pk=first.pk).update(needs_attention=True)
    decisions.it_arrived(Posting.objects.get(pk=first.pk), office, clock())
    decisions.send_again(Posting.objects.get(pk=second.pk), office, clock())
    lost("transfer", LOSE_BEFORE, booked_cast, sandbox, clock)

    drain_to_the_end(booked_cast.nordlys.pk, clock)

    second.refresh_from_db()
    assert (second.state, second.needs_attention) == (State.UNCERTAIN, True)
    assert second.reason_words == (
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
    assert (posting.state, posting.needs_attention) == (State.UNCERTAIN, True)
    assert posting.reason_words == (
        "DdD lists no such transfer, but it is not confirmed that it lists drafts at all."
    )
    assert len(hidden.ledger()["transfers"]) == 1
    assert calls(blocked) == []

    decisions.it_arrived(posting, booked_cast.person("office"), clock())
    dispatch.drain(booked_cast.nordlys.pk, clock)

    assert calls(blocked) == [(SEND, "sent")]
    assert len(hidden.ledger()["transfers"]) == 2
