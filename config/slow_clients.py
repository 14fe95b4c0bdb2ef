"""Clients that do not come to the end of their request are cut off: each holds one of WEB_CONNECTIONS.

The server itself has a limit only for what comes after an answer.
"""

import asyncio
import logging
from typing import Any

from django.conf import settings
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

log = logging.getLogger(__name__)
TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class TimedRequests(HttpToolsProtocol):
    """uvicorn's own protocol, in which the headers must come within REQUEST_SECONDS, and then the body."""

    _ends: asyncio.TimerHandle | None = None
    _has_begun = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A browser may open a connection in advance: it has no longer for its first request than others."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Also when these are only the empty lines that may come before a request."""
        super().data_received(data)
        is_idle = self.cycle is not None and self.cycle.response_complete
        if self._ends is None and is_idle and self.timeout_keep_alive_task is None:
            self._wait()

    def on_message_begin(self) -> None:
        """The first line of a request has begun."""
        super().on_message_begin()
        self._has_begun = True
        self._wait()

    def on_headers_complete(self) -> None:
        """The body has its own time."""
        self._wait()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """From here on the portal is the slow one."""
        self._has_begun = False
        self._stop_waiting()
        super().on_message_complete()

    def _wait(self) -> None:
        self._stop_waiting()
        self._ends = self.loop.call_later(settings.REQUEST_SECONDS, self._cut_off)

    def _stop_waiting(self) -> None:
        if self._ends is not None:
            self._ends.cancel()
            self._ends = None

    def _cut_off(self) -> None:
        """By 408 where something had come, and nothing was answered yet."""
        cycle: Any = self.cycle
        is_answering = cycle is not None and cycle.response_started and not cycle.response_complete
        if self._has_begun and not is_answering:
            log.info("a request of %s took longer than REQUEST_SECONDS to come", (self.client or ("?",))[0])
            self.transport.write(TOO_SLOW)
        self.transport.close()
