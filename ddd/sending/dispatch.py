"""Sends the outbox: claim, call, settle. What got no answer is read back before anything is repeated.

Any number of workers may run this at once. Whoever claims a posting has a lease on it; what a dead worker
left in flight is uncertain, not waiting.
"""

import logging
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from core import leases
from core.leases import LeaseLost
from ddd.api import client
from ddd.api.http import Call, Rejected, Trouble, Unavailable, Uncertain, Wire, wire_to
from ddd.booking.bookkeeping import number_sale
from ddd.booking.outbox import SALES
from ddd.models import Attempt, Connection, Posting
from ddd.sending import changing
from ddd.sending.readback import Absent, Found, Unclear, look, mark_before_sending
from ddd.words import causes

log = logging.getLogger(__name__)

SENDERS_PER_GROUP = 2
FAILURES_IN_A_ROW = 5
LONGEST_RUN = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=10)
SENT_IN_VAIN = 8
UNDECIDED = (Posting.State.IN_FLIGHT, Posting.State.UNCERTAIN)
NOT_PASSED = (Posting.State.WAITING, *UNDECIDED)  # by a later change of the same order
Clock = Callable[[], datetime]


def drain(group_id: int, clock: Clock = timezone.now) -> int:
    """Handles what is due in one Group's outbox; returns how many postings. Stops when DdD is away."""
    connection = Connection.objects.select_related("group").filter(group_id=group_id).first()
    if connection is None:
        return 0
    started, handled, failures = clock(), 0, 0
    expire_stale_claims(group_id)
    if in_hand(group_id).count() >= SENDERS_PER_GROUP:
        return 0
    while failures < FAILURES_IN_A_ROW and clock() - started < LONGEST_RUN:
        posting = claim(group_id, clock())
        if posting is None:
            break
        failures = 0 if handle(posting, connection, clock) else failures + 1
        handled += 1
    return handled


def groups_with_work(now: datetime) -> list[int]:
    """The Groups in whose outbox something is due, or was left in flight."""
    due = Posting.objects.filter(
        leases.free(),
        state__in=[Posting.State.WAITING, *UNDECIDED],
        for_a_person=False,
        not_before__lte=now,
    )
    return list(due.order_by().values_list("group_id", flat=True).distinct())


def in_flight(group_id: int) -> QuerySet[Posting]:
    """What workers are sending for this Group."""
    return Posting.objects.filter(group_id=group_id, state=Posting.State.IN_FLIGHT)


def in_hand(group_id: int) -> QuerySet[Posting]:
    """What workers are sending or reading back for this Group."""
    return Posting.objects.filter(leases.held(), state__in=UNDECIDED, group_id=group_id)


def expire_stale_claims(group_id: int) -> int:
    """A posting in flight for longer than any call can last has no worker any more: it is uncertain."""
    return leases.expire(
        in_flight(group_id),
        state=Posting.State.UNCERTAIN,
        reason="The worker stopped while it was sending.",
    )


def claim(group_id: int, now: datetime) -> Posting | None:
    """The oldest due posting, for this worker alone; None when nothing is due."""
    # Asked once and not for each row: SQLite would go through the whole outbox for each.
    blocked = Posting.objects.filter(group_id=group_id, state__in=UNDECIDED).exclude(lane="").values("lane")
    # Of two changes of one order the later one must have the last word.
    behind = Q(kind=Posting.Kind.CHANGE) & Exists(
        Posting.objects.filter(
            group_id=OuterRef("group_id"),
            order_no=OuterRef("order_no"),
            kind=Posting.Kind.CHANGE,
            pk__lt=OuterRef("pk"),
            state__in=NOT_PASSED,
        )
    )
    may_go = Q(state=Posting.State.WAITING) & ~Q(lane__in=blocked) & ~behind
    due = (
        Posting.objects.filter(leases.free(), group_id=group_id, for_a_person=False, not_before__lte=now)
        .filter(Q(state=Posting.State.UNCERTAIN) | may_go)
        .order_by("not_before", "pk")
    )
    for posting in due[:10]:
        if _take(posting):
            return posting
    return None


def in_front_of(postings: Iterable[Posting], rows: QuerySet[Posting]) -> dict[int, Posting]:
    """Of those that `claim` passes over as long as another is undecided: the one of `rows` that each waits
    for; 1 query, or none."""
    waiting = [one for one in postings if one.state == Posting.State.WAITING]
    lanes = {one.lane for one in waiting if one.lane}
    changed = {one.order_no for one in waiting if one.kind == Posting.Kind.CHANGE}
    if not lanes and not changed:
        return {}
    in_a_lane = Q(lane__in=lanes, state__in=UNDECIDED)
    older = Q(order_no__in=changed, kind=Posting.Kind.CHANGE, state__in=NOT_PASSED)
    found = list(rows.filter(in_a_lane | older).order_by("pk"))
    first = {one.pk: next((other for other in found if _goes_first(other, one)), None) for one in waiting}
    return {pk: other for pk, other in first.items() if other}


def _goes_first(other: Posting, posting: Posting) -> bool:
    if posting.lane and other.lane == posting.lane:
        return other.state in UNDECIDED
    both = posting.kind == other.kind == Posting.Kind.CHANGE and posting.order_no == other.order_no
    return both and other.pk < posting.pk


def _take(posting: Posting) -> bool:
    as_seen = Q(state=posting.state, not_before=posting.not_before)
    if posting.state == Posting.State.UNCERTAIN:
        # Reading twice does no harm, but one worker is enough.
        reading = timedelta(seconds=2 * settings.DDD_TIMEOUT_SECONDS)
        return leases.take(posting, reading, as_seen)
    with suppress(IntegrityError), transaction.atomic():
        in_flight_now = {"state": Posting.State.IN_FLIGHT, "tries": F("tries") + 1}
        return leases.take(posting, _sent_within(), as_seen, **in_flight_now)
    return False


def _sent_within() -> timedelta:
    """Longer than any sending can last, with what is read before and after it."""
    return timedelta(seconds=max(30.0, 6 * settings.DDD_TIMEOUT_SECONDS))


def handle(posting: Posting, connection: Connection, clock: Clock) -> bool:
    """One call about a claimed posting and what follows from it. False when DdD could not be used."""
    reading = posting.state == Posting.State.UNCERTAIN
    purpose = Attempt.Purpose.READ_BACK if reading else Attempt.Purpose.SEND
    started_at, stopwatch = clock(), time.monotonic()
    trouble: Trouble | None = None
    made: list[Call] = []
    changes: dict[str, Any]
    try:
        with wire_to(connection, posting.token, calls=made) as wire:
            changes = (_read_back if reading else _send)(posting, wire, started_at)
    except Trouble as error:
        trouble = error
        changes = _after_trouble(posting, error, clock())
    said = trouble.sentence if trouble else str(changes.get("answer") or changes.get("reason", ""))
    Attempt.objects.create(
        posting=posting,
        purpose=purpose,
        started_at=started_at,
        duration_ms=int((time.monotonic() - stopwatch) * 1000),
        outcome=type(trouble).__name__.lower() if trouble else changes["state"],
        detail=said[:1000],
        calls=[asdict(call) for call in made],
    )
    _settle(posting, changes, clock())
    if isinstance(trouble, (Unavailable, Uncertain)):
        connection.fails(trouble.cause, clock())
        return False
    connection.answers()
    return True


def _send(posting: Posting, wire: Wire, now: datetime) -> dict[str, Any]:
    if not posting.first_sent_at:
        posting.first_sent_at, posting.baseline = now, mark_before_sending(posting, wire, now)
    if not _note_that_it_goes_out(posting):
        return {"state": posting.state, "reason": "Another worker has taken it over; nothing was sent."}
    if posting.kind == Posting.Kind.TRANSFER:
        return _sent(str(client.initiate_transfer(wire, posting.payload)))
    if posting.kind == Posting.Kind.CHANGE:
        order = changing.find(wire, posting)
        if order is None:
            return _until_ddd_has_the_order(posting, now)
        done = client.update_order(wire, changing.body_for(posting.payload, order))
    else:
        send = client.post_sale if posting.kind in SALES else client.create_order
        done = send(wire, posting.payload)
    if done:
        return _sent("true")
    # False may mean "refused" as well as "there already": only reading tells.
    finding = look(posting, wire, now)
    if isinstance(finding, Absent):
        raise Rejected(causes.ANSWERED_FALSE(), 200)
    return _concluded(finding)


def _note_that_it_goes_out(posting: Posting) -> bool:
    """Stored before the call: reading back later needs to know what was there before. A worker that was taken
    for dead meanwhile sends nothing any more: False."""
    noted = {"first_sent_at": posting.first_sent_at, "baseline": posting.baseline}
    try:
        with transaction.atomic():
            # What it has slept until now must not be missing from the time for the call.
            leases.renew(posting, _sent_within(), **noted)
            if posting.kind in SALES:
                number_sale(posting)
    except LeaseLost as lost:
        log.warning("nothing was sent: %s", lost)
        return False
    return True


def _until_ddd_has_the_order(posting: Posting, now: datetime) -> dict[str, Any]:
    """An order that is on its way to DdD is waited for; one that does not come is put before a person."""
    if changing.may_still_come(posting) or posting.attempts.count() < SENT_IN_VAIN:
        return {
            "state": Posting.State.WAITING,
            "reason": "DdD does not have the order yet.",
            "not_before": now + _wait(posting),
        }
    raise Rejected(causes.NO_ORDER(), 200)


def _read_back(posting: Posting, wire: Wire, now: datetime) -> dict[str, Any]:
    # Without a first send nothing can be there: the worker stopped before it.
    finding = look(posting, wire, now) if posting.first_sent_at else Absent()
    if not isinstance(finding, Absent):
        return _concluded(finding)
    lost = posting.attempts.filter(purpose=Attempt.Purpose.SEND, outcome=Posting.State.UNCERTAIN)
    in_vain = [attempt.detail for attempt in lost]
    if len(in_vain) >= SENT_IN_VAIN:
        reason = f"Sent {len(in_vain)} times, and DdD does not have it. The last time: {in_vain[-1]}"
        return {
            "state": Posting.State.REJECTED,
            "for_a_person": True,
            "reason": reason,
            "evidence": finding.evidence,
        }
    return {
        "state": Posting.State.WAITING,
        "reason": "DdD was read back: it is not there. It is sent again.",
        "evidence": finding.evidence,
        "not_before": now + (_wait(posting) if posting.first_sent_at else timedelta()),
    }


def _concluded(finding: Found | Unclear) -> dict[str, Any]:
    if isinstance(finding, Found):
        return {**_sent(finding.answer), "evidence": finding.evidence}
    return {
        "state": Posting.State.UNCERTAIN,
        "for_a_person": True,
        "reason": finding.reason,
        "evidence": finding.evidence,
    }


def _sent(answer: str) -> dict[str, Any]:
    return {"state": Posting.State.SENT, "answer": answer[:200], "reason": "", "for_a_person": False}


def _after_trouble(posting: Posting, trouble: Trouble, now: datetime) -> dict[str, Any]:
    reading = posting.state == Posting.State.UNCERTAIN
    if isinstance(trouble, Rejected) and not reading:
        return {"state": Posting.State.REJECTED, "for_a_person": True, "reason": trouble.sentence}
    if isinstance(trouble, Uncertain):
        rest = timedelta(seconds=settings.DDD_QUIET_SECONDS)
        return {"state": Posting.State.UNCERTAIN, "reason": trouble.sentence, "not_before": now + rest}
    kept = Posting.State.UNCERTAIN if reading else Posting.State.WAITING
    return {"state": kept, "reason": trouble.sentence, "not_before": now + _wait(posting)}


def _wait(posting: Posting) -> timedelta:
    tried = posting.attempts.count()
    return min(timedelta(seconds=2 ** min(tried, 12)), LONGEST_WAIT)


def _settle(posting: Posting, changes: dict[str, Any], now: datetime) -> None:
    """Only the claim that made the call may write what came of it; a late one is kept as an attempt."""
    done = changes["state"] in (Posting.State.SENT, Posting.State.REJECTED)
    changes.setdefault("not_before", now)
    # DdD may still be at what got no answer: a host with a fast clock must not read it back before then.
    is_open = changes["state"] == Posting.State.UNCERTAIN and not changes.get("for_a_person")
    try:
        leases.release(
            posting,
            rest=changes["not_before"] - now if is_open else leases.NO_REST,
            reason=changes.pop("reason", "")[:500],
            settled_at=now if done else None,
            **changes,
        )
    except LeaseLost as lost:
        log.warning("what came of a call is kept as an attempt only: %s", lost)
