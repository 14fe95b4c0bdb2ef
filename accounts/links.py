"""Links in mails with which a person chooses a password: signed, with an expiry, and for one use.

A link has the person and a fingerprint of their state. Once they have chosen a password, or their links were
invalidated, the fingerprint no longer matches.
"""

from datetime import datetime, timedelta

from django.core import signing
from django.db.models import Q
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import User

SALT = "accounts.links"
INVITATION_HOLDS, PASSWORD_HOLDS = timedelta(days=7), timedelta(days=1)


def path_for(person: User, now: datetime) -> str:
    """The path of the link in a mail that is sent now."""
    return reverse("choose-password", args=[_signed(person, now)])


def person_of(link: str, now: datetime) -> User | None:
    """The person who may choose a password with it; None when it is not, or no longer, valid."""
    try:
        pk, fingerprint, made = signing.loads(link, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    may = Q(is_active=True) | Q(invited_at__isnull=False)
    person = User.objects.select_related("group").filter(may, pk=pk).first()
    if person is None or not constant_time_compare(fingerprint, _fingerprint(person)):
        return None
    return person if now.timestamp() - made < valid_for(person).total_seconds() else None


def valid_for(person: User) -> timedelta:
    """For how long a link is valid."""
    return INVITATION_HOLDS if person.invited_at else PASSWORD_HOLDS


def _signed(person: User, now: datetime) -> str:
    return signing.dumps([person.pk, _fingerprint(person), int(now.timestamp())], salt=SALT)


def _fingerprint(person: User) -> str:
    return salted_hmac(SALT, f"{person.pk} {person.email} {person.password} {person.links}").hexdigest()[:32]
