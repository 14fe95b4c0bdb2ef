"""Mails about orders: written with the deed, sent by workers, never twice.

Any number of workers may send at once. A mail is claimed by a conditional update, first for the time in which
it is got ready and then for the sending itself: what a dead worker left in that last step may have gone out,
so it is *uncertain* and is not sent again.
"""

import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage, get_connection
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts.models import Group
from ddd import members
from ddd.http import Trouble
from ddd.models import Connection
from orders.events import record
from orders.letters import letter
from orders.models import Mail, OrderEvent, WebOrder
from orders.reasons import (
    BAD_ADDRESS,
    DDD_AWAY,
    NO_ADDRESS,
    NO_ANSWER,
    NO_MEMBER,
    NO_NUMBER,
    NOT_NEEDED_ANY_MORE,
    REFUSED,
    REFUSED_FOR_NOW,
    SERVER_AWAY,
    WORKER_STOPPED,
)
from orders.states import Status

State = Mail.State
Clock = Callable[[], datetime]

SENDERS_PER_GROUP = 2
FAILURES_IN_A_ROW = 3
LONGEST_RUN = timedelta(seconds=30)
# Longer than DdD and the mail server together can take.
GOT_READY_WITHIN = timedelta(minutes=2)
SENT_WITHIN = timedelta(minutes=5)
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=15), timedelta(hours=1)


def write(
    order: WebOrder, kind: Mail.Kind, deed: str, now: datetime, *, to: str = "", language: str = ""
) -> Mail:
    """A mail to be sent, in the transaction of the deed and once per deed.

    To the member when `to` is empty, in the Group's language when `language` is.
    """
    mail, _made = Mail.objects.get_or_create(
        group_id=order.group_id,
        deed=deed,
        defaults={
            "order": order,
            "kind": kind,
            "to": to,
            "language": language or order.group.language,
            "not_before": now,
            "made_at": now,
        },
    )
    return mail


def tell_that_ready(order: WebOrder, now: datetime) -> None:
    """The customer is told once that her order waits for her, when there is a member to be told."""
    if order.customer_number:
        write(order, Mail.Kind.READY, f"ready:{order.pk}", now)


def to_be_known_of(group: Group) -> QuerySet[Mail]:
    """Mails that may not have come, about orders that are still open: somebody may want to telephone."""
    lost = Mail.objects.filter(group=group, state__in=[State.UNCERTAIN, State.NOT_POSSIBLE])
    still_open = lost.filter(order__status__in=[Status.RESERVED, Status.PICKED])
    return still_open.select_related("order__shop").order_by("-made_at")


def groups_with_work(now: datetime) -> list[int]:
    """The Groups in which a mail is due, or has been in the middle of sending for too long."""
    due = Q(state=State.WAITING, not_before__lte=now) | _left_by_the_dead(now)
    return list(Mail.objects.filter(due).order_by().values_list("group_id", flat=True).distinct())


def send_due(group_id: int, clock: Clock = timezone.now) -> int:
    """Sends what is due in one Group; returns how many mails were handled. Stops when no server answers."""
    started, handled, failures = clock(), 0, 0
    lay_bare_what_dead_workers_left(group_id, started)
    if Mail.objects.filter(group_id=group_id, state=State.SENDING).count() >= SENDERS_PER_GROUP:
        return 0
    while failures < FAILURES_IN_A_ROW and clock() - started < LONGEST_RUN:
        mail = claim(group_id, clock())
        if mail is None:
            break
        outcome = _handle(mail, clock)
        failures = failures + 1 if outcome.state in (State.WAITING, State.UNCERTAIN) else 0
        handled += 1
    return handled


def lay_bare_what_dead_workers_left(group_id: int, now: datetime) -> int:
    """A mail in the middle of sending for longer than any sending has no worker any more."""
    left = Mail.objects.filter(_left_by_the_dead(now), group_id=group_id)
    return left.update(state=State.UNCERTAIN, reason=WORKER_STOPPED, claimed_at=None)


def claim(group_id: int, now: datetime) -> Mail | None:
    """The oldest mail that is due, for this worker alone until it is got ready; None when none is."""
    due = Mail.objects.filter(group_id=group_id, state=State.WAITING, not_before__lte=now)
    for mail in due.order_by("not_before", "pk")[:10]:
        same = Mail.objects.filter(pk=mail.pk, state=State.WAITING, not_before=mail.not_before)
        if same.update(claimed_at=now, not_before=now + GOT_READY_WITHIN, tries=F("tries") + 1):
            return Mail.objects.select_related("group", "order__group", "order__shop").get(pk=mail.pk)
    return None


@dataclass(frozen=True)
class _Outcome:
    """What became of one try."""

    state: str
    reason: str = ""


class _NotNow(Exception):
    """Nothing has left; the mail waits."""


class _NotPossible(Exception):
    """Nothing has left, and nothing ever will."""


def _handle(mail: Mail, clock: Clock) -> _Outcome:
    if not _is_needed(mail):
        return _settle(mail, _Outcome(State.NOT_NEEDED, NOT_NEEDED_ANY_MORE), clock())
    try:
        to = mail.to or _address_of_the_member(mail, clock())
        message = letter(mail, to, clock())
        outcome = _sent(mail, message, clock)
    except _NotNow as trouble:
        outcome = _Outcome(State.WAITING, str(trouble))
    except _NotPossible as trouble:
        outcome = _Outcome(State.NOT_POSSIBLE, str(trouble))
    return _settle(mail, outcome, clock())


def _is_needed(mail: Mail) -> bool:
    """Nobody is told that an order is ready once it is collected, or that nobody has it once somebody has."""
    order = mail.order
    if mail.kind == Mail.Kind.NOT_TAKEN:
        return order.status == Status.RESERVED and order.taken_at is None
    return order.status == Status.PICKED


def _address_of_the_member(mail: Mail, now: datetime) -> str:
    if not mail.order.customer_number:
        raise _NotPossible(NO_NUMBER)
    connection = Connection.objects.filter(group_id=mail.group_id).first()
    if connection is None:
        raise _NotNow(DDD_AWAY)
    try:
        member = members.look_up(connection, mail.order.customer_number, now)
    except Trouble:
        raise _NotNow(DDD_AWAY) from None
    if not member.found:
        raise _NotPossible(NO_MEMBER)
    if not member.email:
        raise _NotPossible(NO_ADDRESS)
    try:
        validate_email(member.email)
    except ValidationError:
        raise _NotPossible(BAD_ADDRESS) from None
    return member.email


def _sent(mail: Mail, message: EmailMessage, clock: Clock) -> _Outcome:
    """Hands the message to the mail server. Until the claim of the last step nothing has left."""
    server = get_connection()
    try:
        server.open()
    except OSError as error:  # also all that smtplib raises
        raise _NotNow(_said(SERVER_AWAY, error, message)) from None
    try:
        now = clock()
        mine = _mine(mail).filter(state=State.WAITING)
        if not mine.update(state=State.SENDING, claimed_at=now):
            return _Outcome(State.WAITING)
        mail.state, mail.claimed_at = State.SENDING, now
        return _handed_over(server, message)
    finally:
        server.close()


def _handed_over(server: Any, message: EmailMessage) -> _Outcome:
    try:
        server.send_messages([message])
    except smtplib.SMTPRecipientsRefused as refused:
        codes = [code for code, _text in refused.recipients.values()]
        if all(500 <= code < 600 for code in codes):
            raise _NotPossible(_said(REFUSED, refused, message)) from None
        raise _NotNow(_said(REFUSED_FOR_NOW, refused, message)) from None
    except smtplib.SMTPSenderRefused as refused:
        # That is about the portal, not about this mail: somebody mends it, and the mail goes.
        raise _NotNow(_said(REFUSED_FOR_NOW, refused, message)) from None
    except smtplib.SMTPNotSupportedError as refused:
        raise _NotPossible(_said(REFUSED, refused, message)) from None
    except smtplib.SMTPResponseException as refused:
        if 500 <= refused.smtp_code < 600:
            raise _NotPossible(_said(REFUSED, refused, message)) from None
        raise _NotNow(_said(REFUSED_FOR_NOW, refused, message)) from None
    except OSError as error:
        return _Outcome(State.UNCERTAIN, _said(NO_ANSWER, error, message))
    return _Outcome(State.SENT)


def _settle(mail: Mail, outcome: _Outcome, now: datetime) -> _Outcome:
    """Only the claim that made the try may write what came of it."""
    changes: dict[str, Any] = {"state": outcome.state, "reason": outcome.reason[:300], "claimed_at": None}
    if outcome.state == State.SENT:
        changes["sent_at"] = now
    elif outcome.state == State.WAITING:
        changes["not_before"] = now + min(FIRST_WAIT * 2 ** min(mail.tries - 1, 12), LONGEST_WAIT)
    with transaction.atomic():
        if _mine(mail).update(**changes) and outcome.state == State.SENT:
            record(mail.order, OrderEvent.Kind.MAIL_SENT, now, mail=mail.kind)
    return outcome


def _mine(mail: Mail) -> QuerySet[Mail]:
    """The mail as long as it is still this worker's."""
    return Mail.objects.filter(pk=mail.pk, state=mail.state, claimed_at=mail.claimed_at)


def _left_by_the_dead(now: datetime) -> Q:
    return Q(state=State.SENDING, claimed_at__lt=now - SENT_WITHIN)


def _said(sentence: str, error: OSError, message: EmailMessage) -> str:
    """What the server said, without the address: that is DdD's to keep."""
    said = str(error)
    for address in message.to:
        said = said.replace(address, "…")
    return sentence % {"said": " ".join(said.split())[:200].replace("\0", "")}
