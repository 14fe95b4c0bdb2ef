"""Links in mails with which a person chooses a password: signed, for a while, and for one use.

A link says whose it is and how things stood with them. Once they have a password of their own choice, or
the links of their mails were made void, they stand otherwise, and it opens nothing any more.
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
    """Where the link of a mail that is sent now leads."""
    return reverse("choose-password", args=[_made(person, now)])


def whose(link: str, now: datetime) -> User | None:
    """The person who may choose a password with it; None when it does not hold (any more)."""
    try:
        pk, stood, made = signing.loads(link, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    may = Q(is_active=True) | Q(invited_at__isnull=False)
    person = User.objects.select_related("group").filter(may, pk=pk).first()
    if person is None or not constant_time_compare(stood, _stands(person)):
        return None
    return person if now.timestamp() - made < holds(person).total_seconds() else None


def holds(person: User) -> timedelta:
    """For how long a link holds."""
    return INVITATION_HOLDS if person.invited_at else PASSWORD_HOLDS


def _made(person: User, now: datetime) -> str:
    return signing.dumps([person.pk, _stands(person), int(now.timestamp())], salt=SALT)


def _stands(person: User) -> str:
    return salted_hmac(SALT, f"{person.pk} {person.email} {person.password} {person.links}").hexdigest()[:32]
