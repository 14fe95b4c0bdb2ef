"""A second factor: a code from an app on their telephone, beside the password."""

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


def has_one(person: User) -> bool:
    """Whether they are asked for a code; 1 query."""
    return bool(Authenticator.objects.filter(user_id=person.pk, type=Authenticator.Type.TOTP).exists())


def with_second_factor(people: QuerySet[User]) -> QuerySet[User]:
    """`has_second_factor` of each, in the same query."""
    codes = Authenticator.objects.filter(user_id=OuterRef("pk"), type=Authenticator.Type.TOTP)
    return people.annotate(has_second_factor=Exists(codes))


def must_set_up(person: User) -> bool:
    """Whether one is wanted of them, as of every operator, and they have none; 1 query where it is wanted."""
    is_wanted = person.is_operator or (person.is_head_office and person.group.needs_second_factor)
    return is_wanted and not has_one(person)


def require(group: Group, yes: bool, by: User, now: datetime) -> None:
    """Whether everybody in head office needs one from now on."""
    with transaction.atomic():
        held = Group.objects.select_for_update(no_key=True).get(pk=group.pk)
        Group.objects.filter(pk=group.pk).update(needs_second_factor=yes)
        changes.record(
            by, ABOUT, {SECOND_FACTOR_NEEDED: held.needs_second_factor}, {SECOND_FACTOR_NEEDED: yes}, now
        )


def reset(person: User, by: User, now: datetime) -> None:
    """Their telephone is lost: they log in with their password alone, everywhere anew, and are told of it.
    Not one's own."""
    with changed(person, by, now), held(person):
        if person.pk == by.pk:
            raise Conflict(_("Switch your own off where you set it up."), code="own-second-factor")
        if take_away(person, now, by):
            note(person, by, now, SECOND_FACTOR, RESET)


def take_away(person: User, now: datetime, by: User | None = None) -> bool:
    """Within a transaction: they have none any more, are out everywhere and are told; False when they had
    none."""
    gone, _by_model = Authenticator.objects.filter(user_id=person.pk).delete()
    if gone:
        log_ins_of(person).delete()
        mailing.tell(person, AccountMail.Kind.FACTOR_RESET, now, by=by)
    return bool(gone)


@contextmanager
def security_notices(person: User, device: str, now: datetime) -> Iterator[None]:
    """Around pages of a library on which they change how they log in: they are told what differs."""
    with held(person) as before:
        had_one = has_one(before)
        yield
        after = User.objects.get(pk=person.pk)
        if after.password != before.password:
            mailing.tell(person, AccountMail.Kind.PASSWORD_CHANGED, now, device=device)
        if has_one(after) != had_one:
            kind = AccountMail.Kind.FACTOR_OFF if had_one else AccountMail.Kind.FACTOR_SET_UP
            mailing.tell(person, kind, now, device=device)


@contextmanager
def held(person: User) -> Iterator[User]:
    """How they log in is changed by one at a time, so that nobody is told twice of one change."""
    with transaction.atomic():
        yield User.objects.select_for_update(no_key=True).get(pk=person.pk)
