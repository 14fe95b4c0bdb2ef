"""Invitations and passwords: head office invites people by mail, and they choose a password."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from accounts import mailing
from accounts.causes import INVITATION, PASSWORD_MAIL, SENT, WITHDRAWN
from accounts.models import AccountMail, Membership, Shop, User
from accounts.people import changed, log_ins_of, note
from core.errors import Conflict, Fault, Invalid

NOT_SO_OFTEN = timedelta(minutes=5)


def invite(
    email: str,
    name: str,
    by: User,
    now: datetime,
    *,
    is_head_office: bool = False,
    roles: Mapping[Shop, Membership.Role] | None = None,
    language: str = "",
) -> User:
    """A person who may log in once they have chosen a password. Invalid for an address that is taken; the
    sentence says so only about people of the same Group."""
    email = email.strip().lower()
    known = User.objects.filter(email=email).first()
    if known is not None:
        raise _taken(known.group_id == by.group_id)
    data = {"name": name, "group": by.group, "is_head_office": is_head_office, "language": language}
    try:
        with transaction.atomic():
            person = User.objects.create_user(email, None, is_active=False, invited_at=now, **data)
            with changed(person, by, now, is_new=True):
                for shop, role in (roles or {}).items():
                    Membership.objects.create(user=person, shop=shop, role=role)
                mailing.write(person, AccountMail.Kind.INVITATION, now)
    except IntegrityError:
        raise _taken(User.objects.filter(email=email, group=by.group).exists()) from None
    return person


def invite_again(person: User, by: User, now: datetime) -> None:
    """Sends another mail; earlier links become invalid. Conflict when they have a password meanwhile."""
    with changed(person, by, now):
        _refuse_who_came_in(person)
        User.objects.filter(pk=person.pk).update(links=F("links") + 1, invited_at=now)
        mailing.write(person, AccountMail.Kind.INVITATION, now)
        note(person, by, now, INVITATION, SENT)


def withdraw(person: User, by: User, now: datetime) -> None:
    """Deletes an invited person. Conflict when they have a password meanwhile."""
    with transaction.atomic():
        with changed(person, by, now):
            _refuse_who_came_in(person)
            note(person, by, now, INVITATION, WITHDRAWN)
        User.objects.filter(pk=person.pk, invited_at__isnull=False).delete()


def send_password_mail(person: User, by: User, now: datetime) -> None:
    """Head office sends a link for a new password. The old one works until they have chosen it."""
    with changed(person, by, now):
        if not person.is_active:
            raise Conflict(_("Who may not log in needs no password."), code="not-active")
        mailing.write(person, AccountMail.Kind.PASSWORD, now)
        note(person, by, now, PASSWORD_MAIL, SENT)


def forgot(email: str, now: datetime) -> None:
    """Sends a link for a new password if the address is known, without telling the caller whether it is."""
    person = User.objects.select_related("group").filter(email=email.strip().lower(), is_active=True).first()
    if person is None:
        return
    recent = AccountMail.objects.filter(
        person=person, kind=AccountMail.Kind.PASSWORD, made_at__gt=now - NOT_SO_OFTEN
    )
    if not recent.exists():
        mailing.write(person, AccountMail.Kind.PASSWORD, now)


def choose_password(person: User, password: str, now: datetime, device: str = "") -> None:
    """Stores a password and lets them log in; ends all their log-ins and, unless it is their first password,
    notifies them. Conflict when the link was used a moment ago."""
    with transaction.atomic():
        may = Q(is_active=True) | Q(invited_at__isnull=False)
        as_it_was = User.objects.filter(may, pk=person.pk, password=person.password, links=person.links)
        fresh = {"password": make_password(password), "is_active": True, "invited_at": None}
        if not as_it_was.update(**fresh):
            raise Conflict(_("This link was used already."), code="link-used")
        log_ins_of(person).delete()
        if person.invited_at is None:
            mailing.notify(person, AccountMail.Kind.PASSWORD_CHANGED, now, device=device)
    person.refresh_from_db()


def _refuse_who_came_in(person: User) -> None:
    if person.invited_at is None:
        raise Conflict(
            _("%(name)s has chosen a password already.") % {"name": person}, code="came-in-already"
        )


def _taken(is_ours: bool) -> Invalid:
    sentence = (
        _("Somebody with this address is here already.") if is_ours else _("This address cannot be invited.")
    )
    return Invalid(sentence, [Fault("/email", sentence, "taken")])
