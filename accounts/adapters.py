"""What django-allauth asks the portal: nobody signs up, it mails nothing, and the QR is drawn here."""

import io
from typing import Any, ClassVar

import segno
from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.device import extend_session
from accounts.models import User

TOO_OFTEN = _("Too many tries. Wait 5 minutes, then try again.")


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # it has no types
    """Logging in and showing once more that it is them."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "incorrect_password": _("That is not your password."),
        "too_many_login_attempts": TOO_OFTEN,
        "rate_limited": TOO_OFTEN,
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """People come by invitation alone."""
        return False

    def login(self, request: HttpRequest, user: User) -> None:
        """Their log-in begins."""
        super().login(request, user)
        extend_session(request.session, timezone.now(), request.headers.get("User-Agent", ""))

    def reauthenticate(self, user: User, password: str) -> bool:
        """It is them, by their password."""
        return user.check_password(password)

    def get_reauthentication_methods(self, user: User | AnonymousUser) -> list[dict[str, str]]:
        """Their password is the one way."""
        url = reverse("account_reauthenticate")
        return [{"id": "reauthenticate", "description": "", "url": url}] if user.is_authenticated else []

    def add_message(self, *_args: Any, **_kwargs: Any) -> None:
        """The pages say it themselves."""


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """The code of an app on their telephone."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("That is not the code, or it was used already. Type the one in the app now."),
    }

    def get_totp_issuer(self) -> str:
        """What the app shows above the code."""
        return "Click'n'Collect"

    def build_totp_svg(self, url: str) -> str:
        """As the portal draws its other codes."""
        drawn = io.BytesIO()
        segno.make(url, error="m", micro=False).save(drawn, kind="svg", scale=5, border=4, light="#fff")
        return drawn.getvalue().decode()
