"""Tells whether an order that comes again is the one that is stored; knows no database.

A hash of all that was sent would let anybody who has it confirm a guessed name and address. So a forgotten
order keeps it under the installation's key only, which is enough to answer a repeated order as before.
"""

from typing import Final

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

SALT: Final = "orders.content"


def keyed(content: str, key: str | None = None) -> str:
    """What is kept of the hash of a forgotten order: 64 hexadecimal digits, by SECRET_KEY or another key."""
    return salted_hmac(SALT, content, secret=key or settings.SECRET_KEY, algorithm="sha256").hexdigest()


def is_same(stored: str, content: str) -> bool:
    """Whether the stored hash, as it is or keyed by one of the keys that hold, is that of this content."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return any(
        constant_time_compare(stored, known) for known in (content, *(keyed(content, key) for key in keys))
    )
