"""What the tests of the demo ask about ports and processes."""

import socket
import time
from collections.abc import Callable
from pathlib import Path


def free_port() -> int:
    """A port that nobody had a moment ago."""
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        port: int = tried.getsockname()[1]
    return port


def is_running(pid: int) -> bool:
    """A dead process that nobody has collected yet does not count."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def happens(what: Callable[[], bool], seconds: float = 60) -> bool:
    """Whether it becomes true in time."""
    until = time.monotonic() + seconds
    while not what():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True
