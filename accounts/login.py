"""Logs in somebody who has given their password: at once, or after the code of their second factor."""

import logging

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.core import ratelimit
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import TooMany

log = logging.getLogger(__name__)


def log_in(request: HttpRequest, person: User, to: str = "") -> HttpResponse:
    """Logs them in and redirects, or asks for the code first. Counts as reauthentication for a while."""
    if request.user.is_authenticated:
        # Another person on this device, or the same one whose log-in has just been ended.
        logout(request)
    record_authentication(request, person, method="password", reauthenticated=True)
    answer: HttpResponse = perform_login(request, Login(user=person, redirect_url=to or None))
    return answer


def count_attempt(request: HttpRequest, email: str) -> None:
    """Counts before the password is checked. TooMany after too many failures from this IP address, or for
    this person from anywhere."""
    if not ratelimit.consume(request, action="failures_of_an_address", dry_run=True):
        raise _locked_out("this address", email)
    if not ratelimit.consume(request, action="login_failed", key=email):
        raise _locked_out("this person", email)


def count_failure(request: HttpRequest, email: str) -> None:
    """Only failures count against an IP address: all tablets of a shop share one."""
    log.warning("a log-in failed", extra={"person": _number_of(email)})
    ratelimit.consume(request, action="failures_of_an_address")


def reset_attempts(request: HttpRequest, email: str) -> None:
    """After a successful log-in."""
    ratelimit.clear(request, action="login_failed", key=email)


def count_mail(request: HttpRequest, email: str) -> None:
    """Requests for a mail are limited by IP address and by person. TooMany beyond that."""
    if not ratelimit.consume(request, action="reset_password", key=email):
        raise _locked_out("this address or person, for mails", email)


def _locked_out(what: str, email: str) -> TooMany:
    log.warning("locked out: too many tries of %s", what, extra={"person": _number_of(email)})
    return _too_many()


def _number_of(email: str) -> int | None:
    """What was typed is not logged: somebody may have typed their password there."""
    return User.objects.filter(email=email).values_list("pk", flat=True).first()


def _too_many() -> TooMany:
    return TooMany(_("Too many tries. Wait 5 minutes, then try again."))
