"""A portal on a real port with the test's database, and tablets that listen to it over real sockets."""

import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self, cast
from urllib.parse import quote, urlsplit

import uvicorn
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.db import connection
from django.test import Client

from orders.models import OrderEvent
from pos.hub import Hub
from pos.live import App, LiveAlerts, Timing, with_live_route
from tests.demo.processes import free_port, happens

ROOT = Path(__file__).resolve().parent.parent.parent
HOST = "127.0.0.1"


@dataclass(frozen=True)
class StreamEvent:
    """One event of a stream."""

    name: str
    number: int | None


class Tablet:
    """Opens a shop's stream; `next_event()` returns its events one by one."""

    def __init__(
        self, port: int, shop: object, client: Client | None = None, last: str = "", method: str = "GET"
    ) -> None:
        path = shop if isinstance(shop, str) else f"/events/shop/{shop}/"
        headers = {"Cookie": cookie_of(client)} if client else {}
        if last:
            headers["Last-Event-ID"] = last
        self._connection = http.client.HTTPConnection(HOST, port, timeout=30)
        try:
            self._connection.request(method, path, headers=headers)
            self._answer = self._connection.getresponse()
        except BaseException:
            self._connection.close()
            raise
        self.status = self._answer.status
        self.headers = self._answer.headers

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leave()

    def leave(self) -> None:
        self._answer.close()
        self._connection.close()

    def next_event(self) -> StreamEvent | None:
        """The next event; None when the stream has ended. Fails after 30 seconds without one."""
        said: dict[str, str] = {}
        while line := self._answer.readline().decode():
            name, _colon, text = line.rstrip("\n").partition(": ")
            if not name and "event" in said:
                return StreamEvent(said["event"], int(said["id"]) if "id" in said else None)
            said[name] = text
        return None

    def next_named(self, name: str) -> StreamEvent | None:
        """Skips all other events."""
        while (event := self.next_event()) and event.name != name:
            pass
        return event


class ServedHere:
    """A portal in a thread of the test, so that the test can set its timing and inspect its hub."""

    def __init__(self, hub: Hub | None = None, timing: Timing | None = None) -> None:
        self.hub = hub or Hub()
        self.port = free_port()
        pages = cast(App, get_asgi_application())
        application = with_live_route(pages, LiveAlerts(self.hub, timing), lambda: None)
        config = uvicorn.Config(
            application,
            host=HOST,
            port=self.port,
            log_config=None,
            timeout_graceful_shutdown=5,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run)

    def __enter__(self) -> Self:
        self._thread.start()
        assert happens(lambda: self._server.started)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.hub_ends()
        self._server.should_exit = True
        self._thread.join(20)
        assert not self._thread.is_alive()

    def hub_ends(self) -> None:
        """Does what the signal handler does in a process of its own."""
        loop = next(iter(self.hub._tasks)).get_loop()
        loop.call_soon_threadsafe(self.hub.end_all)

    def tablet(
        self, shop: object, client: Client | None = None, last: str = "", method: str = "GET"
    ) -> Tablet:
        return Tablet(self.port, shop, client, last, method)


class ServedApart:
    """The web process as an installation runs it."""

    def __init__(self, environment: Mapping[str, str], *options: str) -> None:
        self.port = free_port()
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "config.web", "--host", HOST, "--port", str(self.port), *options),
            ],
            cwd=ROOT,
            env={**os.environ, "DATABASE_URL": _database_url(), "REDIS_URL": "", **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()

    def listens(self) -> bool:
        with suppress(OSError), Tablet(self.port, "/healthz") as answer:
            return answer.status == 200
        return False

    def tablet(self, shop: object, client: Client | None = None) -> Tablet:
        return Tablet(self.port, shop, client)

    def terminate(self) -> None:
        self._process.send_signal(signal.SIGTERM)

    def ended(self, seconds: float) -> tuple[int, str]:
        """Its exit code and its output; fails when it takes longer."""
        said, _nothing = self._process.communicate(timeout=seconds)
        return self._process.returncode, said


def cookie_of(client: Client) -> str:
    """The Cookie header of a person who is logged in."""
    name = settings.SESSION_COOKIE_NAME
    return f"{name}={client.cookies[name].value}"


def seconds_since(moment: float) -> float:
    return time.monotonic() - moment


@contextmanager
def events_are_away() -> Iterator[None]:
    """The table of events cannot be read; the rest of the database can."""
    table = OrderEvent._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} RENAME TO events_away")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE events_away RENAME TO {table}")


def _database_url() -> str:
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{quote(name)}"
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
