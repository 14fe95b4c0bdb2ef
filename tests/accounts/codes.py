"""What the app on a telephone shows, and how somebody sets it up in a test."""

import time

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value

from accounts.models import User

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code_now(secret: str = SECRET) -> str:
    """Six digits."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def has_set_up(person: User) -> Authenticator:
    """She logs in with the codes of SECRET from now on."""
    authenticator: Authenticator = TOTP.activate(person, SECRET).instance
    return authenticator
