"""How somebody who has shown that it is them comes in: at once, or after the code of their second factor."""

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.core import ratelimit
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import TooMany


def log_in(request: HttpRequest, person: User, to: str = "") -> HttpResponse:
    """Logs them in and leads them on, or to the code. Their password is not asked for again for a while."""
    if request.user.is_authenticated:
        # Whoever was logged in on this device, and themselves with a log-in that has just ended
        logout(request)
    record_authentication(request, person, method="password", reauthenticated=True)
    answer: HttpResponse = perform_login(request, Login(user=person, redirect_url=to or None))
    return answer


def count_attempt(request: HttpRequest, email: str) -> None:
    """Counted before the password is looked at. TooMany after too many failures from this address on the
    network, or for this person, from wherever."""
    if not ratelimit.consume(request, action="failures_of_an_address", dry_run=True):
        raise _too_many()
    if not ratelimit.consume(request, action="login_failed", key=email):
        raise _too_many()


def count_failure(request: HttpRequest) -> None:
    """Only failures count against an address: behind one address work all tablets of a shop."""
    ratelimit.consume(request, action="failures_of_an_address")


def reset_attempts(request: HttpRequest, email: str) -> None:
    """They have come in."""
    ratelimit.clear(request, action="login_failed", key=email)


def count_mail(request: HttpRequest, email: str) -> None:
    """Asking for a mail is bounded as well, by address and by person. TooMany beyond that."""
    if not ratelimit.consume(request, action="reset_password", key=email):
        raise _too_many()


def _too_many() -> TooMany:
    return TooMany(_("Too many tries. Wait 5 minutes, then try again."))
