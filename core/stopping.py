"""Whether this worker is to stop: who does one thing after another asks between two of them."""

import threading

_asked = threading.Event()


def ask() -> None:
    """From now on nothing new is begun in this process."""
    _asked.set()


def is_asked() -> bool:
    """Whether to end after what is being done now."""
    return _asked.is_set()
