"""Fixtures: a scripted DdD and mail server, a clock that tests move, and the nightly comparison."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from pytest_django import Settings

from ddd.models import Connection
from tests.ddd.rows import Clock
from tests.factories import NOW, Cast
from tests.orders.mail_server import MailServer, mail_server
from tests.orders.night import Night
from tests.orders.upstream import Upstream, running_upstream
from tests.sandbox_process import RunningSandbox


@pytest.fixture(scope="session")
def listening_upstream() -> Iterator[Upstream]:
    """One for a whole test process; tests take `upstream`."""
    with running_upstream() as upstream:
        yield upstream


@pytest.fixture
def upstream(cast: Cast, listening_upstream: Upstream) -> Upstream:
    """Nordlys' DdD, in use since an hour before NOW, and with no orders yet."""
    listening_upstream.orders = []
    listening_upstream.since_param.clear()
    Connection.objects.filter(group=cast.nordlys).update(
        base_url=listening_upstream.url, started_at=NOW - timedelta(hours=1)
    )
    return listening_upstream


@pytest.fixture
def night(booked_cast: Cast, sandbox: RunningSandbox) -> Night:
    return Night(booked_cast, sandbox)


@pytest.fixture
def server(settings: Settings) -> Iterator[MailServer]:
    """The portal's mail server; it takes every mail."""
    with mail_server() as running:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", running.port, 2
        settings.DEFAULT_FROM_EMAIL = "portal@nordlys.example"
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()
