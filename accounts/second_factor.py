"""The second factor: a code from an authenticator app, in addition to the password."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from accounts import changes, mailing
from accounts.causes import RESET, SECOND_FACTOR, SECOND_FACTOR_NEEDED
from accounts.models import AccountMail, Group, User
from accounts.people import changed, log_ins_of, note
from core.errors import Conflict

ABOUT = "second-factor"


def has_second_factor(person: User) -> bool:
    """Whether they are asked for a code; 1 query."""
    return bool(Authenticator.objects.filter(user_id=person.pk, type=Authenticator.Type.TOTP).exists())


def with_second_factor(people: QuerySet[User]) -> QuerySet[User]:
    """`has_second_factor` of each, in the same query."""
    codes = Authenticator.objects.filter(user_id=OuterRef("pk"), type=Authenticator.Type.TOTP)
    return people.annotate(has_second_factor=Exists(codes))


def must_set_up(person: User) -> bool:
    """Whether they need one, like every operator, and have none; 1 query where it is needed."""
    is_needed = person.is_operator or (person.is_head_office and person.group.needs_second_factor)
    return is_needed and not has_second_factor(person)


def require(group: Group, yes: bool, by: User, now: datetime) -> None:
    """Sets whether everybody in head office needs one from now on."""
    with transaction.atomic():
        changes.hold_head_office(by)
        row = Group.objects.get(pk=group.pk)
        Group.objects.filter(pk=group.pk).update(needs_second_factor=yes)
        changes.record(
            by, ABOUT, {SECOND_FACTOR_NEEDED: row.needs_second_factor}, {SECOND_FACTOR_NEEDED: yes}, now
        )


def reset(person: User, by: User, now: datetime) -> None:
    """For a lost telephone: they have to log in again everywhere, with the password alone, and are notified.
    Not for oneself."""
    with changed(person, by, now), locked(person):
        if person.pk == by.pk:
            raise Conflict(_("Switch your own off where you set it up."), code="own-second-factor")
        if remove(person, now, by):
            note(person, by, now, SECOND_FACTOR, RESET)


def remove(person: User, now: datetime, by: User | None = None) -> bool:
    """In the caller's transaction: removes it, ends all log-ins, notifies; False when they had none."""
    deleted, _by_model = Authenticator.objects.filter(user_id=person.pk).delete()
    if deleted:
        log_ins_of(person).delete()
        mailing.notify(person, AccountMail.Kind.FACTOR_RESET, now, by=by)
    return bool(deleted)


@contextmanager
def security_notices(person: User, device: str, now: datetime) -> Iterator[None]:
    """Wraps a library's view that changes how they log in: they are notified of what changed."""
    with locked(person) as before:
        had_one = has_second_factor(before)
        yield
        after = User.objects.get(pk=person.pk)
        if after.password != before.password:
            mailing.notify(person, AccountMail.Kind.PASSWORD_CHANGED, now, device=device)
        if has_second_factor(after) != had_one:
            kind = AccountMail.Kind.FACTOR_OFF if had_one else AccountMail.Kind.FACTOR_SET_UP
            mailing.notify(person, kind, now, device=device)


@contextmanager
def locked(person: User) -> Iterator[User]:
    """Locks the person's row, so that nobody is notified twice of one change."""
    with transaction.atomic():
        yield User.objects.select_for_update(no_key=True).get(pk=person.pk)
