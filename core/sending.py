"""Sends mails of every kind: claimed, handed to the mail server, settled, and never sent twice.

Any number of workers may send at once. A worker that claims a mail has a lease on it, first while the
mail is prepared and then while it is sent: what a dead worker left in that last step may have gone out, so it
is *uncertain* and is not sent again.
"""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import formataddr, parseaddr
from typing import Any, TypeVar

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import models, transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy

from core import leases, stopping
from core.cause_field import CauseField
from core.causes import WORKER_STOPPED, Cause, CauseError, StoredCause, words_of
from core.leases import Leased, LeaseLost

log = logging.getLogger(__name__)

SERVER_AWAY = Cause("mail-server-away", gettext_lazy("The mail server cannot be used now: %(said)s"))
REFUSED_FOR_NOW = Cause("mail-refused-for-now", gettext_lazy("The mail server refused it for now: %(said)s"))
REFUSED = Cause("mail-refused", gettext_lazy("The mail server refused it: %(said)s"))
NO_ANSWER = Cause(
    "mail-no-answer", gettext_lazy("Sent, but the mail server did not say that it has it: %(said)s")
)

SENDERS_AT_ONCE = 2
FAILURES_IN_A_ROW = 3
LONGEST_RUN = timedelta(seconds=30)
# Longer than DdD and the mail server together can take.
PREPARED_WITHIN = timedelta(minutes=2)
SENT_WITHIN = timedelta(minutes=5)
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=15), timedelta(hours=1)

Clock = Callable[[], datetime]


class OutgoingMail(Leased):
    """One mail. Mail servers have no idempotency keys: one that may have been sent is not sent again."""

    class State(models.TextChoices):
        WAITING = "waiting", gettext_lazy("Waiting")
        SENDING = "sending", gettext_lazy("Being sent")
        SENT = "sent", gettext_lazy("Sent")
        UNCERTAIN = "uncertain", gettext_lazy("Uncertain")
        NOT_POSSIBLE = "not possible", gettext_lazy("Not possible")
        NOT_NEEDED = "not needed", gettext_lazy("Not needed any more")
        SEEN_TO = "seen to", gettext_lazy("Seen to")

    language = models.CharField(max_length=5)
    state = models.CharField(max_length=12, choices=State, default=State.WAITING)
    reason = CauseField()
    tries = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField()
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def why(self) -> str:
        """Why it is not sent, in the active language; empty when nothing is wrong."""
        return words_of(self.reason)


State = OutgoingMail.State
M = TypeVar("M", bound=OutgoingMail)


@dataclass(frozen=True)
class Outcome:
    """The result of one attempt to send."""

    state: str
    reason: StoredCause = field(default_factory=dict)


class NotNow(CauseError):
    """Nothing was sent; the mail waits."""


class NotPossible(CauseError):
    """Nothing was sent, and nothing will be."""


def with_work(now: datetime) -> Q:
    """Mails that are due, or have been in the middle of sending for too long."""
    return leases.free() & (Q(state=State.WAITING, not_before__lte=now) | Q(state=State.SENDING))


def send_all(mails: QuerySet[M], handle: Callable[[M], Outcome], clock: Clock) -> int:
    """Handles the due ones of these mails; returns how many. Stops when no server answers."""
    started, handled, failures = clock(), 0, 0
    expire_stale_claims(mails)
    if mails.filter(state=State.SENDING).count() >= SENDERS_AT_ONCE:
        return 0
    while failures < FAILURES_IN_A_ROW and clock() - started < LONGEST_RUN:
        mail = None if stopping.is_asked() else claim(mails, clock())
        if mail is None:
            break
        handled += 1
        try:
            outcome = handle(mail)
        except LeaseLost as lost:
            log.warning("the outcome of a mail is not stored: %s", lost)
            continue
        failures = failures + 1 if outcome.state in (State.WAITING, State.UNCERTAIN) else 0
    return handled


def expire_stale_claims(mails: QuerySet[M]) -> int:
    """A mail that has been sending for longer than sending can take has no worker any more."""
    return leases.expire(mails.filter(state=State.SENDING), state=State.UNCERTAIN, reason=WORKER_STOPPED())


def claim(mails: QuerySet[M], now: datetime) -> M | None:
    """The oldest due mail, leased to this worker while it prepares it; None when none is due."""
    due = mails.filter(leases.free(), state=State.WAITING, not_before__lte=now)
    for mail in due.order_by("not_before", "pk")[:10]:
        as_seen = Q(state=State.WAITING, not_before=mail.not_before)
        if leases.take(mail, PREPARED_WITHIN, as_seen, tries=F("tries") + 1):
            return mail
    return None


def try_to_send(mail: OutgoingMail, write: Callable[[], EmailMessage]) -> Outcome:
    """Renders the mail and sends it; whatever prevents that is the outcome. Raises LeaseLost."""
    try:
        return _hand_over(mail, write())
    except NotNow as trouble:
        return Outcome(State.WAITING, trouble.cause)
    except NotPossible as trouble:
        return Outcome(State.NOT_POSSIBLE, trouble.cause)


def settle(mail: OutgoingMail, outcome: Outcome, now: datetime, once_sent: Callable[[], Any]) -> Outcome:
    """Only the worker that made the attempt may store its outcome. Raises LeaseLost."""
    changes: dict[str, Any] = {"state": outcome.state, "reason": outcome.reason}
    if outcome.state == State.SENT:
        changes["sent_at"] = now
    elif outcome.state == State.WAITING:
        changes["not_before"] = now + min(FIRST_WAIT * 2 ** min(mail.tries - 1, 12), LONGEST_WAIT)
    with transaction.atomic():
        leases.release(mail, **changes)
        if outcome.state == State.SENT:
            once_sent()
    return outcome


def sender(name: str) -> str:
    """The portal's address under the name of the Group."""
    return formataddr((name, parseaddr(settings.DEFAULT_FROM_EMAIL)[1]))


def message_id(mail: OutgoingMail, about: str = "") -> str:
    """The same for each attempt: a mail program that gets it twice shows it once."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{about}{mail.pk}.{mail.made_at:%Y%m%d%H%M%S%f}@{domain}>"


def _hand_over(mail: OutgoingMail, message: EmailMessage) -> Outcome:
    """Nothing has been sent until the lease is renewed for the last step."""
    server = get_connection()
    try:
        server.open()
    except OSError as error:  # also all that smtplib raises
        raise NotNow(_said(SERVER_AWAY, error, message)) from None
    try:
        leases.renew(mail, SENT_WITHIN, state=State.SENDING)
        return _handed_over(server, message)
    finally:
        server.close()


def _handed_over(server: Any, message: EmailMessage) -> Outcome:
    try:
        server.send_messages([message])
    except smtplib.SMTPRecipientsRefused as refused:
        codes = [code for code, _text in refused.recipients.values()]
        if all(500 <= code < 600 for code in codes):
            raise NotPossible(_said(REFUSED, refused, message)) from None
        raise NotNow(_said(REFUSED_FOR_NOW, refused, message)) from None
    except smtplib.SMTPSenderRefused as refused:
        # That is a fault of the portal's settings, not of this mail: it can be sent once they are right.
        raise NotNow(_said(REFUSED_FOR_NOW, refused, message)) from None
    except smtplib.SMTPNotSupportedError as refused:
        raise NotPossible(_said(REFUSED, refused, message)) from None
    except smtplib.SMTPResponseException as refused:
        if 500 <= refused.smtp_code < 600:
            raise NotPossible(_said(REFUSED, refused, message)) from None
        raise NotNow(_said(REFUSED_FOR_NOW, refused, message)) from None
    except OSError as error:
        return Outcome(State.UNCERTAIN, _said(NO_ANSWER, error, message))
    return Outcome(State.SENT)


def _said(cause: Cause, error: OSError, message: EmailMessage) -> StoredCause:
    """The server's answer without the customer's address, which is not stored here."""
    said = str(error)
    for address in message.to:
        said = said.replace(address, "…")
    return cause(said=" ".join(said.split())[:200].replace("\0", ""))
