"""Whose word is taken for who the client is, and whether it came by TLS.

A proxy says both in headers, which anybody can send. They are believed only from the addresses in
TRUSTED_PROXIES, and removed from all other requests before anything reads them.
"""

import logging
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any, Final

log = logging.getLogger(__name__)
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

FORWARDED: Final = frozenset(
    {
        b"forwarded",
        b"x-forwarded-for",
        b"x-forwarded-host",
        b"x-forwarded-port",
        b"x-forwarded-proto",
        b"x-real-ip",
    }
)
IGNORED: Final = (b"x-forwarded-ignored", b"the proxy is not in TRUSTED_PROXIES")
MOST_TOLD: Final = 100  # a warning for each address, but not a log full of them


def believing_proxies(app: App, trusted: Sequence[Network]) -> App:
    """The application, which sees the real client and scheme. The server must not look at these headers
    itself (config/web.py)."""
    told: set[str] = set()

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await app(scope, receive, send)
        peer = address_of((scope.get("client") or ("",))[0])
        headers = scope["headers"]
        came = [value.decode("latin-1") for name, value in headers if name == b"x-forwarded-for"]
        if peer is not None and _is_one_of(peer, trusted):
            # In place, so that the server's access log has the client too.
            scope.update(client=(str(client_behind(peer, came, trusted)), 0), scheme=_scheme(scope))
        else:
            scope["headers"] = [one for one in headers if one[0] not in FORWARDED]
            if came:
                _warn(str(peer), told)
                send = _saying_so(send)
        return await app(scope, receive, send)

    return application


def client_behind(peer: Address, forwarded_for: Sequence[str], trusted: Sequence[Network]) -> Address:
    """The first address from the right that is no proxy of ours: all further left may be made up.
    `forwarded_for` are the X-Forwarded-For headers in order; what is no address ends the search."""
    client = peer
    for text in reversed(",".join(forwarded_for).split(",")):
        found = address_of(text)
        if found is None:
            return client
        client = found
        if not _is_one_of(client, trusted):
            return client
    return client


def address_of(text: str) -> Address | None:
    """Also with a port, and of IPv4 in the dress of IPv6; None when it is no address."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def _is_one_of(address: Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)


def _scheme(scope: Scope) -> str:
    """What the proxy nearest to us says; a chain of them must hand on what the first one said."""
    said = [
        value.decode("latin-1").strip() for name, value in scope["headers"] if name == b"x-forwarded-proto"
    ]
    return said[-1] if said and said[-1] in ("http", "https") else str(scope.get("scheme", "http"))


def _warn(peer: str, told: set[str]) -> None:
    if peer in told or len(told) >= MOST_TOLD:
        return
    told.add(peer)
    log.warning(
        "X-Forwarded-For came from %s, which is not in TRUSTED_PROXIES, and was ignored. "
        "If this is your proxy, add it: until then all its clients count as one, and none as by TLS.",
        peer,
    )


def _saying_so(send: Send) -> Send:
    """With a header that says so to whoever looks for the reason."""

    async def send_with_header(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), IGNORED]}
        await send(message)

    return send_with_header
