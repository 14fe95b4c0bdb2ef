"""What head office does about the people of its Group. Every function is idempotent.

All changes lock the Group's row, so that of two who remove each other one is refused.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from accounts import causes, changes
from accounts.changes import choice_of, with_data
from accounts.models import Group, LogIn, Membership, Shop, User
from core.causes import Cause
from core.errors import Conflict

SHOWN = 200


def people_of_the_group(group: Group, words: str = "", shop: Shop | None = None) -> QuerySet[User]:
    """The people of the Group by name; those who may not log in any more come last."""
    people = User.objects.filter(group=group).order_by("-is_active", "name", "pk")
    if words:
        people = people.filter(Q(name__icontains=words) | Q(email__icontains=words))
    if shop is not None:
        people = people.filter(memberships__shop=shop)
    return people


def rename(person: User, name: str, language: str, by: User, now: datetime) -> None:
    """Changes the name, and the language in which the portal answers them; "" is their browser's."""
    with changed(person, by, now):
        User.objects.filter(pk=person.pk).update(name=name, language=language)


def give_role(person: User, shop: Shop, role: Membership.Role | None, by: User, now: datetime) -> None:
    """Sets their role in the shop; None removes them from it."""
    with changed(person, by, now):
        if role is None:
            Membership.objects.filter(user=person, shop=shop).delete()
        else:
            Membership.objects.update_or_create(user=person, shop=shop, defaults={"role": role})


def make_head_office(yes: bool, person: User, by: User, now: datetime) -> None:
    """Adds them to head office or removes them. Conflict for removing oneself, so that somebody is left."""
    with changed(person, by, now):
        if not yes:
            _refuse_to_lock_out(person, by)
        User.objects.filter(pk=person.pk).update(is_head_office=yes)


def deactivate(person: User, by: User, now: datetime) -> None:
    """They cannot log in any more, and all their log-ins end."""
    with changed(person, by, now):
        _refuse_to_lock_out(person, by)
        User.objects.filter(pk=person.pk).update(is_active=False, links=F("links") + 1)
        log_ins_of(person).delete()


def activate(person: User, by: User, now: datetime) -> None:
    """They may log in again, with the roles that they had. Conflict for people who are only invited."""
    with changed(person, by, now):
        if person.invited_at is not None:
            raise Conflict(_("She has to accept the invitation first."), code="invited")
        User.objects.filter(pk=person.pk).update(is_active=True)


def log_ins_of(person: User) -> QuerySet[LogIn]:
    """Their log-ins, the one used last first."""
    return LogIn.objects.filter(user=person).order_by("-last_seen_at", "pk")


def log_ins_that_hold(person: User, now: datetime) -> QuerySet[LogIn]:
    """Their log-ins that have not expired."""
    return log_ins_of(person).filter(expire_date__gt=now)


def end_log_in(log_in: LogIn, by: User, now: datetime) -> None:
    """The device has to log in again."""
    with transaction.atomic():
        gone, _by_model = LogIn.objects.filter(pk=log_in.pk).delete()
        if gone and log_in.user is not None:
            note(log_in.user, by, now, causes.LOGGED_OUT, log_in.device_words)


def end_all_log_ins(person: User, by: User, now: datetime, except_session: str | None = None) -> None:
    """They have to log in again everywhere, except in this session."""
    with transaction.atomic():
        gone, _by_model = log_ins_of(person).exclude(pk=except_session or "").delete()
        if gone:
            note(person, by, now, causes.LOGGED_OUT, causes.EVERYWHERE)


def reset_pin(person: User, by: User, now: datetime) -> None:
    """Deletes their PIN: they choose a new one at the tablet, with their password."""
    with changed(person, by, now):
        User.objects.filter(pk=person.pk).update(pin="", pin_failures=0, pin_locked_until=None)


def unlock_pin(person: User, by: User, now: datetime) -> None:
    """Their PIN may be tried again."""
    with changed(person, by, now):
        User.objects.filter(pk=person.pk).update(pin_failures=0, pin_locked_until=None)


@contextmanager
def changed(person: User, by: User, now: datetime, *, is_new: bool = False) -> Iterator[None]:
    """Locks the person for a change, and records what it changed."""
    with transaction.atomic():
        changes.hold_head_office(by)
        person.refresh_from_db(fields=["is_active", "is_head_office", "invited_at", "pin"])
        before = {} if is_new else _state_of(person.pk)
        yield
        after = _state_of(person.pk)
        if is_new:  # defaults are not worth recording
            after = {
                label: value for label, value in after.items() if value not in (False, "", causes.NOT_SET)
            }
        changes.record(by, about(person), before, after, now, str(person))


def note(person: User, by: User, now: datetime, what: Cause, became: object) -> None:
    """Records an action that changes no field of the person."""
    changes.record(by, about(person), {}, {what: became}, now, str(person))


def about(person: User) -> str:
    """The name under which changes of the person are recorded."""
    return f"person-{person.pk}"


def _state_of(pk: int) -> changes.Values:
    """The values of a person that the history records."""
    person = User.objects.get(pk=pk)
    roles = {
        role.shop.name: choice_of(Membership, "role", role.role)
        for role in Membership.objects.filter(user=person).select_related("shop")
    }
    return {
        causes.NAME: person.name,
        causes.LANGUAGE: person.language and with_data(causes.LANGUAGE_NAME, code=person.language),
        causes.HEAD_OFFICE: person.is_head_office,
        causes.MAY_LOG_IN: person.is_active,
        causes.PIN: causes.SET if person.pin else causes.NOT_SET,
        causes.PIN_LOCKED: person.pin_locked_until is not None,
        **roles,
    }


def _refuse_to_lock_out(person: User, by: User) -> None:
    """At least the person who does it is left in head office, because nobody can remove themselves."""
    if person.pk == by.pk:
        raise Conflict(_("You cannot take yourself out. Somebody else of head office can."), code="lock-out")
