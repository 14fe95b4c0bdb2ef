"""The parts of the portal and what they need: database, broker, workers, mail, and each Group's DdD."""

import smtplib
import time
from collections.abc import Iterator
from functools import partial
from typing import Final

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.smtp import EmailBackend
from django.db import connection

from accounts.models import User
from config import backends
from core.causes import in_english
from core.static_files import trouble
from ddd.lookup.trying import try_address
from ddd.models import Connection
from operating.findings import Check, Finding
from workers import heartbeats
from workers.models import Heartbeat

OLDEST_POSTGRESQL: Final = 140000  # what Django supports
UNIT_OF: Final = {
    Heartbeat.BEAT: "portal-beat",
    "urgent": "portal-worker-urgent@1",
    "long": "portal-worker-long@1",
}


def database() -> Iterator[Finding]:
    """Which one; that it answers is seen by this."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    if connection.vendor == "sqlite":
        yield Finding.ok("SQLite, good for one host")
        return
    version = getattr(connection, "pg_version", 0)
    said = f"PostgreSQL {version // 10000}.{version % 10000}"
    if version < OLDEST_POSTGRESQL:
        yield Finding.failed(f"{said} is too old", "Upgrade PostgreSQL to 15 or newer.")
    else:
        yield Finding.ok(said)


def migrations() -> Iterator[Finding]:
    """Whether the tables are those of this version."""
    state = backends.database()
    if state == "ok":
        yield Finding.ok("all migrations are applied")
    else:
        yield Finding.failed(state, "Run `manage.py migrate` on one host (systemctl start portal-migrate).")


def static_files() -> Iterator[Finding]:
    """Whether style, scripts and icons are those of this version."""
    said = trouble()
    if said:
        yield Finding.warning(said.rstrip("."), "Then restart the web processes.")
    else:
        yield Finding.ok("static files are collected")


def broker() -> Iterator[Finding]:
    """Without it workers are called by nobody; orders, pages and alerts go on."""
    state = backends.broker()
    if state == "ok":
        yield Finding.ok("Valkey or Redis answers")
    else:
        yield Finding.failed(
            f"Valkey or Redis: {state}",
            "Start it, or set REDIS_URL right. Nothing is lost meanwhile; workers reconnect by themselves.",
        )


def workers(wait: float) -> Iterator[Finding]:
    """Who was heard during the last minute; those that have just started get so many seconds."""
    until = time.monotonic() + wait
    while (silent := heartbeats.silent()) and time.monotonic() < until:
        time.sleep(1)
    for part in heartbeats.PARTS:
        if part in silent:
            yield Finding.failed(
                f"{part}: {silent[part]}", f"systemctl status {UNIT_OF[part]}; journalctl -u {UNIT_OF[part]}"
            )
        else:
            yield Finding.ok(f"{part} is heard")


def mail(to: str) -> Iterator[Finding]:
    """The server lets the portal in; with an address it takes a mail for it as well."""
    server = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    to_do = "Set EMAIL_URL right; look whether a firewall lets this host out to the mail server."
    backend = get_connection()
    try:
        if to:
            EmailMessage(
                "Test mail of the Click'n'Collect portal", TEST_MAIL, to=[to], connection=backend
            ).send()
        elif isinstance(backend, EmailBackend):
            backend.open()
            backend.close()
    except (OSError, smtplib.SMTPException) as error:
        yield Finding.failed(f"{server} takes no mail: {type(error).__name__}: {error}", to_do)
        return
    if not isinstance(backend, EmailBackend):
        yield Finding.warning("mails are written to a folder and reach nobody", "Set EMAIL_URL.")
    elif to:
        yield Finding.ok(f"{server} took a mail to {to}: see whether it arrives")
    else:
        yield Finding.ok(f"{server} lets the portal in; --mail-to ADDRESS sends a mail")


TEST_MAIL: Final = "If you can read this, the portal can send mails.\n"


def operators() -> Iterator[Finding]:
    """Somebody has to make Groups."""
    if User.objects.filter(is_operator=True, is_active=True).exists():
        yield Finding.ok("there is an operator")
    else:
        yield Finding.warning("there is no operator", "manage.py make_operator MAIL")


def ddd() -> Iterator[Finding]:
    """Each Group's DdD is asked for its newest orders; nothing is booked."""
    connections = Connection.objects.select_related("group").order_by("group__name")
    if not connections:
        yield Finding.warning("no Group is connected to DdD", "Make a Group at /operator/.")
    for one in connections:
        tried = try_address(one.base_url, one.token)
        if tried.trouble is None:
            yield Finding.ok(f"{one.group}: {one.base_url} answers")
        else:
            yield Finding.failed(
                f"{one.group}: {in_english(tried.trouble)}",
                f"Its head office sees this too, under Policies, DdD. Try from here: curl -v {one.base_url}",
            )


def all_parts(mail_to: str, wait: float) -> dict[str, Check]:
    """In the order in which one depends on the other."""
    return {
        "database": database,
        "migrations": migrations,
        "static files": static_files,
        "broker": broker,
        "workers": partial(workers, wait),
        "mail": partial(mail, mail_to),
        "operators": operators,
        "DdD": ddd,
    }
