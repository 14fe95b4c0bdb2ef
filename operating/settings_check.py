"""Whether the settings are those of a real installation. Knows no database."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from operating.findings import Finding

HERE = {"localhost", "127.0.0.1", "[::1]"}


def settings_are_real() -> Iterator[Finding]:
    """Settings that are good for a developer or the demo only."""
    found = [*_open_doors(), *_addresses(), *_readable_secrets(os.environ)]
    yield from found or [Finding.ok("no setting is one for developers")]


def _open_doors() -> Iterator[Finding]:
    if settings.DEBUG:
        yield Finding.failed(
            "DEBUG is on: errors show secrets to everybody", "Take DEBUG out of the env file."
        )
    if settings.DEMO:
        yield Finding.warning(
            "this is the demo: its keys and passwords are public",
            "Take DEMO out of the env file, and use another database.",
        )
    if "*" in settings.ALLOWED_HOSTS:
        yield Finding.failed(
            "ALLOWED_HOSTS lets everybody say which host this is: links in mails would lead there",
            "Name the portal's own names in ALLOWED_HOSTS.",
        )
    if settings.SECRET_KEY_FALLBACKS:
        yield Finding.warning(
            "an earlier SECRET_KEY still holds", "Two weeks after the change empty SECRET_KEY_FALLBACKS."
        )


def _addresses() -> Iterator[Finding]:
    address = urlsplit(settings.PORTAL_URL)
    if address.scheme == "http" and address.hostname in HERE and not settings.DEMO:
        yield Finding.failed(
            f"PORTAL_URL is {settings.PORTAL_URL}: links in mails lead nowhere",
            "Set PORTAL_URL to where people find the portal, such as https://collect.example.",
        )
    elif address.hostname not in settings.ALLOWED_HOSTS and not _by_pattern(address.hostname or ""):
        yield Finding.failed(
            f"{address.hostname} of PORTAL_URL is not in ALLOWED_HOSTS: each page there answers 400",
            f"Add {address.hostname} to ALLOWED_HOSTS.",
        )


def _by_pattern(host: str) -> bool:
    return any(one == "*" or (one[:1] == "." and host.endswith(one)) for one in settings.ALLOWED_HOSTS)


def _readable_secrets(environment: "os._Environ[str]") -> Iterator[Finding]:
    named = {name: value for name, value in environment.items() if name.endswith("_FILE") and value}
    for name, value in sorted(named.items()):
        path = Path(value)
        ours = name == "ENV_FILE" or hasattr(settings, name.removesuffix("_FILE"))
        if ours and path.is_file() and path.stat().st_mode & stat.S_IROTH:
            yield Finding.warning(
                f"{path} ({name}) can be read by everybody on this host",
                f"chmod o= {path}",
            )
