"""The outcome of a call about a posting, and the posting's next state."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, assert_never

from django.conf import settings

from core.causes import StoredCause
from core.leases import NO_REST
from ddd.api.http import DddError, Rejected, Uncertain
from ddd.models import Attempt, Posting
from ddd.sending.posting_kind import SENT_IN_VAIN
from ddd.sending.readback import Absent, Evidence, Finding, NotListed, Present, Unclear
from ddd.words import causes

# A Group's DdD that does not list at once has this long to do so.
LISTED_WITHIN: Final = timedelta(hours=6)
LONGEST_WAIT: Final = timedelta(minutes=10)
State = Posting.State


@dataclass(frozen=True)
class Settlement:
    """How a posting stands after a call. Nothing is done about it before `not_before`; None is at once."""

    state: Posting.State
    reason: StoredCause = field(default_factory=dict)
    not_before: datetime | None = None
    needs_attention: bool = False
    # DdD could not be used, or gave no usable answer.
    is_held_up: bool = False
    # Nothing was sent in this call that DdD could still be processing.
    is_only_read: bool = False
    # None leaves what an earlier call brought.
    answer: str | None = None
    evidence: Evidence | None = None

    def rest(self, now: datetime) -> timedelta:
        """How long no worker may take it: DdD may still be processing a call without an answer, and a host
        with a fast clock must not read it back before then."""
        is_open = self.state == State.UNCERTAIN and not self.needs_attention and not self.is_only_read
        return self.not_before - now if is_open and self.not_before else NO_REST

    def columns(self, posting: Posting, now: datetime) -> dict[str, Any]:
        """The columns of the posting that it changes."""
        brought = {"answer": self.answer, "evidence": self.evidence}
        return {
            "state": self.state,
            "reason": self.reason,
            "not_before": self.not_before or now,
            "needs_attention": self.needs_attention,
            "held_up_since": (posting.held_up_since or now) if self.is_held_up else None,
            "settled_at": now if self.state in (State.SENT, State.REJECTED) else None,
            **{name: value for name, value in brought.items() if value is not None},
        }


def sent(answer: str, evidence: Evidence | None = None) -> Settlement:
    """DdD has it."""
    return Settlement(State.SENT, answer=answer[:200], evidence=evidence)


def waits(
    posting: Posting, reason: StoredCause, now: datetime, evidence: Evidence | None = None
) -> Settlement:
    """It is sent later, with a growing wait. At once when nothing was sent yet."""
    wait = wait_of(posting) if posting.first_sent_at else timedelta()
    return Settlement(State.WAITING, reason, now + wait, evidence=evidence)


def after_looking(posting: Posting, finding: Finding, now: datetime) -> Settlement:
    """What reading back decides, and what it leaves to a person."""
    match finding:
        case Present(answer, evidence):
            return sent(answer, evidence)
        case Absent() | NotListed():
            return _not_found(posting, finding, now)
        case Unclear(reason, evidence):
            return Settlement(State.UNCERTAIN, reason, needs_attention=True, evidence=evidence)
        case other:
            assert_never(other)


def _not_found(posting: Posting, finding: Absent | NotListed, now: datetime) -> Settlement:
    lost = posting.attempts.filter(purpose=Attempt.Purpose.SEND, outcome=State.UNCERTAIN)
    in_vain = [attempt.detail for attempt in lost]
    if in_vain and has_odd_answer(in_vain[-1]):
        # DdD has answered, and only a person knows what: sent again it may be booked twice.
        return Settlement(State.UNCERTAIN, in_vain[-1], needs_attention=True, evidence=finding.evidence)
    if isinstance(finding, NotListed):
        return _not_listed(posting, finding, now)
    if len(in_vain) < SENT_IN_VAIN:
        return waits(posting, causes.NOT_THERE(), now, finding.evidence)
    reason = causes.SENT_IN_VAIN(count=len(in_vain), last=in_vain[-1])
    return Settlement(State.REJECTED, reason, needs_attention=True, evidence=finding.evidence)


def _not_listed(posting: Posting, finding: NotListed, now: datetime) -> Settlement:
    """Looked for again and again: a listing may be late. Then a person looks."""
    if now - (posting.first_sent_at or now) < LISTED_WITHIN:
        return Settlement(
            State.UNCERTAIN, causes.NOT_LISTED_YET(), now + wait_of(posting), evidence=finding.evidence
        )
    hours = int(LISTED_WITHIN.total_seconds() // 3600)
    return Settlement(
        State.UNCERTAIN, causes.NOT_LISTED(hours=hours), needs_attention=True, evidence=finding.evidence
    )


def has_odd_answer(reason: StoredCause) -> bool:
    """Whether DdD took a booking with an answer that is neither its yes nor its no."""
    return reason.get("code") in {cause.code for cause in causes.ODD_ANSWERS}


def after_trouble(posting: Posting, trouble: DddError, now: datetime) -> Settlement:
    """A refusal waits for a person; what may have arrived is read back after a quiet time; all else is
    retried."""
    reading = posting.state == State.UNCERTAIN
    if isinstance(trouble, Rejected) and not reading:
        return Settlement(State.REJECTED, trouble.cause, needs_attention=True)
    if isinstance(trouble, Uncertain):
        rest = timedelta(seconds=settings.DDD_QUIET_SECONDS)
        return Settlement(State.UNCERTAIN, trouble.cause, now + rest, is_held_up=True)
    kept = State.UNCERTAIN if reading else State.WAITING
    return Settlement(kept, trouble.cause, now + wait_of(posting), is_held_up=True, is_only_read=reading)


def unknown_kind(posting: Posting) -> Settlement:
    """A kind that this version does not know is not sent: a person has to decide."""
    was_sent = posting.state == State.UNCERTAIN
    reason = causes.UNKNOWN_KIND(kind=posting.kind)
    return Settlement(State.UNCERTAIN if was_sent else State.REJECTED, reason, needs_attention=True)


def wait_of(posting: Posting) -> timedelta:
    """Doubles with each attempt."""
    tried = posting.attempts.count()
    return min(timedelta(seconds=2 ** min(tried, 12)), LONGEST_WAIT)
