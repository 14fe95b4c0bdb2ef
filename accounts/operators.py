"""Operators run the portal: they see Django's admin, and nothing of what a Group does."""

from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts import causes, changes, mailing, people, second_factor
from accounts.models import AccountMail, Group, User
from core.errors import Conflict

HAS_HEAD_OFFICE = _lazy("This Group has a head office already: its own people invite the others.")
NO_DDD_GROUP = 0  # DdD numbers Groups from 1, so this number is free for the operators' Group


@transaction.atomic
def make_operator(email: str, password: str) -> User:
    """Makes an operator; an existing one gets the new password, is notified and loses the second factor.

    Conflict when the address is that of a person of a Group; ValidationError when the password is too weak.
    """
    known = User.objects.filter(email=email.strip().lower()).first()
    if known is not None and not known.is_operator:
        raise Conflict(_("This address is that of a person of a Group: an operator needs one of her own."))
    own_group, _made = Group.objects.get_or_create(
        ddd_group_id=NO_DDD_GROUP, defaults={"name": "Operators", "language": "en"}
    )
    address = email.strip().lower()
    user = known or User(email=address, name=address, group=own_group, is_operator=True)
    validate_password(password, user)
    user.set_password(password)
    user.is_active = True
    user.save()
    if known is not None:
        mailing.notify(user, AccountMail.Kind.PASSWORD_CHANGED, timezone.now())
        second_factor.remove(user, timezone.now())
    return user


def has_head_office(group: Group) -> bool:
    """Whether somebody of it may log in, or is invited."""
    may = Q(is_active=True) | Q(invited_at__isnull=False)
    return User.objects.filter(may, group=group, is_head_office=True).exists()


@transaction.atomic
def begin_head_office(person: User, by: User, now: datetime) -> None:
    """Stores the first person of a Group's head office, without a password, and records who did it. Conflict
    where there is somebody: an operator sees nothing of what a Group does, and cannot make it visible."""
    group = Group.objects.select_for_update(no_key=True).get(pk=person.group_id)
    if has_head_office(group):
        raise Conflict(str(HAS_HEAD_OFFICE), code="has-head-office")
    person.email, person.is_head_office = person.email.lower(), True
    person.set_unusable_password()
    person.save()
    after = {causes.NAME: person.name, causes.HEAD_OFFICE: True}
    changes.record(by, people.about(person), {}, after, now, str(person), group=group)
