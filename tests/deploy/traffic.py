"""Clients of an installation: a web shop that does not stop, pages, and a tablet that reconnects."""

import http.client
import json
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from tests.orders.web_shop import CREATE, body

RECONNECTS_AFTER = 0.5  # seconds


class Client:
    """Speaks to one address, by TLS where it is given whom to trust, each time in a new connection."""

    def __init__(self, port: int, trusted: str = "", **headers: str) -> None:
        self._port, self._headers = port, headers
        self._context = ssl.create_default_context(cafile=trusted) if trusted else None

    def connection(self, seconds: float = 60) -> http.client.HTTPConnection:
        """As far as the name is concerned it is the portal's."""
        if self._context:
            return http.client.HTTPSConnection(
                "localhost", self._port, timeout=seconds, context=self._context
            )
        return http.client.HTTPConnection("localhost", self._port, timeout=seconds)

    def ask(self, method: str, path: str, sent: Any = None, **headers: str) -> tuple[int, bytes]:
        """Status and body; 0 when there is no answer."""
        connection = self.connection()
        data = None if sent is None else json.dumps(sent)
        given = {**self._headers, "Content-Type": "application/json", **headers}
        try:
            connection.request(method, path, data, given)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException) as error:
            return 0, repr(error).encode()
        finally:
            connection.close()

    def order(self, order_no: str) -> tuple[int, bytes]:
        """A new web order for Aarhus."""
        return self.ask("POST", CREATE, body(order_no))


class Tablet:
    """Listens in a thread, as the page of a tablet does; `gaps` are how long it was without its stream, in
    seconds, and `tries` how often it asked until it had one again."""

    def __init__(self, client: Client, shop: int) -> None:
        self._client, self._path = client, f"/events/shop/{shop}/"
        self.heard: Counter[str] = Counter()
        self.gaps: list[float] = []
        self.tries: list[int] = []
        self._asked = 0
        self.is_live = False
        self._last, self._left = "", False
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._left = True

    def _listen(self) -> None:
        lost_at: float | None = None
        while not self._left:
            lost_at = self._one_stream(lost_at)
            time.sleep(RECONNECTS_AFTER)

    def _one_stream(self, lost_at: float | None) -> float:
        """Until it ends; returns when that was, or since when there is none."""
        connection = self._client.connection(60)
        before = time.monotonic() if lost_at is None else lost_at
        try:
            given = {**self._client._headers, **({"Last-Event-ID": self._last} if self._last else {})}
            connection.request("GET", self._path, headers=given)
            self._asked += 1
            answer = connection.getresponse()
            if answer.status != 200:
                self.heard[f"status {answer.status}"] += 1
                return before
            while line := answer.readline().decode():
                if line.startswith("id: "):
                    self._last = line[4:].strip()
                if line.startswith("event: "):
                    if not self.is_live and lost_at is not None:
                        self.gaps.append(time.monotonic() - lost_at)
                        self.tries.append(self._asked)
                        lost_at = None
                    self.is_live, self._asked = True, 0
                    self.heard[line[7:].strip()] += 1
        except (OSError, http.client.HTTPException, ValueError):
            pass
        finally:
            connection.close()
        was_live, self.is_live = self.is_live, False
        return time.monotonic() if was_live else before


class Traffic:
    """Calls again and again in a thread, from `with` to its end; `failed` are the answers but 200."""

    def __init__(self, call: Callable[[int], tuple[int, bytes]], every: float) -> None:
        self._call, self._every, self._ends = call, every, threading.Event()
        self.sent, self.longest = 0, 0.0
        self.failed: list[tuple[int, bytes]] = []
        self._thread = threading.Thread(target=self._go, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ends.set()
        self._thread.join(30)

    def _go(self) -> None:
        while not self._ends.wait(self._every):
            before = time.monotonic()
            self.sent += 1
            status, said = self._call(self.sent)
            self.longest = max(self.longest, time.monotonic() - before)
            if status != 200:
                self.failed.append((status, said[:200]))
