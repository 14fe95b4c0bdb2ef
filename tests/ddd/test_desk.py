"""What a person decides about a posting that the portal cannot settle: once, with their name, for good."""

from typing import Any

import pytest

from core.causes import as_it_is
from core.errors import Conflict, Invalid
from ddd.models import Notice, Posting
from ddd.sending import decisions, dispatch
from tests.ddd.rows import KINDS, LEDGER, Clock, State, calls, row, sale_row
from tests.factories import NOW, Cast
from tests.sandbox_process import RunningSandbox


@pytest.fixture
def clock() -> Clock:
    return Clock()


def rejected(kind: str, cast: Cast, sandbox: RunningSandbox, clock: Clock) -> Posting:
    """A posting that DdD refused: it waits for a person."""
    posting = row(kind, cast, clock())
    sandbox.fault("refuse", on=kind, times=1)
    dispatch.drain(cast.nordlys.pk, clock)
    posting.refresh_from_db()
    assert (posting.state, posting.needs_attention) == (State.REJECTED, True)
    return posting


def state_of(posting: Posting) -> dict[str, Any]:
    return dict(Posting.objects.filter(pk=posting.pk).values().get())


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_refused_stays_until_a_person_sends_it_again(
    kind: str, booked_cast: Cast, sandbox: RunningSandbox, clock: Clock
) -> None:
    posting, office = rejected(kind, booked_cast, sandbox, clock), booked_cast.person("office")
    receipt = posting.payload.get("ReceiptId")
    clock.forward(7 * 86400)
    assert dispatch.drain(booked_cast.nordlys.pk, clock) == 0

    decisions.send_again(posting, office, clock())
    dispatch.drain(booked_cast.nordlys.pk, clock)

    posting.refresh_from_db()
    assert (posting.state, posting.needs_attention, posting.settled_by) == (State.SENT, False, office)
    assert calls(posting) == [("send", "rejected"), ("decision", "send again"), ("send", "sent")]
    [booked] = sandbox.ledger()[LEDGER[kind]]
    assert booked.get("ReceiptId") == receipt


def test_what_a_person_has_seen_arrive_is_never_sent(
    booked_cast: Cast, sandbox: RunningSandbox, clock: Clock
) -> None:
    posting, office = rejected("sale", booked_cast, sandbox, clock), booked_cast.person("office")

    decisions.it_arrived(posting, office, clock())

    posting.refresh_from_db()
    assert (posting.state, posting.settled_at, posting.settled_by) == (State.SENT, clock(), office)
    assert calls(posting)[-1] == ("decision", "it did arrive")
    assert dispatch.drain(booked_cast.nordlys.pk, clock) == 0
    assert sandbox.ledger()["sales"] == []


def test_what_is_given_up_keeps_its_reason_and_is_never_sent(
    booked_cast: Cast, sandbox: RunningSandbox, clock: Clock
) -> None:
    posting, office = rejected("sale", booked_cast, sandbox, clock), booked_cast.person("office")

    decisions.give_up(posting, "  Booked by hand on Tuesday ", office, clock())

    posting.refresh_from_db()
    assert (posting.state, posting.reason_words) == (State.GIVEN_UP, "Booked by hand on Tuesday")
    assert posting.settled_by == office
    last = posting.attempts.last()
    assert last is not None
    assert (last.actor, last.detail_words) == (office, "Booked by hand on Tuesday")
    assert dispatch.drain(booked_cast.nordlys.pk, clock) == 0
    assert sandbox.ledger()["sales"] == []


@pytest.mark.parametrize("reason", ["", "   ", "\n\t"])
def test_nothing_is_given_up_without_a_reason(
    reason: str, booked_cast: Cast, sandbox: RunningSandbox, clock: Clock
) -> None:
    posting = rejected("sale", booked_cast, sandbox, clock)
    before = state_of(posting)

    with pytest.raises(Invalid) as refusal:
        decisions.give_up(posting, reason, booked_cast.person("office"), clock())

    assert [fault.pointer for fault in refusal.value.faults] == ["/reason"]
    assert state_of(posting) == before
    assert calls(posting) == [("send", "rejected")]


def test_a_long_reason_is_kept_as_far_as_it_fits(
    booked_cast: Cast, sandbox: RunningSandbox, clock: Clock
) -> None:
    posting = rejected("sale", booked_cast, sandbox, clock)

    decisions.give_up(posting, "Å" * 2000, booked_cast.person("office"), clock())

    posting.refresh_from_db()
    assert posting.reason_words == "Å" * 500


@pytest.mark.parametrize("first", ["send again", "it arrived", "give up"])
@pytest.mark.parametrize("second", ["send again", "it arrived", "give up"])
def test_the_slower_of_two_people_gets_a_conflict(
    first: str, second: str, booked_cast: Cast, sandbox: RunningSandbox, clock: Clock
) -> None:
    posting = rejected("sale", booked_cast, sandbox, clock)
    office, manager = booked_cast.person("office"), booked_cast.person("manager")
    decide = {
        "send again": lambda seen, who: decisions.send_again(seen, who, clock()),
        "it arrived": lambda seen, who: decisions.it_arrived(seen, who, clock()),
        "give up": lambda seen, who: decisions.give_up(seen, "Sold at the till", who, clock()),
    }
    seen_by_both = Posting.objects.get(pk=posting.pk)
    decide[first](posting, office)
    before = state_of(posting)

    with pytest.raises(Conflict, match="Karen Østergaard has decided this already"):
        decide[second](seen_by_both, manager)

    assert state_of(posting) == before
    assert len(calls(posting)) == 2


def test_a_posting_that_workers_still_handle_cannot_be_decided(cast: Cast, clock: Clock) -> None:
    posting = sale_row(cast, clock())
    before = state_of(posting)

    with pytest.raises(Conflict):
        decisions.send_again(posting, cast.person("office"), clock())

    assert state_of(posting) == before


def test_a_notice_that_was_seen_to_opens_again_when_it_happens_once_more(cast: Cast) -> None:
    office = cast.person("office")
    notice = Notice.put(cast.nordlys, Notice.Kind.UNKNOWN_WORD, "Hentet", as_it_is("W-1"), NOW)
    decisions.close_notice(notice, office, NOW)
    notice.refresh_from_db()
    assert (notice.closed_at, notice.closed_by) == (NOW, office)

    Notice.put(cast.nordlys, Notice.Kind.UNKNOWN_WORD, "Hentet", as_it_is("W-2"), NOW)

    notice.refresh_from_db()
    assert (notice.closed_at, notice.closed_by, notice.times, notice.detail) == (
        None,
        None,
        2,
        as_it_is("W-2"),
    )
    assert Notice.objects.count() == 1
