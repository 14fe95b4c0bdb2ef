"""A client that does not come to the end of its request is cut off; one that waits for its answer is not."""

import asyncio
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn
from pytest_django import Settings

from config.slow_clients import TimedRequests
from tests.demo.processes import free_port, happens

HOST = "127.0.0.1"
LONGEST = 60  # seconds until a test gives up
WORK = 3.0  # seconds, longer than a request may take to come


async def reading(
    _scope: MutableMapping[str, Any],
    receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
    send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
) -> None:
    """Reads the whole body, works for a while, and answers with its length."""
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        body, more = body + message["body"], message["more_body"]
    await asyncio.sleep(WORK)
    length = (b"content-length", b"1")
    await send({"type": "http.response.start", "status": 200, "headers": [length]})
    await send({"type": "http.response.body", "body": str(len(body)).encode()})


@contextmanager
def served() -> Iterator[int]:
    port = free_port()
    config = uvicorn.Config(
        reading, host=HOST, port=port, log_config=None, lifespan="off", http=TimedRequests
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        assert happens(lambda: server.started)
        yield port
    finally:
        server.should_exit = True
        thread.join(20)


@pytest.fixture(scope="module")
def portal() -> Iterator[int]:
    with served() as port:
        yield port


def dripping(port: int, start: bytes, drop: bytes) -> bytes:
    """What comes back for it before the connection is closed."""
    with socket.create_connection((HOST, port), timeout=LONGEST) as client:
        client.settimeout(0.1)
        client.sendall(start)
        until, came = time.monotonic() + LONGEST, b""
        while time.monotonic() < until:
            try:
                client.sendall(drop)
                piece = client.recv(1000)
            except TimeoutError:
                continue
            except ConnectionError:
                return came
            if not piece:
                return came
            came += piece
    pytest.fail("it was not cut off")


GET = b"GET / HTTP/1.1\r\nHost: portal\r\n"
POST = b"POST / HTTP/1.1\r\nHost: portal\r\nContent-Length: 100000\r\n\r\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("start", "drop", "answer"),
    [
        (b"", b"", b""),
        (GET, b"X-Slow: 1\r\n", b"HTTP/1.1 408"),
        (POST, b"x", b"HTTP/1.1 408"),
        (POST, b"", b"HTTP/1.1 408"),
        # The second request of a connection, and empty lines where it should begin.
        (GET + b"\r\n" + GET, b"X-Slow: 1\r\n", b"HTTP/1.1 408"),
    ],
)
def test_whoever_does_not_come_to_an_end_is_cut_off(
    portal: int, settings: Settings, start: bytes, drop: bytes, answer: bytes
) -> None:
    settings.REQUEST_SECONDS = 1.0
    came = dripping(portal, start, drop)
    assert came.startswith(answer)
    assert len(came) == 0 or came.count(b"HTTP/1.1") == 1


@pytest.mark.slow
def test_who_waits_for_an_answer_may_wait_long(portal: int, settings: Settings) -> None:
    settings.REQUEST_SECONDS = 1.0
    with socket.create_connection((HOST, portal), timeout=LONGEST) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: portal\r\nContent-Length: 4\r\n\r\nfour")
        came = client.recv(1000)
        while not came.endswith(b"4"):
            came += client.recv(1000)
        assert came.startswith(b"HTTP/1.1 200")
        # Afterwards empty lines do not keep the connection open.
        with pytest.raises((ConnectionError, TimeoutError)):  # noqa: PT012
            client.sendall(b"\r\n")
            if not client.recv(1000):
                raise ConnectionResetError
