"""PINs: short numbers with which people sign on at a shared tablet. They are good for nothing else."""

import logging
from datetime import datetime, timedelta
from itertools import pairwise

from django.contrib.auth.hashers import check_password, make_password
from django.db.models import Case, DateTimeField, F, Value, When
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from core.errors import Conflict, Fault, Invalid

log = logging.getLogger(__name__)
SHORTEST, LONGEST = 4, 6
TRIES = 5
LOCKED_FOR = timedelta(minutes=15)


def check(person: User, pin: str, now: datetime) -> None:
    """Invalid unless it is their PIN, Conflict when theirs is locked or not set."""
    if not person.pin:
        raise Conflict(
            _("%(name)s has no PIN yet: she sets one with her password.") % {"name": person.name},
            code="no-pin",
        )
    _count_attempt(person, now)
    if not check_password(pin, person.pin):
        raise _wrong(
            person, _("That is not the PIN of %(name)s.") % {"name": person.name}, "/pin", "wrong-pin"
        )
    _reset_attempts(person)


def choose(person: User, password: str, pin: str, again: str, now: datetime) -> None:
    """Sets their own PIN, with their password. A wrong password counts like a wrong PIN."""
    _refuse_a_bad_pin(pin, again)
    check_password_of(person, password, now)
    User.objects.filter(pk=person.pk).update(pin=make_password(pin))
    person.refresh_from_db(fields=["pin"])


def check_password_of(person: User, password: str, now: datetime) -> None:
    """Invalid unless it is their password; wrong ones are counted like wrong PINs."""
    _count_attempt(person, now)
    if not person.check_password(password):
        raise _wrong(
            person,
            _("That is not the password of %(name)s.") % {"name": person.name},
            "/password",
            "wrong-password",
        )
    _reset_attempts(person)


def locked_until(person: User, now: datetime) -> datetime | None:
    """Until when their PIN is locked; None when it is not."""
    until = person.pin_locked_until
    return until if until is not None and until > now else None


def locked_words(until: datetime) -> str:
    """A sentence that says until when, in full minutes, and what still works."""
    clock = time_format(timezone.localtime(until + timedelta(seconds=59)), "H:i")
    return _(
        "This PIN was guessed wrong too often and is locked until %(time)s. The password still works."
    ) % {"time": clock}


def _count_attempt(person: User, now: datetime) -> None:
    """Counts before the PIN is checked, so that simultaneous guesses get no extra tries: the fifth locks,
    and only the right one unlocks."""
    row = User.objects.filter(pk=person.pk)
    row.filter(pin_locked_until__lte=now).update(pin_failures=0, pin_locked_until=None)
    spent = row.filter(pin_locked_until=None).update(
        pin_failures=F("pin_failures") + 1,
        pin_locked_until=Case(
            When(pin_failures__gte=TRIES - 1, then=Value(now + LOCKED_FOR)),
            default=None,
            output_field=DateTimeField(),
        ),
    )
    person.refresh_from_db(fields=["pin", "pin_failures", "pin_locked_until"])
    if not spent:
        log.warning("locked out: this person's PIN", extra={"person": person.pk})
        raise _locked(person.pin_locked_until or now)


def _reset_attempts(person: User) -> None:
    User.objects.filter(pk=person.pk).update(pin_failures=0, pin_locked_until=None)
    person.refresh_from_db(fields=["pin_failures", "pin_locked_until"])


def _wrong(person: User, sentence: str, pointer: str, code: str) -> Invalid | Conflict:
    log.warning("a log-in at a tablet failed: %s", code, extra={"person": person.pk})
    if person.pin_locked_until is not None:
        return _locked(person.pin_locked_until)
    left = TRIES - person.pin_failures
    tries = ngettext("%(left)d try is left.", "%(left)d tries are left.", left) % {"left": left}
    return Invalid(f"{sentence} {tries}", [Fault(pointer, sentence, code)])


def _locked(until: datetime) -> Conflict:
    return Conflict(locked_words(until), code="pin-locked", until=until.isoformat())


def _refuse_a_bad_pin(pin: str, again: str) -> None:
    """Invalid for what is no PIN, or one that is guessed first."""
    if not (pin.isascii() and pin.isdigit() and SHORTEST <= len(pin) <= LONGEST):
        raise _bad(_("A PIN has 4 to 6 digits."))
    if len(set(pin)) == 1:
        raise _bad(_("Not the same digit all over: that is what everybody tries first."))
    steps = {(int(right) - int(left)) % 10 for left, right in pairwise(pin)}
    if steps in ({1}, {9}):
        raise _bad(_("Not digits in a row: that is what everybody tries first."))
    if pin != again:
        raise _bad(_("The two PINs are not the same. Type it twice."))


def _bad(sentence: str) -> Invalid:
    return Invalid(sentence, [Fault("/pin", sentence, "bad-pin")])
