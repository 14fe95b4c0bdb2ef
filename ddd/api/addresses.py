"""Which addresses the portal calls for a Group: those of the internet, by TLS.

A Group's head office types them; without this they could look around in the operator's own network.
"""

import ipaddress
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings

from core.causes import StoredCause
from ddd.words import causes

ANY_HOST: Final = "*"
# Addresses of version 6 that lead to one of version 4, which stands in their last 32 bits.
LEADS_TO_VERSION_4: Final = tuple(
    ipaddress.IPv6Network(one) for one in ("64:ff9b::/96", "64:ff9b:1::/48", "::ffff:0:0/96", "::/96")
)


class NotCalled(ValueError):
    """An address that is not called; `cause` says why."""

    def __init__(self, cause: StoredCause) -> None:
        super().__init__(cause["code"])
        self.cause = cause


def is_in_our_network(host: str) -> bool:
    """Whether the operator has named this host as one of theirs, which may have any address and no TLS."""
    return bool({ANY_HOST, host.lower()} & set(settings.DDD_PRIVATE_HOSTS))


def check_address(address: str) -> None:
    """Raises NotCalled for what no DdD is reached at. Which numbers the name stands for is seen when it is
    called, because that may change."""
    try:
        url = urlsplit(address)
        host, _port = url.hostname or "", url.port
    except ValueError:
        raise NotCalled(causes.ADDRESS_UNREADABLE()) from None
    if not host:
        raise NotCalled(causes.ADDRESS_UNREADABLE())
    if url.scheme != "https" and not (url.scheme == "http" and is_in_our_network(host)):
        raise NotCalled(causes.ADDRESS_WITHOUT_TLS())
    if url.username is not None or url.password is not None or "?" in address or "#" in address:
        raise NotCalled(causes.ADDRESS_WITH_MORE())
    try:
        number = ipaddress.ip_address(host)
    except ValueError:
        return
    if not (is_in_our_network(host) or is_of_the_internet(number)):
        raise NotCalled(causes.ADDRESS_PRIVATE(host=host))


def allowed(host: str, numbers: Iterable[str]) -> Iterator[str]:
    """Those of the host's IP addresses that may be called."""
    may_be_any = is_in_our_network(host)
    for number in numbers:
        if may_be_any or is_of_the_internet(ipaddress.ip_address(number.partition("%")[0])):
            yield number


def is_of_the_internet(number: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Not of this host, of a private network, of a link, of a group of receivers, or of none."""
    if isinstance(number, ipaddress.IPv6Address):
        if any(number in network for network in LEADS_TO_VERSION_4):
            return is_of_the_internet(ipaddress.IPv4Address(int(number) & 0xFFFFFFFF))
        if number.sixtofour is not None:
            return is_of_the_internet(number.sixtofour)
        if number.teredo is not None or number.is_site_local:
            return False
    return number.is_global and not number.is_multicast and not number.is_reserved
