"""Why somebody was logged out: a signed cookie says that they were logged in, until they log out themselves.

It is renewed with the session cookie. If it is older than a session lasts, the session expired; if not, the
session was ended. A device on which nobody ever logged in has no such cookie, and no reason is shown.
"""

from datetime import timedelta

from django.conf import settings
from django.core.signing import BadSignature, SignatureExpired
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User

COOKIE = "logged_in_here"
KEPT = timedelta(days=180)
UNSAVED = "unsaved"  # query parameter of the log-in page: the action that led here was not done


def remember(answer: HttpResponse, person: User) -> None:
    """Sets the cookie when a log-in on this device begins or is extended."""
    answer.set_signed_cookie(
        COOKIE,
        str(person.pk),
        max_age=KEPT,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def forget(answer: HttpResponse) -> None:
    """Deletes the cookie when they log out themselves."""
    answer.delete_cookie(COOKIE, samesite="Lax")


def reason(request: HttpRequest) -> str:
    """A sentence for people who were logged in on this device and no longer are; "" for everybody else."""
    try:
        pk = str(request.get_signed_cookie(COOKIE, max_age=settings.SESSION_COOKIE_AGE))
    except SignatureExpired:
        days = timedelta(seconds=settings.SESSION_COOKIE_AGE).days
        return ngettext(
            "You were logged out because nobody used the portal on this device for %(days)d day.",
            "You were logged out because nobody used the portal on this device for %(days)d days.",
            days,
        ) % {"days": days}
    except (KeyError, BadSignature):
        return ""
    if User.objects.filter(pk=pk, is_active=True).exists():
        return _(
            "You were logged out by head office, by yourself from elsewhere, or because your password or "
            "second factor was changed."
        )
    return _(
        "You were logged out because you may not use the portal any more. Your head office can tell you why."
    )
