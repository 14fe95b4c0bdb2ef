"""What the app on a telephone shows, and how somebody sets it up in a test."""

import time

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value

from accounts.models import User

PERIOD = 30  # seconds
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code_now(secret: str = SECRET, good_for: float = 2) -> str:
    """Six digits, of which so many seconds are left: of an old code's last moment the next one is made."""
    left = PERIOD - time.time() % PERIOD
    if left < good_for:
        time.sleep(left)
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // PERIOD)))


def has_set_up(person: User) -> Authenticator:
    """They log in with the codes of SECRET from now on."""
    authenticator: Authenticator = TOTP.activate(person, SECRET).instance
    return authenticator
