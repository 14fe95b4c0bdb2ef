"""Sends the outbox: claim, call, settle. Without an answer, DdD is read back before anything is repeated.

Any number of workers may run this at once. A worker that claims a posting has a lease on it; what a dead
worker left in flight is uncertain, not waiting.
"""

import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, assert_never

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts.models import Group
from core import leases, logs, stopping
from core.causes import StoredCause, as_it_is
from core.leases import LeaseLost
from ddd.api.http import Call, DddError, Rejected, Unavailable, Uncertain, Wire, is_refused_token, wire_to
from ddd.models import Attempt, Connection, FirstPosting, Posting
from ddd.sending import first_of_kind
from ddd.sending.kinds import UnknownKind, kind_of
from ddd.sending.late import sent_late
from ddd.sending.order_of_sending import UNDECIDED, may_go
from ddd.sending.posting_kind import Accepted, Answer, Denied, PostingKind, TooEarly
from ddd.sending.readback import Absent, Finding, NotListed, Unclear
from ddd.sending.settlement import Settlement, after_looking, after_trouble, sent, unknown_kind, waits
from ddd.words import causes

log = logging.getLogger(__name__)

LONGEST_RUN = timedelta(seconds=30)
HELD_BACK_WAITS = timedelta(seconds=5)
# What other workers of the Group change meanwhile.
SEEN_BY_OTHERS = ("quiet_until", "send_failures", "sends_rest_until", "trouble", "trouble_since", "senders")
LONGEST_BETWEEN_CALLS = timedelta(seconds=10)
Clock = Callable[[], datetime]


class HeldBack(Exception):
    """It may not go out now: what was written for that is taken back."""

    def __init__(self, cause: StoredCause) -> None:
        super().__init__(cause)
        self.cause = cause


@dataclass(frozen=True)
class AttemptResult:
    """One attempt at a posting: its calls, how long it took (ms), and its outcome."""

    purpose: Attempt.Purpose
    started_at: datetime
    duration_ms: int
    calls: Sequence[Call]
    trouble: DddError | None
    settlement: Settlement

    @property
    def was_hanging(self) -> bool:
        """Whether a call took all the time that it may."""
        return any(call.ms >= 900 * settings.DDD_TIMEOUT_SECONDS for call in self.calls)

    @property
    def was_answered(self) -> bool:
        """Whether DdD was there, whatever came of the attempt as a whole."""
        return any(call.status is not None and call.status < 400 for call in self.calls)

    @property
    def has_sent(self) -> bool:
        """Whether DdD said yes to what was sent."""
        return self.purpose == Attempt.Purpose.SEND and self.settlement.state == Posting.State.SENT


def drain(group_id: int, clock: Clock = timezone.now) -> int:
    """Handles what is due in one Group's outbox; returns how many postings. Stops when DdD is to be left
    alone."""
    connection = Connection.objects.select_related("group").filter(group_id=group_id).first()
    if connection is None:
        return 0
    started, handled = clock(), 0
    expire_stale_claims(group_id, started)
    while clock() - started < LONGEST_RUN:
        connection.refresh_from_db(fields=SEEN_BY_OTHERS)
        if stopping.is_asked() or _is_left_alone(connection, clock()) or not _has_free_slot(connection):
            break
        posting = claim(group_id, clock())
        if posting is None:
            break
        handle(posting, connection, clock)
        handled += 1
    return handled


def groups_with_work(now: datetime) -> list[int]:
    """The Groups with postings that are due, or were left in flight."""
    due = Posting.objects.filter(
        leases.free(),
        state__in=[Posting.State.WAITING, *UNDECIDED],
        needs_attention=False,
        not_before__lte=now,
    )
    return list(due.order_by().values_list("group_id", flat=True).distinct())


def in_flight(group_id: int) -> QuerySet[Posting]:
    """The postings that workers are sending for this Group."""
    return Posting.objects.filter(group_id=group_id, state=Posting.State.IN_FLIGHT)


def claimed_by_workers(group_id: int) -> QuerySet[Posting]:
    """The postings that workers are sending or reading back for this Group."""
    return Posting.objects.filter(leases.held(), state__in=UNDECIDED, group_id=group_id)


def expire_stale_claims(group_id: int, now: datetime) -> int:
    """Postings in flight for longer than a call can last have no worker any more: they become uncertain.

    What had gone out rests for DdD's quiet time all the same: its worker may only have been slow.
    """
    stopped: dict[str, Any] = {"state": Posting.State.UNCERTAIN, "reason": causes.WORKER_STOPPED()}
    rest = timedelta(seconds=settings.DDD_QUIET_SECONDS)
    gone_out = in_flight(group_id).exclude(first_sent_at=None)
    not_sent = in_flight(group_id).filter(first_sent_at=None)
    return leases.expire(gone_out, rest, not_before=now + rest, **stopped) + leases.expire(
        not_sent, **stopped
    )


def claim(group_id: int, now: datetime) -> Posting | None:
    """The oldest due posting, leased to this worker; None when nothing is due, or all of it waits."""
    connection = Connection.objects.filter(group_id=group_id, group__rehearses=False).first()
    due = (
        Posting.objects.filter(leases.free(), group_id=group_id, needs_attention=False, not_before__lte=now)
        .filter(Q(state=Posting.State.UNCERTAIN) | may_go(group_id))
        .select_related("sale__web_shop__turnover_shop")
        .order_by("not_before", "pk")
    )
    while connection is not None:
        first = None
        for posting in due[:10]:
            first = _first_in_front_of(posting, connection)
            if first is not None:
                # Past all that wait for the same one: there may be thousands.
                due = due.exclude(first_of_kind.like(posting) & ~Q(pk=first.posting_id))
                break
            if _take(posting):
                return posting
        if first is None:
            break
    return None


def _first_in_front_of(posting: Posting, connection: Connection) -> FirstPosting | None:
    is_sent = posting.state == Posting.State.WAITING
    return first_of_kind.in_front_of(posting, connection) if is_sent else None


def _is_left_alone(connection: Connection, now: datetime) -> bool:
    return connection.is_quiet(now) or connection.rests("send", now)


def _has_free_slot(connection: Connection) -> bool:
    return claimed_by_workers(connection.group_id).count() < connection.slots


def _take(posting: Posting) -> bool:
    as_seen = Q(state=posting.state, not_before=posting.not_before)
    with suppress(IntegrityError), transaction.atomic():
        # Counting and claiming are one step: of workers that come at one moment the others wait here.
        connection = Connection.objects.select_for_update(no_key=True).get(group_id=posting.group_id)
        if not _has_free_slot(connection):
            return False
        if posting.state == Posting.State.UNCERTAIN:
            # Reading twice is harmless, but one worker is enough.
            return leases.take(posting, _one_call(), as_seen)
        in_flight_now = {"state": Posting.State.IN_FLIGHT, "tries": F("tries") + 1}
        return leases.take(posting, _one_call(), as_seen & may_go(posting.group_id), **in_flight_now)
    return False


def _one_call() -> timedelta:
    """Longer than a call can take. Renewed before each, so what a dead worker had is free soon."""
    return timedelta(seconds=settings.DDD_TIMEOUT_SECONDS) + LONGEST_BETWEEN_CALLS


def handle(posting: Posting, connection: Connection, clock: Clock) -> bool:
    """One call about a claimed posting, and its settlement. False when DdD could not be used."""
    logs.bind(posting=posting.pk, order_no=posting.order_no)
    result = _try(posting, connection, clock)
    _keep_attempt(posting, result)
    _log(posting, result)
    if not _settle(posting, result.settlement, clock()) and result.has_sent:
        sent_late(posting, result.settlement, result.started_at, clock())
    if _is_about_a_token(posting, result.trouble):
        return True
    if isinstance(result.trouble, (Unavailable, Uncertain)):
        connection.mark_failing(result.trouble.cause, clock(), result.trouble.retry_after)
        if result.was_hanging or not result.was_answered:
            connection.note_failure("send", clock(), was_hanging=result.was_hanging)
        return False
    if result.calls:
        connection.mark_answering()
        connection.note_success("send")
    return True


def _is_about_a_token(posting: Posting, trouble: DddError | None) -> bool:
    """Whether DdD lets the web shop's own token not in: that says nothing of the Group's."""
    return bool(posting.token) and trouble is not None and is_refused_token(trouble)


def _try(posting: Posting, connection: Connection, clock: Clock) -> AttemptResult:
    reading = posting.state == Posting.State.UNCERTAIN
    started_at, stopwatch = clock(), time.monotonic()
    trouble: DddError | None = None
    calls: list[Call] = []
    try:
        with wire_to(
            connection,
            posting.token,
            calls=calls,
            longest=settings.DDD_TIMEOUT_SECONDS,
            before_call=lambda: leases.renew(posting, _one_call()),
        ) as wire:
            settlement = (_read_back if reading else _send)(posting, wire, started_at)
    except UnknownKind:
        settlement = unknown_kind(posting)
    except LeaseLost as lost:
        log.warning("nothing was sent: %s", lost)
        settlement = Settlement(Posting.State(posting.state), causes.TAKEN_OVER())
    except DddError as error:
        trouble, settlement = error, after_trouble(posting, error, clock())
    return AttemptResult(
        purpose=Attempt.Purpose.READ_BACK if reading else Attempt.Purpose.SEND,
        started_at=started_at,
        duration_ms=int((time.monotonic() - stopwatch) * 1000),
        calls=calls,
        trouble=trouble,
        settlement=settlement,
    )


def _keep_attempt(posting: Posting, result: AttemptResult) -> None:
    trouble, settlement = result.trouble, result.settlement
    said = trouble.cause if trouble else as_it_is(settlement.answer or "") or settlement.reason
    Attempt.objects.create(
        posting=posting,
        purpose=result.purpose,
        started_at=result.started_at,
        duration_ms=result.duration_ms,
        outcome=type(trouble).__name__.lower() if trouble else settlement.state,
        detail=said,
        calls=[asdict(call) for call in result.calls],
    )


def _log(posting: Posting, result: AttemptResult) -> None:
    """Not what DdD answered: that may be what people typed."""
    outcome = type(result.trouble).__name__.lower() if result.trouble else result.settlement.state
    facts = {"kind": posting.kind, "outcome": outcome, "milliseconds": result.duration_ms}
    level = logging.WARNING if result.trouble else logging.INFO
    log.log(level, "a call to DdD to %s: %s", result.purpose.replace("_", " "), outcome, extra=facts)


def _send(posting: Posting, wire: Wire, now: datetime) -> Settlement:
    kind = kind_of(posting)
    if not posting.first_sent_at:
        noted = kind.note_before_sending(posting, wire, now)
        if isinstance(noted, Unclear):
            return after_looking(posting, noted, now)
        posting.first_sent_at, posting.baseline = now, noted
    try:
        if not _note_that_it_goes_out(posting, kind, now):
            return Settlement(Posting.State(posting.state), causes.TAKEN_OVER())
    except HeldBack as held:
        return Settlement(Posting.State.WAITING, held.cause, now + HELD_BACK_WAITS)
    return _sent_out(posting, kind, wire, now)


def _sent_out(posting: Posting, kind: PostingKind, wire: Wire, now: datetime) -> Settlement:
    """The call. After a no DdD is read: it may have what it refuses to take."""
    refusal = Rejected(causes.ANSWERED_FALSE(), 200)
    said: Answer = Denied()
    try:
        said = kind.send(posting, wire)
    except Rejected as refused:
        if not _was_sent_in_the_dark(posting):
            raise
        refusal = refused
    match said:
        case Accepted(answer):
            return sent(answer)
        case TooEarly(reason):
            return waits(posting, reason, now)
        case Denied():
            finding = _look_after_a_no(posting, kind, wire, now)
            if isinstance(finding, (Absent, NotListed)):
                raise refusal
            return after_looking(posting, finding, now)
        case other:
            assert_never(other)


def _was_sent_in_the_dark(posting: Posting) -> bool:
    """Whether an earlier one went out without an answer: it may have arrived, and been listed too late."""
    lost = posting.attempts.filter(purpose=Attempt.Purpose.SEND, outcome=Posting.State.UNCERTAIN)
    return lost.exists()


def _look_after_a_no(posting: Posting, kind: PostingKind, wire: Wire, now: datetime) -> Finding:
    """What reading back finds. Uncertain when DdD cannot be read, or another worker has taken it over: it was
    sent, and may be there."""
    try:
        return kind.look(posting, wire, now)
    except Unavailable as error:
        raise Uncertain(error.cause, error.retry_after) from error
    except LeaseLost as lost:
        raise Uncertain(causes.ANSWERED_FALSE()) from lost


def _note_that_it_goes_out(posting: Posting, kind: PostingKind, now: datetime) -> bool:
    """Stored before the call: reading back later needs to know what was there before. A worker that was taken
    for dead meanwhile sends nothing any more: False. HeldBack when another worker's was first, or a rehearsal
    has begun."""
    noted = {"first_sent_at": posting.first_sent_at, "baseline": posting.baseline}
    try:
        with transaction.atomic():
            leases.renew(posting, _one_call(), **noted)
            kind.complete(posting)
            if Group.objects.filter(pk=posting.group_id, rehearses=True).exists():
                raise HeldBack(causes.REHEARSAL())
            if not first_of_kind.goes_out(posting, now):
                raise HeldBack(causes.FIRST_OF_ITS_KIND())
    except LeaseLost as lost:
        log.warning("nothing was sent: %s", lost)
        return False
    return True


def _read_back(posting: Posting, wire: Wire, now: datetime) -> Settlement:
    kind = kind_of(posting)
    # Without a first send nothing can be there: the worker stopped before it.
    finding = kind.look(posting, wire, now) if posting.first_sent_at else Absent()
    return after_looking(posting, finding, now)


def _settle(posting: Posting, settlement: Settlement, now: datetime) -> bool:
    """Only the worker that has the posting may store the outcome of its call; False for a late one."""
    try:
        leases.release(posting, settlement.rest(now), **settlement.columns(posting, now))
    except LeaseLost as lost:
        log.warning("what came of a call is kept as an attempt only: %s", lost)
        return False
    return True
