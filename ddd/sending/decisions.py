"""A person's decisions about postings that the portal cannot settle by itself."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import changes
from accounts.models import User
from core.causes import as_it_is
from core.choices import Choices, label_of
from core.errors import Conflict, Fault, Invalid
from ddd.booking import outbox
from ddd.models import Attempt, Connection, Notice, Posting
from ddd.sending.kinds import UnknownKind, kind_of

# Read from this long before it was noticed: clocks differ, and DdD may have been unavailable.
READ_SINCE = timedelta(days=1)
LONGEST_REASON = 500


def send_again(posting: Posting, actor: User, now: datetime) -> None:
    """DdD does not have it (any more): it is sent again, with the same receipt number and today's words.
    Conflict when there is nothing left to send of it."""
    posting.refresh_from_db()
    try:
        payload = kind_of(posting).body_of_today(posting)
    except UnknownKind as error:
        sentence = _("This version of the portal does not know how to send it.")
        raise Conflict(sentence, code="unknown-kind") from error
    due = {"state": Posting.State.WAITING, "not_before": now}
    _decide(posting, actor, now, Attempt.Outcome.SEND_AGAIN, payload=payload, **due)
    outbox.wake_sender(posting.group_id)


def try_now(posting: Posting, now: datetime) -> None:
    """Ends the wait after a failed attempt. Not before the first attempt: until then a delivery can be
    undone."""
    waiting = Posting.objects.filter(pk=posting.pk, state=Posting.State.WAITING, tries__gt=0)
    if waiting.filter(not_before__gt=now).update(not_before=now):
        outbox.wake_sender(posting.group_id)


def it_arrived(posting: Posting, actor: User, now: datetime) -> None:
    """A person has seen it in DdD: it counts as sent."""
    _decide(posting, actor, now, Attempt.Outcome.IT_ARRIVED, state=Posting.State.SENT, settled_at=now)


def give_up(posting: Posting, reason: str, actor: User, now: datetime) -> None:
    """It will never be sent; `reason` is stored."""
    if not reason.strip():
        raise Invalid(_("Say why it is given up."), [Fault("/reason", _("Write a reason."), "required")])
    given_up = {"state": Posting.State.GIVEN_UP, "settled_at": now}
    why = as_it_is(reason.strip()[:LONGEST_REASON])
    _decide(posting, actor, now, Attempt.Outcome.GIVE_UP, reason=why, **given_up)


def close_notice(notice: Notice, actor: User, now: datetime, note: str = "") -> None:
    """Closes the notice. It opens again when the same thing happens once more."""
    standing = Notice.objects.filter(pk=notice.pk, closed_at=None)
    standing.update(closed_at=now, closed_by=actor, note=note.strip()[:500])


def map_status_word(notice: Notice, status: str, statuses: Choices, actor: User, now: datetime) -> None:
    """DdD's word for a piece means this one of the statuses from now on, also on orders that were read with
    it before: they are read once more. Conflict when the word has another meaning already."""
    with transaction.atomic():
        connection = Connection.objects.select_for_update().get(group_id=notice.group_id)
        known = connection.status_words.get(notice.subject)
        if known == status:
            return  # their own second tap, or somebody who chose the same
        if known is not None:
            sentence = _("This word means %(status)s already.")
            raise Conflict(sentence % {"status": label_of(statuses, known)}, code="decided-already")
        words = {**connection.status_words, notice.subject: status}
        since = notice.first_seen - READ_SINCE
        until = min(connection.polled_until or since, since)
        Connection.objects.filter(pk=connection.pk).update(status_words=words, polled_until=until)
        changes.record(actor, "ddd", {}, {notice.subject: status}, now)
        close_notice(notice, actor, now, f"= {status}")


def decided_already(faster: User | None) -> Conflict:
    """The refusal for the slower of two people."""
    if faster is None:
        return Conflict(_("Somebody has decided this already."), code="decided-already")
    return Conflict(_("%(name)s has decided this already.") % {"name": faster.name}, code="decided-already")


def _decide(posting: Posting, actor: User, now: datetime, decision: Attempt.Outcome, **columns: Any) -> None:
    waiting = Posting.objects.filter(pk=posting.pk, needs_attention=True)
    columns.setdefault("reason", {})
    with transaction.atomic():
        if not waiting.update(needs_attention=False, settled_by=actor, **columns):
            last = posting.attempts.filter(purpose=Attempt.Purpose.DECISION).last()
            if last is not None and (last.actor_id, last.outcome) == (actor.pk, decision):
                return  # their own second tap
            posting.refresh_from_db()
            raise decided_already(posting.settled_by)
        Attempt.objects.create(
            posting=posting,
            purpose=Attempt.Purpose.DECISION,
            started_at=now,
            duration_ms=0,
            outcome=decision,
            detail=columns["reason"],
            actor=actor,
        )
