"""Adapters for django-allauth: nobody signs up, it sends no mail, and the QR code is drawn here."""

import io
import logging
from typing import Any, ClassVar

import segno
from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.device import extend_session
from accounts.models import User

log = logging.getLogger(__name__)
REFUSED = ("incorrect_code", "incorrect_password", "rate_limited", "too_many_login_attempts")
TOO_OFTEN = _("Too many tries. Wait 5 minutes, then try again.")


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # it has no types
    """Log-in and reauthentication."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "incorrect_password": _("That is not your password."),
        "too_many_login_attempts": TOO_OFTEN,
        "rate_limited": TOO_OFTEN,
    }

    def validation_error(self, code: str, *args: Any) -> ValidationError:
        """As the library makes it, and logged."""
        log_refused(code)
        error: ValidationError = super().validation_error(code, *args)
        return error

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: people are invited."""
        return False

    def login(self, request: HttpRequest, user: User) -> None:
        """Starts the log-in, and records its device."""
        super().login(request, user)
        extend_session(request.session, timezone.now(), request.headers.get("User-Agent", ""))

    def reauthenticate(self, user: User, password: str) -> bool:
        """By their password."""
        return user.check_password(password)

    def get_reauthentication_methods(self, user: User | AnonymousUser) -> list[dict[str, str]]:
        """The password is the only method."""
        url = reverse("account_reauthenticate")
        return [{"id": "reauthenticate", "description": "", "url": url}] if user.is_authenticated else []

    def add_message(self, *_args: Any, **_kwargs: Any) -> None:
        """Does nothing: the pages show it themselves."""


def log_refused(code: str) -> None:
    """That a password or code of the second factor was wrong, or came too often."""
    if code in REFUSED:
        log.warning("a log-in failed: %s", code.replace("_", " "))


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Codes from an authenticator app."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("That is not the code, or it was used already. Type the one in the app now."),
    }

    def validation_error(self, code: str, *args: Any) -> ValidationError:
        """As the library makes it, and logged."""
        log_refused(code)
        error: ValidationError = super().validation_error(code, *args)
        return error

    def get_totp_issuer(self) -> str:
        """The name that the app shows above the code."""
        return "Click'n'Collect"

    def build_totp_svg(self, url: str) -> str:
        """Drawn with segno, like the portal's other codes."""
        drawn = io.BytesIO()
        segno.make(url, error="m", micro=False).save(drawn, kind="svg", scale=5, border=4, light="#fff")
        return drawn.getvalue().decode()
