"""What DdD takes from a worker that was taken for dead meanwhile, and a worker that is to stop."""

from collections.abc import Callable
from datetime import timedelta
from threading import Event

import pytest
from pytest_django import Settings

from core import stopping
from ddd.models import Notice
from ddd.sending import dispatch
from tests.ddd.rows import Clock, State, calls, drain_to_the_end, sale_row, transfer_row
from tests.factories import Cast
from tests.passing_time import after_each_write
from tests.sandbox_process import RunningSandbox

LATE = ("send", "sent")


@pytest.fixture(autouse=True)
def quiet_time(settings: Settings) -> None:
    settings.DDD_TIMEOUT_SECONDS = 5
    settings.DDD_QUIET_SECONDS = 60


def before_the_call(do: Callable[[], object]) -> Callable[[], None]:
    """At the last moment before DdD is told of a transfer: after its lease was renewed for reading, when it
    was noted that it goes out, and for the call itself."""
    written: list[None] = []

    def do_it() -> None:
        written.append(None)
        if len(written) == 3:
            do()

    return do_it


def test_what_a_slow_worker_sent_beside_another_one_is_told_to_a_person(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    clock, group = Clock(), booked_cast.nordlys
    posting = transfer_row(booked_cast, clock())
    slow = dispatch.claim(group.pk, clock())
    assert slow == posting

    def another_worker_takes_over() -> None:
        clock.forward(31)
        drain_to_the_end(group.pk, clock)

    with after_each_write("ddd_posting", before_the_call(another_worker_takes_over)):
        dispatch.handle(slow, booked_cast.connection, clock)

    assert calls(posting) == [("read back", "waiting"), LATE, LATE]
    assert len(sandbox.ledger()["transfers"]) == 2
    notice = Notice.objects.get()
    assert (notice.kind, notice.subject) == (Notice.Kind.SENT_LATE, "W-1")
    assert notice.detail_words.startswith(f"Posting {posting.pk}, begun at ")


def test_a_late_yes_settles_what_nobody_has_sent_again(booked_cast: Cast, sandbox: RunningSandbox) -> None:
    clock, group = Clock(), booked_cast.nordlys
    posting = transfer_row(booked_cast, clock())
    slow = dispatch.claim(group.pk, clock())
    assert slow == posting

    def another_worker_looks() -> None:
        clock.forward(31)
        assert dispatch.drain(group.pk, clock) == 0

    with after_each_write("ddd_posting", before_the_call(another_worker_looks)):
        dispatch.handle(slow, booked_cast.connection, clock)

    posting.refresh_from_db()
    assert (posting.state, calls(posting)) == (State.SENT, [LATE])
    clock.forward(3600)
    assert dispatch.drain(group.pk, clock) == 0
    assert len(sandbox.ledger()["transfers"]) == 1
    assert not Notice.objects.exists()


def test_a_worker_that_is_to_stop_ends_after_its_present_posting(
    booked_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stopping, "_asked", Event())
    clock, group = Clock(), booked_cast.nordlys
    sales = [sale_row(booked_cast, clock(), f"W-{number}") for number in range(3)]

    with after_each_write("ddd_receiptseries", stopping.ask):
        assert dispatch.drain(group.pk, clock) == 1

    assert [calls(posting) for posting in sales] == [[LATE], [], []]
    assert dispatch.drain(group.pk, lambda: clock() + timedelta(minutes=5)) == 0
