"""The sandbox behind a socket: uvicorn, with the two things it does not offer of itself."""

import asyncio
import logging
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from ddd.sandbox.answers import TRANSPORT


class _Protocol(H11Protocol):
    """Gives the application its connection, so that an answer can be broken off on the wire."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        app: ASGIApp = self.app

        async def with_transport(scope: Scope, receive: Receive, send: Send) -> None:
            scope[TRANSPORT] = transport
            await app(scope, receive, send)

        self.app = with_transport


class _Server(uvicorn.Server):
    """Says where it listens, and finishes its work on a stop signal."""

    def __init__(self, config: uvicorn.Config, url: str) -> None:
        super().__init__(config)
        self._url = url

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        sys.stdout.write(f"DdD sandbox listens on {self._url}\n")
        sys.stdout.flush()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # A call that is held up by a fault is broken off; that is no trouble to report.
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        # uvicorn raises the signal again at its end, which would make a clean stop look like a crash.
        for stop in (signal.SIGINT, signal.SIGTERM):
            signal.signal(stop, self.handle_exit)
        yield


def listen(host: str, port: int) -> socket.socket:
    """The bound socket; OSError when the address is taken or not this machine's."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio switches off the 40 ms of waiting (Nagle) only where the socket says that it is TCP.
    found = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((host, port))
        found.listen(2048)
    except OSError:
        found.close()
        raise
    return found


def serve(app: ASGIApp, bound: socket.socket, host: str) -> None:
    """Runs until SIGTERM or SIGINT. One thread: what a handler does is one step for all others."""
    shown = f"[{host}]" if ":" in host else host
    config = uvicorn.Config(
        app,
        http=_Protocol,
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        log_level="warning",
        access_log=False,
        # Longer than any client keeps one, so that no call meets a connection that is just closing.
        timeout_keep_alive=120,
        timeout_graceful_shutdown=1,
    )
    _Server(config, f"http://{shown}:{bound.getsockname()[1]}").run(sockets=[bound])
