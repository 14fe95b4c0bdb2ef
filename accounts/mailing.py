"""Mails to people about their own access: stored with the action, sent by workers, never twice."""

from datetime import datetime
from typing import Any

from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import timezone

from accounts import links
from accounts.account_mails import WITH_A_LINK, letter
from accounts.causes import NOT_NEEDED_ANY_MORE
from accounts.models import AccountMail, User
from core import sending
from core.sending import Clock, Outcome, State


def write(person: User, kind: AccountMail.Kind, now: datetime) -> AccountMail:
    """Stores a mail with a link, in the transaction of the action; one that is waiting already is enough."""
    mail, _made = AccountMail.objects.get_or_create(
        person=person,
        kind=kind,
        state__in=[State.WAITING, State.SENDING],
        defaults={"state": State.WAITING, **_from_now(person, now)},
    )
    return mail


def notify(
    person: User, kind: AccountMail.Kind, now: datetime, *, device: str = "", by: User | None = None
) -> None:
    """Stores a notice of a change, in its transaction: one mail for each, also when several wait."""
    if person.email:
        AccountMail.objects.create(person=person, kind=kind, device=device, by=by, **_from_now(person, now))


def latest_to(person: User) -> AccountMail | None:
    """The newest mail to them with a link."""
    return AccountMail.objects.filter(person=person, kind__in=WITH_A_LINK).order_by("-pk").first()


def groups_with_work(now: datetime) -> list[int]:
    """The Groups in which a mail is due, or has been sending for too long."""
    due = AccountMail.objects.filter(sending.with_work(now))
    return list(due.order_by().values_list("person__group_id", flat=True).distinct())


def send_due(group_id: int, clock: Clock = timezone.now) -> int:
    """Sends what is due in one Group; returns how many mails were handled. Stops when no server answers."""
    mails = AccountMail.objects.filter(person__group_id=group_id).select_related("person__group")
    return sending.send_all(mails, lambda mail: _handle(mail, clock), clock)


def _handle(mail: AccountMail, clock: Clock) -> Outcome:
    def write_letter() -> EmailMessage:
        has_link = mail.kind in WITH_A_LINK
        return letter(mail, links.path_for(mail.person, clock()) if has_link else reverse("forgot-password"))

    if _is_needed(mail):
        outcome = sending.try_to_send(mail, write_letter)
    else:
        outcome = Outcome(State.NOT_NEEDED, NOT_NEEDED_ANY_MORE())
    return sending.settle(mail, outcome, clock(), lambda: None)


def _is_needed(mail: AccountMail) -> bool:
    """People with a password need no invitation, and people who may not log in need no password."""
    if mail.kind == AccountMail.Kind.INVITATION:
        return mail.person.invited_at is not None
    return mail.person.is_active or mail.kind not in WITH_A_LINK


def _from_now(person: User, now: datetime) -> dict[str, Any]:
    return {"language": person.language or person.group.language, "not_before": now, "made_at": now}
