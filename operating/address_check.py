"""Asks the portal by PORTAL_URL, as a browser does: name, TLS, and what the proxies say of clients."""

from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

import httpx2
from django.conf import settings

from operating.findings import Finding

SECONDS: Final = 10.0
NOT_TRUSTED: Final = "X-Forwarded-Ignored"  # as config/proxies.py sets it


def address() -> Iterator[Finding]:
    """What a client gets at PORTAL_URL."""
    url = f"{settings.PORTAL_URL}/login/"
    try:
        with httpx2.Client(timeout=SECONDS, follow_redirects=False) as client:
            answer = client.get(url)
            forged = client.get(url, headers={"X-Forwarded-Proto": "http", "X-Forwarded-For": "192.0.2.1"})
            plain = client.get(url.replace("https://", "http://", 1)) if _has_both_ports(url) else None
    except httpx2.HTTPError as error:
        yield Finding.failed(
            f"{settings.PORTAL_URL} cannot be reached from here: {type(error).__name__}: {error}",
            "Look at the proxy, its certificate and the name's address, which may be another one inside.",
        )
        return
    yield from _of_page(answer)
    if answer.status_code == 200:
        yield from _of_tls(answer, plain)
        if forged.status_code != 200:
            yield Finding.failed(
                "the proxy hands on X-Forwarded-Proto as clients send it: they can pretend to be others",
                "Let it set X-Forwarded-For and X-Forwarded-Proto itself: deploy/nginx/portal.conf.",
            )


def _has_both_ports(url: str) -> bool:
    """At a port of its own nothing listens for plain HTTP."""
    address = urlsplit(url)
    return address.scheme == "https" and address.port is None


def _of_page(answer: httpx2.Response) -> Iterator[Finding]:
    server = f"{settings.PORTAL_URL}/login/"
    if NOT_TRUSTED in answer.headers:
        yield Finding.failed(
            "the proxy is not in TRUSTED_PROXIES: all clients count as one, and none as by TLS",
            "Add its address to TRUSTED_PROXIES; the log of the web process names it.",
        )
    elif answer.is_redirect and answer.headers.get("Location") == server:
        yield Finding.failed(
            f"{server} leads to itself: the portal is not told that it came by TLS",
            "Let the proxy set X-Forwarded-Proto: deploy/nginx/portal.conf.",
        )
    elif answer.status_code == 400:
        yield Finding.failed(
            f"{server} answers 400: the portal does not know the host that the proxy names",
            "Let the proxy hand on Host, and add the name to ALLOWED_HOSTS.",
        )
    elif answer.status_code != 200:
        yield Finding.failed(
            f"{server} answers {answer.status_code}", "Look at the proxy and at the log of the web processes."
        )
    else:
        yield Finding.ok(f"{server} answers")


def _of_tls(answer: httpx2.Response, plain: httpx2.Response | None) -> Iterator[Finding]:
    if not settings.PORTAL_URL.startswith("https://"):
        yield Finding.warning(
            "PORTAL_URL is not https: passwords and customers' names can be read on the way",
            "Put a proxy with a certificate in front: deploy/nginx/portal.conf or deploy/Caddyfile.",
        )
        return
    if plain is not None and not plain.headers.get("Location", "").startswith("https://"):
        yield Finding.warning("plain HTTP is not led to https", "Let TLS_REDIRECT be true.")
    if "Strict-Transport-Security" in answer.headers:
        yield Finding.ok("by TLS, and browsers are told to come by TLS only")
    else:
        yield Finding.warning(
            "browsers are not told to come by TLS only",
            "Let HSTS_SECONDS be 2592000, and the proxy set X-Forwarded-Proto.",
        )
