"""Whether this worker is to stop: who does one thing after another asks between two of them."""

import threading

_asked = threading.Event()


class Stopped(Exception):
    """This worker is to stop: what it leaves is done by the next one, which finds the same rows."""


def ask() -> None:
    """From now on nothing new is begun in this process."""
    _asked.set()


def is_asked() -> bool:
    """Whether to end after what is being done now."""
    return _asked.is_set()


def check() -> None:
    """Raises Stopped when this worker is to stop."""
    if _asked.is_set():
        raise Stopped
