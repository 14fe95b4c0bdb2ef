"""Whatever happens to a call, DdD ends with the thing once, or a person is told why not."""

from contextlib import suppress
from datetime import timedelta

import pytest
from pytest_django import Settings

from core.causes import as_it_is
from ddd.api.http import Uncertain, wire_to
from ddd.models import Connection, Posting
from ddd.sandbox.faults import WORDS
from ddd.sending import dispatch
from ddd.sending.settlement import Settlement
from tests.ddd.other_servers import answering, nobody, silent
from tests.ddd.rows import (
    KINDS,
    LEDGER,
    READ,
    SEND,
    Clock,
    State,
    calls,
    count_calls,
    drain_to_the_end,
    order_row,
    row,
    sale_row,
    transfer_row,
    wait_until_at_rest,
)
from tests.factories import Cast
from tests.sandbox_process import RunningSandbox

# The word: what is tried about a posting until it is at its end, and what came of each.
SENT_TWICE = [(SEND, "uncertain"), (READ, "waiting"), (SEND, "sent")]
READ_ONLY = [(SEND, "uncertain"), (READ, "sent")]
COURSES: dict[str, list[tuple[str, str]]] = {
    "refuse": [(SEND, "rejected")],
    "lose the answer after committing": READ_ONLY,
    "lose the connection before committing": SENT_TWICE,
    "500": SENT_TWICE,
    "500 after committing": READ_ONLY,
    "503": SENT_TWICE,
    "slow": READ_ONLY,
    "half an answer": READ_ONLY,
    "camelCase": [(SEND, "sent")],
    "nonsense": READ_ONLY,
}


@pytest.fixture(autouse=True)
def quick(settings: Settings) -> None:
    settings.DDD_QUIET_SECONDS = 60


def test_every_fault_word_is_tried_here() -> None:
    assert set(COURSES) == set(WORDS)


@pytest.mark.slow
@pytest.mark.parametrize("word", COURSES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_ends_in_one_booking_or_before_a_person(
    kind: str, word: str, booked_cast: Cast, sandbox: RunningSandbox, settings: Settings
) -> None:
    clock, group = Clock(), booked_cast.nordlys
    posting = row(kind, booked_cast, clock())
    count_calls(sandbox)
    if word == "slow":
        settings.DDD_TIMEOUT_SECONDS = 1
    sandbox.fault(word, on=kind, times=1, seconds=1.5)

    dispatch.drain(group.pk, clock)
    wait_until_at_rest(sandbox)
    drain_to_the_end(group.pk, clock)

    posting.refresh_from_db()
    booked = sandbox.ledger()[LEDGER[kind]]
    assert calls(posting) == COURSES[word]
    if word == "refuse":
        assert (posting.state, posting.needs_attention) == (State.REJECTED, True)
        assert posting.reason_words.startswith("DdD refused it with 400: ")
        assert booked == []
    else:
        assert (posting.state, posting.needs_attention, posting.reason_words) == (State.SENT, False, "")
        assert len(booked) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_read_back_before_the_quiet_time_has_passed(
    kind: str, booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    clock, group = Clock(), booked_cast.nordlys
    posting = row(kind, booked_cast, clock())
    sandbox.fault("lose the answer after committing", on=kind, times=1)

    assert dispatch.drain(group.pk, clock) == 1
    clock.forward(59)
    assert dispatch.drain(group.pk, clock) == 0
    assert calls(posting) == [(SEND, "uncertain")]
    clock.forward(1)
    assert dispatch.drain(group.pk, clock) == 1
    assert calls(posting) == READ_ONLY


@pytest.mark.parametrize("kind", KINDS)
def test_as_long_as_ddd_cannot_be_read_nothing_is_sent_again(
    kind: str, booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    clock, group = Clock(), booked_cast.nordlys
    posting = row(kind, booked_cast, clock())
    sandbox.fault("lose the connection before committing", on=kind, times=1)
    dispatch.drain(group.pk, clock)
    sandbox.fault(["500", "nonsense", "half an answer", "refuse"], on="reads", times=4)

    drain_to_the_end(group.pk, clock)

    blind = [(READ, "unavailable")] * 4
    assert calls(posting) == [(SEND, "uncertain"), *blind, (READ, "waiting"), (SEND, "sent")]
    assert len(sandbox.ledger()[LEDGER[kind]]) == 1


def test_what_got_no_answer_is_left_to_ddd_by_a_host_whose_clock_is_fast_too(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    clock, group = Clock(), booked_cast.nordlys
    posting = transfer_row(booked_cast, clock())
    sandbox.fault("lose the answer after committing", on="transfer", times=1)
    dispatch.drain(group.pk, clock)

    in_ten_minutes = clock() + timedelta(minutes=10)
    assert dispatch.groups_with_work(in_ten_minutes) == []
    assert dispatch.drain(group.pk, lambda: in_ten_minutes) == 0
    assert calls(posting) == [(SEND, "uncertain")]

    clock.forward(60)
    assert dispatch.drain(group.pk, lambda: in_ten_minutes) == 1
    assert calls(posting) == [(SEND, "uncertain"), (READ, "sent")]


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_dead_worker_had_sent_is_found_and_not_sent_again(
    kind: str, booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    clock, group = Clock(), booked_cast.nordlys
    posting = row(kind, booked_cast, clock())
    die_while_sending(booked_cast, clock)
    assert len(sandbox.ledger()[LEDGER[kind]]) == 1

    clock.forward(14)  # the longest call and ten seconds, less one
    assert dispatch.drain(group.pk, clock) == 0
    assert dispatch.groups_with_work(clock()) == []
    clock.forward(1)
    assert dispatch.groups_with_work(clock()) == [group.pk]
    assert dispatch.drain(group.pk, lambda: clock() + timedelta(minutes=5)) == 0
    clock.forward(59)
    assert dispatch.drain(group.pk, lambda: clock() + timedelta(minutes=5)) == 0
    assert calls(posting) == []
    clock.forward(1)
    drain_to_the_end(group.pk, clock)

    posting.refresh_from_db()
    assert (posting.state, calls(posting)) == (State.SENT, [(READ, "sent")])
    assert len(sandbox.ledger()[LEDGER[kind]]) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_dead_worker_did_not_get_through_is_read_back_and_sent(
    kind: str, booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    clock = Clock()
    posting = row(kind, booked_cast, clock())
    sandbox.fault("lose the connection before committing", on=kind, times=1)
    die_while_sending(booked_cast, clock)

    clock.forward(31)
    drain_to_the_end(booked_cast.nordlys.pk, clock)

    assert calls(posting) == [(READ, "waiting"), (SEND, "sent")]
    assert len(sandbox.ledger()[LEDGER[kind]]) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_worker_that_died_before_its_call_costs_no_call_and_no_wait(
    kind: str, booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    clock, group = Clock(), booked_cast.nordlys
    posting = row(kind, booked_cast, clock())
    assert dispatch.claim(group.pk, clock()) == posting
    count_calls(sandbox)

    clock.forward(31)
    dispatch.drain(group.pk, clock)

    posting.refresh_from_db()
    assert (posting.state, posting.tries) == (State.SENT, 2)
    assert len(sandbox.ledger()[LEDGER[kind]]) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_worker_that_was_taken_for_dead_sends_nothing_when_it_wakes_up(
    kind: str, booked_cast: Cast, sandbox: RunningSandbox, caplog: pytest.LogCaptureFixture
) -> None:
    clock, group = Clock(), booked_cast.nordlys
    row(kind, booked_cast, clock())
    sleeper = dispatch.claim(group.pk, clock())
    assert sleeper
    clock.forward(31)
    drain_to_the_end(group.pk, clock)

    assert dispatch.handle(sleeper, booked_cast.connection, clock)

    assert f"nothing was sent: ddd.Posting {sleeper.pk}" in caplog.text
    assert len(sandbox.ledger()[LEDGER[kind]]) == 1
    assert Posting.objects.get().state == State.SENT
    assert sleeper.attempts.last().detail_words == "Another worker has taken it over; nothing was sent."  # type: ignore[union-attr]


def test_the_answer_of_a_worker_that_was_taken_for_dead_changes_nothing(
    booked_cast: Cast, sandbox: RunningSandbox, caplog: pytest.LogCaptureFixture
) -> None:
    clock, group = Clock(), booked_cast.nordlys
    sale_row(booked_cast, clock())
    sleeper = dispatch.claim(group.pk, clock())
    assert sleeper
    clock.forward(31)
    drain_to_the_end(group.pk, clock)
    before = Posting.objects.values().get()

    dispatch._settle(sleeper, Settlement(State.REJECTED, as_it_is("late"), needs_attention=True), clock())

    assert Posting.objects.values().get() == before
    assert f"kept as an attempt only: ddd.Posting {sleeper.pk}" in caplog.text


def test_waits_grow_while_nothing_can_be_reached(booked_cast: Cast) -> None:
    clock, group = Clock(), booked_cast.nordlys
    point_to(booked_cast, nobody())
    posting = sale_row(booked_cast, clock())
    waits = []
    for _try in range(12):
        assert dispatch.drain(group.pk, clock) == 1
        posting.refresh_from_db()
        waits.append((posting.not_before - clock()).total_seconds())
        clock.to(posting.not_before)

    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600]
    assert (posting.state, posting.tries, posting.first_sent_at is not None) == (State.WAITING, 12, True)
    assert posting.reason_words.startswith("ConnectError: ")


def test_what_ddd_never_takes_waits_longer_each_time_and_then_lies_before_a_person(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    clock, began = Clock(), Clock()
    posting = sale_row(booked_cast, clock())
    sandbox.fault("500", on="sale")

    drain_to_the_end(booked_cast.nordlys.pk, clock)

    posting.refresh_from_db()
    assert calls(posting) == [(SEND, "uncertain"), (READ, "waiting")] * 7 + [
        (SEND, "uncertain"),
        (READ, "rejected"),
    ]
    assert (posting.state, posting.needs_attention) == (State.REJECTED, True)
    assert posting.reason_words.startswith(
        "Sent 8 times, and DdD does not have it. The last time: DdD answered 500"
    )
    assert timedelta(minutes=20) < clock() - began() < timedelta(hours=1)
    assert sandbox.ledger()["sales"] == []


def test_after_five_failures_in_a_row_the_rest_waits_for_the_next_sweep(booked_cast: Cast) -> None:
    clock, group = Clock(), booked_cast.nordlys
    point_to(booked_cast, nobody())
    rows = [sale_row(booked_cast, clock(), f"W-{number}") for number in range(1, 8)]

    assert dispatch.drain(group.pk, clock) == 5

    assert [len(calls(posting)) for posting in rows] == [1, 1, 1, 1, 1, 0, 0]
    assert dispatch.groups_with_work(clock()) == [group.pk]


def test_trouble_is_stored_with_its_start_and_cleared_by_the_first_good_answer(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    clock, began = Clock(), Clock()
    clock.now = began.now
    point_to(booked_cast, nobody())
    sale_row(booked_cast, clock())
    dispatch.drain(booked_cast.nordlys.pk, clock)
    clock.forward(10)
    dispatch.drain(booked_cast.nordlys.pk, clock)

    troubled = booked_cast.connection
    assert troubled.trouble_words.startswith("ConnectError: ")
    assert troubled.trouble_since == began()

    point_to(booked_cast, sandbox.url)
    clock.forward(10)
    dispatch.drain(booked_cast.nordlys.pk, clock)

    assert booked_cast.connection.trouble == {}
    assert booked_cast.connection.trouble_since is None


def test_a_group_without_a_connection_keeps_its_rows(cast: Cast) -> None:
    clock = Clock()
    sale_row(cast, clock())
    Connection.objects.all().delete()

    assert dispatch.drain(cast.nordlys.pk, clock) == 0
    assert Posting.objects.get().state == State.WAITING


def test_one_groups_dead_ddd_leaves_the_others_rows_alone(
    booked_cast: Cast, sandbox: RunningSandbox, settings: Settings
) -> None:
    clock = Clock()
    sale_row(booked_cast, clock())
    with silent() as url:
        Connection.objects.filter(group=booked_cast.fjord).update(base_url=url)
        stuck = order_row(booked_cast, clock(), "F-1", "fjord")

        assert dispatch.groups_with_work(clock()) == sorted([booked_cast.nordlys.pk, booked_cast.fjord.pk])
        settings.DDD_TIMEOUT_SECONDS = 0.4
        dispatch.drain(booked_cast.fjord.pk, clock)
        settings.DDD_TIMEOUT_SECONDS = 5
        dispatch.drain(booked_cast.nordlys.pk, clock)

    assert calls(stuck) == [(SEND, "uncertain")]
    assert len(sandbox.ledger()["sales"]) == 1
    assert booked_cast.connection.trouble == {}


def test_the_web_shops_own_token_is_used_where_it_has_one(booked_cast: Cast, sandbox: RunningSandbox) -> None:
    clock, outlet = Clock(), booked_cast.web_shop("outlet")
    outlet.ddd_token = "demo-ddd-token-996-2"
    outlet.save()
    order_row(booked_cast, clock(), web_shop="outlet")

    dispatch.drain(booked_cast.nordlys.pk, clock)

    assert [order["token_webshop"] for order in sandbox.ledger()["orders"]] == [2]


def test_false_to_a_sale_that_ddd_does_not_have_is_a_refusal(booked_cast: Cast) -> None:
    clock = Clock()
    posting = sale_row(booked_cast, clock())
    with answering(200, b"false", reads=b"[]") as url:
        point_to(booked_cast, url)
        dispatch.drain(booked_cast.nordlys.pk, clock)

    posting.refresh_from_db()
    assert (posting.state, posting.needs_attention) == (State.REJECTED, True)
    assert posting.reason_words == "DdD answered false and does not have it."


def test_an_answer_that_is_no_invoice_id_is_uncertain(booked_cast: Cast) -> None:
    clock = Clock()
    posting = transfer_row(booked_cast, clock())
    with answering(200, b"true", reads=b"[]") as url:
        point_to(booked_cast, url)
        dispatch.drain(booked_cast.nordlys.pk, clock)

    posting.refresh_from_db()
    assert (posting.state, posting.reason_words) == (State.UNCERTAIN, "DdD's answer is no invoice id: True")


def die_while_sending(cast: Cast, clock: Clock) -> None:
    """A worker claims and calls; it is gone before it can write down what came of it."""
    posting = dispatch.claim(cast.nordlys.pk, clock())
    assert posting
    with wire_to(cast.connection, posting.token) as wire, suppress(Uncertain):
        dispatch._send(posting, wire, clock())


def point_to(cast: Cast, url: str) -> None:
    Connection.objects.filter(group=cast.nordlys).update(base_url=url)


def test_a_transfer_from_a_shop_that_ddd_does_not_know_waits_needs_attention(booked_cast: Cast) -> None:
    """DdD is not away: what other shops do goes on."""
    clock = Clock()
    posting = transfer_row(booked_cast, clock())
    posting.payload["ShopIdSender"] = 995_001
    posting.save(update_fields=["payload"])
    drain_to_the_end(booked_cast.nordlys.pk, clock)
    posting.refresh_from_db()
    assert (posting.state, posting.needs_attention, posting.first_sent_at) == (State.REJECTED, True, None)
    assert "995001 is not a shop of group 996" in posting.reason_words
    assert booked_cast.connection.trouble == {}
