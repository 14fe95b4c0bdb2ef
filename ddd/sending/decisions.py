"""A person's decisions about postings that the portal cannot settle by itself."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import zip_longest
from typing import Any, Final

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts import changes
from accounts.models import User
from core.causes import as_it_is
from core.choices import Choices, label_of
from core.errors import Conflict, Fault, Invalid
from ddd.booking import outbox
from ddd.booking.bookkeeping import connection_of
from ddd.models import Attempt, Connection, Notice, Posting
from ddd.sending.held_up import can_be_decided
from ddd.sending.kinds import UnknownKind, kind_of
from ddd.sending.settlement import has_odd_answer
from ddd.words import causes
from ddd.words.tables import meaning_of

# The table of the connection in which an unknown word gets its meaning.
TABLES: Final[Mapping[Notice.Kind, str]] = {
    Notice.Kind.UNKNOWN_WORD: "status_words",
    Notice.Kind.UNKNOWN_TYPE: "order_types",
}
LONGEST_REASON = 500


def send_again(posting: Posting, actor: User, now: datetime) -> None:
    """DdD does not have it (any more): it is sent again, with the same receipt number and today's words.
    Conflict when there is nothing left to send of it."""
    posting.refresh_from_db()
    try:
        payload = kind_of(posting).body_of_today(posting, connection_of(posting.group))
    except UnknownKind as error:
        sentence = _("This version of the portal does not know how to send it.")
        raise Conflict(sentence, code="unknown-kind") from error
    due = {"state": Posting.State.WAITING, "not_before": now}
    _decide(posting, actor, now, Attempt.Outcome.SEND_AGAIN, payload=payload, **due)
    outbox.wake_sender(posting.group_id)


def what_changes(posting: Posting, connection: Connection) -> list[tuple[str, object, object]]:
    """What "send again" would send otherwise than before, by today's settings: DdD's field, before, after, by
    name; None where there is none. Only of sales and returns: no other posting depends on settings."""
    if posting.kind not in (Posting.Kind.SALE, Posting.Kind.RETURN):
        return []
    today = kind_of(posting).body_of_today(posting, connection)
    return sorted(set(_differing(posting.payload, today)), key=lambda change: change[0])


def _differing(before: Any, after: Any, name: str = "") -> Iterator[tuple[str, object, object]]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for field in {**before, **after}:
            yield from _differing(before.get(field), after.get(field), field)
    elif isinstance(before, list) and isinstance(after, list):
        # Cash that was rounded may have a payment line more or less than before.
        nothing: Mapping[str, Any] = {}
        for old, new in zip_longest(before, after, fillvalue=nothing):
            yield from _differing(old, new, name)
    elif before != after:
        yield name, before, after


def try_now(posting: Posting, now: datetime) -> None:
    """Ends the wait after a failed attempt. Not before the first attempt: until then a delivery can be
    undone."""
    waiting = Posting.objects.filter(pk=posting.pk, state=Posting.State.WAITING, tries__gt=0)
    if waiting.filter(not_before__gt=now).update(not_before=now):
        outbox.wake_sender(posting.group_id)


def it_arrived(posting: Posting, actor: User, now: datetime) -> None:
    """A person has seen it in DdD: it counts as sent."""
    _decide(posting, actor, now, Attempt.Outcome.IT_ARRIVED, state=Posting.State.SENT, settled_at=now)


def explain_answer(posting: Posting, is_yes: bool, actor: User, now: datetime) -> None:
    """DdD's odd answer to this posting means yes, so it counts as sent, or no, so it is sent again. The same
    answer means the same from now on. Conflict when there is no odd answer to explain."""
    answer = odd_answer_of(posting)
    if answer is None:
        raise Conflict(_("DdD has not answered oddly here."), code="no-odd-answer")
    with transaction.atomic():
        if is_yes:
            it_arrived(posting, actor, now)
        else:
            send_again(posting, actor, now)
        connection = Connection.objects.select_for_update().get(group_id=posting.group_id)
        if connection.known_answers.get(answer) != is_yes:
            known = {**connection.known_answers, answer: is_yes}
            Connection.objects.filter(pk=connection.pk).update(known_answers=known)
            after = {
                changes.field_of(Connection, "known_answers"): {answer: causes.meaning_of_answer(is_yes)}
            }
            changes.record(actor, "ddd", {}, after, now)


def odd_answer_of(posting: Posting) -> str | None:
    """The text with which DdD answered the last sending, when it was neither a yes nor a no. None also of an
    item transfer: its answer is the id of the transfer, which no yes can tell."""
    if posting.kind == Posting.Kind.TRANSFER:
        return None
    last = posting.attempts.filter(purpose=Attempt.Purpose.SEND).last()
    if last is None or not has_odd_answer(last.detail):
        return None
    answers = [call["answer"] for call in last.calls if call["method"] != "GET"]
    return answers[-1].strip() if answers else None


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


def say_who_set_delivered(notice: Notice, by_itself: bool, actor: User, now: datetime) -> None:
    """Whether DdD calls an order delivered by itself once its sale is posted, so that nobody is told of such
    orders any more, or a till has delivered it again."""
    with transaction.atomic():
        connection = Connection.objects.select_for_update().get(group_id=notice.group_id)
        if connection.sale_sets_delivered != by_itself:
            before = {changes.field_of(Connection, "sale_sets_delivered"): connection.sale_sets_delivered}
            after = {changes.field_of(Connection, "sale_sets_delivered"): by_itself}
            Connection.objects.filter(pk=connection.pk).update(sale_sets_delivered=by_itself)
            changes.record(actor, "ddd", before, after, now)
        close_notice(notice, actor, now)
        if by_itself:
            alike = Notice.objects.filter(group=notice.group_id, kind=notice.kind, closed_at=None)
            alike.update(closed_at=now, closed_by=actor)


def map_word(notice: Notice, meaning: str, meanings: Choices, actor: User, now: datetime) -> None:
    """What DdD's word means from now on, for a line's status or an order's type.

    All that DdD still lists is read once more: orders may have been read with the word before. Conflict when
    the word has another meaning already.
    """
    table = TABLES[Notice.Kind(notice.kind)]
    with transaction.atomic():
        connection = Connection.objects.select_for_update().get(group_id=notice.group_id)
        words: dict[str, str] = getattr(connection, table)
        known = meaning_of(words, notice.subject)
        if known == meaning:
            return  # their own second tap, or somebody who thought the same
        if known is not None:
            sentence = _("This word means %(status)s already.")
            raise Conflict(sentence % {"status": label_of(meanings, known)}, code="decided-already")
        changed: dict[str, Any] = {table: {**words, notice.subject: meaning}, "polled_until": None}
        Connection.objects.filter(pk=connection.pk).update(**changed)
        changes.record(actor, "ddd", {}, {notice.subject: meaning}, now)
        close_notice(notice, actor, now, f"= {meaning}")


def decided_already(faster: User | None) -> Conflict:
    """The refusal for the slower of two people."""
    if faster is None:
        return Conflict(_("Somebody has decided this already."), code="decided-already")
    return Conflict(_("%(name)s has decided this already.") % {"name": faster.name}, code="decided-already")


def _decide(posting: Posting, actor: User, now: datetime, decision: Attempt.Outcome, **columns: Any) -> None:
    waiting = Posting.objects.filter(Q(needs_attention=True) | can_be_decided(), pk=posting.pk)
    columns.setdefault("reason", {})
    with transaction.atomic():
        if not waiting.update(needs_attention=False, held_up_since=None, settled_by=actor, **columns):
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
