"""However many workers drain at once, nothing goes out twice."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from threading import Barrier
from time import monotonic

import pytest
from django.db import connections, transaction
from pytest_django import Settings

from ddd.booking.bookkeeping import number_sale
from ddd.models import Attempt, Connection, Posting, ReceiptSeries, Sale
from ddd.sending import decisions, dispatch
from tests.ddd.other_servers import silent
from tests.ddd.rows import (
    KINDS,
    LEDGER,
    Clock,
    State,
    calls,
    drain_to_the_end,
    order_row,
    row,
    sale_row,
    transfer_row,
)
from tests.factories import NOW, Cast, make_cast
from tests.sandbox_process import RunningSandbox


class Broken(Exception):
    """The action fails after its number was taken."""


pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def shared_cast(transactional_db: None, sandbox: RunningSandbox, settings: Settings) -> Cast:
    settings.DDD_TIMEOUT_SECONDS = 5
    settings.DDD_QUIET_SECONDS = 60
    return make_cast(sandbox.url)


def at_once(action_keys: Sequence[Callable[[], object]]) -> list[object]:
    """All actions begin at one moment, each in a thread with a database connection of its own."""
    gate = Barrier(len(action_keys))

    def begin(action_key: Callable[[], object]) -> object:
        gate.wait()
        try:
            return action_key()
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(action_keys)) as threads:
        return list(threads.map(begin, action_keys))


@pytest.mark.parametrize("workers", [2, 8])
def test_workers_that_drain_at_once_send_each_posting_once(
    workers: int, shared_cast: Cast, sandbox: RunningSandbox
) -> None:
    clock, group_id = Clock(), shared_cast.nordlys.pk
    for number in range(6):
        for kind in KINDS:
            row(kind, shared_cast, clock(), f"W-{number}")

    done = at_once([lambda: dispatch.drain(group_id, clock)] * workers)
    drain_to_the_end(group_id, clock)

    assert all(isinstance(handled, int) for handled in done), done
    assert {name: len(sandbox.ledger()[name]) for name in LEDGER.values()} == dict.fromkeys(
        LEDGER.values(), 6
    )
    assert Counter(Attempt.objects.values_list("purpose", "outcome")) == {("send", "sent"): 18}
    assert set(Posting.objects.values_list("state", "tries")) == {(State.SENT, 1)}


@pytest.mark.parametrize("kind", KINDS)
def test_one_posting_is_claimed_by_one_of_eight_workers(kind: str, shared_cast: Cast) -> None:
    clock, group_id = Clock(), shared_cast.nordlys.pk
    posting = row(kind, shared_cast, clock())

    claimed = at_once([lambda: dispatch.claim(group_id, clock())] * 8)

    assert Counter(claimed) == {posting: 1, None: 7}
    posting.refresh_from_db()
    assert (posting.state, posting.tries) == (State.IN_FLIGHT, 1)


def test_of_equal_transfers_one_is_claimed_however_many_workers_come(shared_cast: Cast) -> None:
    clock, group_id = Clock(), shared_cast.nordlys.pk
    rows = [transfer_row(shared_cast, clock(), f"W-{number}") for number in range(4)]

    claimed = at_once([lambda: dispatch.claim(group_id, clock())] * 8)

    [taken] = [posting for posting in claimed if posting is not None]
    assert taken in rows
    assert Posting.objects.filter(state=State.IN_FLIGHT).count() == 1


def test_a_host_whose_clock_is_fast_leaves_alone_what_another_one_is_sending(
    shared_cast: Cast, sandbox: RunningSandbox
) -> None:
    clock, group_id = Clock(), shared_cast.nordlys.pk
    sales = [sale_row(shared_cast, clock(), f"W-{number}") for number in range(3)]
    sandbox.fault("slow", on="sale", seconds=1)

    def drain_when_one_is_on_its_way() -> int:
        began = monotonic()
        while not Posting.objects.filter(state=State.IN_FLIGHT).exists():
            assert monotonic() - began < 30, "nothing is sent"
        return dispatch.drain(group_id, lambda: clock() + timedelta(minutes=10))

    done = at_once([lambda: dispatch.drain(group_id, clock), drain_when_one_is_on_its_way])

    assert sum(handled for handled in done if isinstance(handled, int)) == 3, done
    assert [calls(posting) for posting in sales] == [[("send", "sent")]] * 3
    assert len(sandbox.ledger()["sales"]) == 3


def test_one_of_eight_workers_reads_back_what_is_uncertain(
    shared_cast: Cast, sandbox: RunningSandbox
) -> None:
    clock, group_id = Clock(), shared_cast.nordlys.pk
    posting = sale_row(shared_cast, clock())
    sandbox.fault("lose the answer after committing", on="sale", times=1)
    dispatch.drain(group_id, clock)
    clock.forward(60)

    at_once([lambda: dispatch.drain(group_id, clock)] * 8)

    assert calls(posting) == [("send", "uncertain"), ("read back", "sent")]


def test_no_more_than_two_workers_wait_for_one_groups_ddd(shared_cast: Cast) -> None:
    clock, group_id = Clock(), shared_cast.nordlys.pk
    for number in range(5):
        sale_row(shared_cast, clock(), f"W-{number}")
    assert dispatch.claim(group_id, clock())
    assert dispatch.claim(group_id, clock())

    assert dispatch.drain(group_id, clock) == 0
    assert Posting.objects.filter(state=State.WAITING).count() == 3


def test_of_eight_workers_that_come_at_one_moment_two_claim(shared_cast: Cast) -> None:
    clock, group_id = Clock(), shared_cast.nordlys.pk
    rows = [sale_row(shared_cast, clock(), f"W-{number}") for number in range(8)]

    claimed = at_once([lambda: dispatch.claim(group_id, clock())] * 8)

    assert len([posting for posting in claimed if posting in rows]) == 2, claimed
    assert Posting.objects.filter(state=State.IN_FLIGHT).count() == 2


def test_who_reads_back_counts_as_one_of_the_two(shared_cast: Cast, sandbox: RunningSandbox) -> None:
    clock, group_id = Clock(), shared_cast.nordlys.pk
    for number in range(3):
        sale_row(shared_cast, clock(), f"W-{number}")
    sandbox.fault("lose the answer after committing", on="sale", times=3)
    dispatch.drain(group_id, clock)
    clock.forward(60)
    assert dispatch.claim(group_id, clock())
    assert dispatch.claim(group_id, clock())

    assert dispatch.drain(group_id, clock) == 0
    clock.forward(60)
    assert dispatch.drain(group_id, clock) == 3


@pytest.mark.slow
def test_while_one_groups_ddd_is_silent_the_other_groups_rows_go_out(
    shared_cast: Cast, sandbox: RunningSandbox, settings: Settings
) -> None:
    settings.DDD_TIMEOUT_SECONDS = 5
    clock, ended = Clock(), {}
    sale_row(shared_cast, clock())

    def drained(group_id: int) -> None:
        dispatch.drain(group_id, clock)
        ended[group_id] = monotonic()

    with ExitStack() as servers:
        url = servers.enter_context(silent())
        Connection.objects.filter(group=shared_cast.fjord).update(base_url=url)
        order_row(shared_cast, clock(), "F-1", "fjord")
        at_once([lambda: drained(shared_cast.fjord.pk), lambda: drained(shared_cast.nordlys.pk)])

    assert ended[shared_cast.nordlys.pk] < ended[shared_cast.fjord.pk]
    assert len(sandbox.ledger()["sales"]) == 1


def test_of_two_simultaneous_decisions_one_wins_and_the_other_is_a_conflict(
    shared_cast: Cast, sandbox: RunningSandbox
) -> None:
    clock, group_id = Clock(), shared_cast.nordlys.pk
    posting = sale_row(shared_cast, clock())
    sandbox.fault("refuse", on="sale", times=1)
    dispatch.drain(group_id, clock)
    office, manager = shared_cast.person("office"), shared_cast.person("manager")

    done = at_once(
        [
            lambda: decisions.send_again(Posting.objects.get(pk=posting.pk), office, clock()),
            lambda: decisions.give_up(Posting.objects.get(pk=posting.pk), "Sold twice", manager, clock()),
        ]
    )

    assert sorted(type(result).__name__ for result in done) == ["Conflict", "NoneType"]
    posting.refresh_from_db()
    assert not posting.needs_attention
    assert [purpose for purpose, _outcome in calls(posting)] == ["send", "decision"]


def test_eight_sales_that_are_sent_at_once_get_eight_receipt_numbers_in_a_row(shared_cast: Cast) -> None:
    postings = [sale_row(shared_cast, NOW, f"W-{number}") for number in range(8)]

    def number(posting: Posting) -> None:
        with transaction.atomic():
            number_sale(posting)

    assert at_once([partial(number, posting) for posting in postings]) == [None] * 8

    receipts = [posting.payload["ReceiptId"] for posting in Posting.objects.all()]
    assert sorted(receipts) == list(range(1, 9))
    assert ReceiptSeries.objects.get().last == 8


def test_sales_sent_at_once_of_which_every_second_cannot_be_noted_leave_no_gap(shared_cast: Cast) -> None:
    postings = [sale_row(shared_cast, NOW, f"W-{number}") for number in range(8)]

    def number(place: int) -> None:
        with transaction.atomic():
            number_sale(postings[place])
            if place % 2:
                raise Broken

    done = at_once([partial(number, place) for place in range(8)])

    assert Counter(type(result) for result in done) == {Broken: 4, type(None): 4}
    assert set(Sale.objects.values_list("receipt_id", flat=True)) == {1, 2, 3, 4, None}
    assert ReceiptSeries.objects.get().last == 4
