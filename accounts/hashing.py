"""Hashing of passwords and PINs: slow for whoever guesses, and bounded for the machine."""

from threading import BoundedSemaphore
from typing import Final

from django.contrib.auth.hashers import Argon2PasswordHasher

# Each takes its memory and a core: many log-ins at once wait for each other instead of for memory.
AT_ONCE: Final = BoundedSemaphore(2)


class BoundedArgon2(Argon2PasswordHasher):
    """Argon2id as OWASP advises (19 MiB, two passes, one lane); two at once in a process.

    Hashes of before, with more memory, are known, and made anew at the next log-in.
    """

    time_cost = 2
    memory_cost = 19_456  # KiB
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        """The hash to store."""
        with AT_ONCE:
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        """Whether it is the password."""
        with AT_ONCE:
            found: bool = super().verify(password, encoded)
        return found
