"""Why somebody is out: a device on which they were logged in keeps a signed note of it until they log out.

It is renewed whenever the cookie of the log-in is. What is older than a log-in lasts ran out by itself; with
a younger one the log-in was ended. A device on which nobody ever logged in has none, and is told nothing.
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
UNSAVED = "unsaved"  # in the address of the log-in: a deed has led here and was not done


def remember(answer: HttpResponse, person: User) -> None:
    """Their log-in on this device begins, or lasts longer."""
    answer.set_signed_cookie(
        COOKIE,
        str(person.pk),
        max_age=KEPT,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def forget(answer: HttpResponse) -> None:
    """They have logged out, and know why."""
    answer.delete_cookie(COOKIE, samesite="Lax")


def why(request: HttpRequest) -> str:
    """A sentence for whoever was logged in on this device and is not any more; empty for everybody else."""
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
