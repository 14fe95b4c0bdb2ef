"""Mails to people about their own access: written with the deed, sent by workers, never twice."""

from datetime import datetime

from django.core.mail import EmailMessage
from django.utils import timezone
from django.utils.translation import gettext_noop

from accounts import links
from accounts.account_mails import letter
from accounts.models import AccountMail, User
from core import sending
from core.sending import Clock, Outcome, State

NOT_NEEDED_ANY_MORE = gettext_noop("Not needed any more.")


def write(person: User, kind: AccountMail.Kind, now: datetime) -> AccountMail:
    """A mail to be sent, in the transaction of the deed; one that waits already is enough."""
    mail, _made = AccountMail.objects.get_or_create(
        person=person,
        kind=kind,
        state__in=[State.WAITING, State.SENDING],
        defaults={
            "state": State.WAITING,
            "language": person.language or person.group.language,
            "not_before": now,
            "made_at": now,
        },
    )
    return mail


def latest_to(person: User) -> AccountMail | None:
    """The newest mail to her."""
    return AccountMail.objects.filter(person=person).order_by("-pk").first()


def groups_with_work(now: datetime) -> list[int]:
    """The Groups in which a mail is due, or has been in the middle of sending for too long."""
    due = AccountMail.objects.filter(sending.with_work(now))
    return list(due.order_by().values_list("person__group_id", flat=True).distinct())


def send_due(group_id: int, clock: Clock = timezone.now) -> int:
    """Sends what is due in one Group; returns how many mails were handled. Stops when no server answers."""
    mails = AccountMail.objects.filter(person__group_id=group_id).select_related("person__group")
    return sending.send_all(mails, lambda mail: _handle(mail, clock), clock)


def _handle(mail: AccountMail, clock: Clock) -> Outcome:
    def write_letter() -> EmailMessage:
        return letter(mail, links.path_for(mail.person, clock()))

    if _is_needed(mail):
        outcome = sending.try_to_send(mail, write_letter, clock)
    else:
        outcome = Outcome(State.NOT_NEEDED, NOT_NEEDED_ANY_MORE)
    return sending.settle(mail, outcome, clock(), lambda: None)


def _is_needed(mail: AccountMail) -> bool:
    """Who has come in needs no invitation, and who may not come in no password."""
    if mail.kind == AccountMail.Kind.INVITATION:
        return mail.person.invited_at is not None
    return mail.person.is_active
