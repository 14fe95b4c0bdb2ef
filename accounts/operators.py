"""Operators run the portal: they see Django's admin, and nothing of what a Group does."""

from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import mailing, second_factor
from accounts.models import AccountMail, Group, User
from core.errors import Conflict

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
