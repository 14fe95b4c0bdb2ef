"""The network under the calls to DdD: none takes longer than it may, however slowly its answer drips, and
none goes into the operator's own network."""

import socket
import time
from collections.abc import Iterable
from ssl import SSLContext
from typing import Any, Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpcore2
import httpx2

from core import stopping
from ddd.api import addresses

LOOKS_EVERY: Final = 1.0  # seconds between two looks whether this worker is to stop
# Goes on while the machine sleeps, where there is such a clock.
_CLOCK: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class InPrivateNetwork(httpcore2.ConnectError):
    """None of the host's addresses is called."""

    def __init__(self, host: str) -> None:
        super().__init__(f"{host} is in a private network")
        self.host = host


class Deadline:
    """Until when the present call has to be over; connecting, sending and the whole answer included."""

    def __init__(self) -> None:
        self._until = float("inf")
        self.ends_with_the_worker = False

    def begin(self, seconds: float, *, ends_with_the_worker: bool = False) -> None:
        """A call begins; one that changes nothing may raise Stopped as soon as its worker is to stop."""
        self._until = time.clock_gettime(_CLOCK) + seconds
        self.ends_with_the_worker = ends_with_the_worker

    def within(self, timeout: float | None, too_late: type[Exception]) -> float:
        """How long the next step may take (seconds); raises `too_late` when the time of the call is over."""
        left = self._until - time.clock_gettime(_CLOCK)
        if left <= 0:
            raise too_late("the call took too long as a whole")
        return left if timeout is None else min(timeout, left)


class _Stream(httpcore2.NetworkStream):
    """A connection whose steps end with the call."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: Deadline) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        left = self._deadline.within(timeout, httpcore2.ReadTimeout)
        while self._deadline.ends_with_the_worker:
            stopping.check()
            if left <= LOOKS_EVERY:
                break
            try:
                return self._stream.read(max_bytes, LOOKS_EVERY)
            except httpcore2.ReadTimeout:
                left = min(left - LOOKS_EVERY, self._deadline.within(None, httpcore2.ReadTimeout))
        return self._stream.read(max_bytes, left)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.within(timeout, httpcore2.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        left = self._deadline.within(timeout, httpcore2.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Backend(httpcore2.SyncBackend):
    """`is_direct`: not through a proxy, which knows itself where it may go."""

    def __init__(self, deadline: Deadline, *, is_direct: bool) -> None:
        self._deadline, self._is_direct = deadline, is_direct

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        # To the very number that was checked: asked again, the name might stand for another one.
        error: Exception | None = None
        for number in _numbers_of(host, port) if self._is_direct else [host]:
            left = self._deadline.within(timeout, httpcore2.ConnectTimeout)
            try:
                stream = super().connect_tcp(number, port, left, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as failure:
                error = failure
            else:
                return _Stream(stream, self._deadline)
        raise error or httpcore2.ConnectError(host)


def _numbers_of(host: str, port: int) -> list[str]:
    """The IP addresses of the host, in the order in which they are to be tried."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore2.ConnectError(str(error)) from error
    numbers = list(dict.fromkeys(str(address[0]) for *_kind, address in found))
    called = list(addresses.allowed(host, numbers))
    if numbers and not called:
        raise InPrivateNetwork(host)
    return called


class Transport(httpx2.HTTPTransport):
    """Connections to one address, through the proxy that the environment names for it."""

    def __init__(self, address: str, trust: SSLContext, deadline: Deadline) -> None:
        proxy = _proxy_for(address)
        super().__init__(verify=trust, proxy=proxy)
        # The pool takes a backend, the transport around it has no parameter for it.
        self._pool._network_backend = _Backend(deadline, is_direct=proxy is None)


def _proxy_for(address: str) -> str | None:
    url = urlsplit(address)
    if not url.hostname or proxy_bypass(url.hostname):
        return None
    proxies = getproxies()
    return proxies.get(url.scheme) or proxies.get("all")
