"""A DdD that says what a test wants."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from ddd.models import Connection
from tests.factories import NOW, Cast
from tests.orders.upstream import Upstream, running_upstream


@pytest.fixture(scope="session")
def listening_upstream() -> Iterator[Upstream]:
    """One for a whole test process; tests take `upstream`."""
    with running_upstream() as upstream:
        yield upstream


@pytest.fixture
def upstream(cast: Cast, listening_upstream: Upstream) -> Upstream:
    """Nordlys' DdD, in use since an hour before NOW, and with no orders yet."""
    listening_upstream.orders = []
    listening_upstream.asked_since.clear()
    Connection.objects.filter(group=cast.nordlys).update(
        base_url=listening_upstream.url, started_at=NOW - timedelta(hours=1)
    )
    return listening_upstream
