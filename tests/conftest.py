"""What all tests share: the cast, and a real DdD sandbox over real sockets."""

from collections.abc import Callable, Iterator

import pytest
from django.test import Client

from tests.factories import Cast, make_cast
from tests.sandbox_process import RunningSandbox


@pytest.fixture(scope="session")
def running_sandbox() -> Iterator[RunningSandbox]:
    """One sandbox for a whole test process; tests take `sandbox`, which is empty at their start."""
    with RunningSandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running_sandbox: RunningSandbox) -> RunningSandbox:
    """DdD's stand-in, with nothing booked and no faults."""
    running_sandbox.reset()
    return running_sandbox


@pytest.fixture
def cast(db: None) -> Cast:
    """Nordlys and Fjord; their DdD is nowhere, so that a test which calls it by mistake is seen."""
    return make_cast()


@pytest.fixture
def booked_cast(db: None, sandbox: RunningSandbox) -> Cast:
    """Nordlys and Fjord, with the sandbox as their DdD."""
    return make_cast(sandbox.url)


@pytest.fixture
def browser_of(cast: Cast) -> Callable[[str], Client]:
    """`browser_of("aarhus")` is a client of a person who is logged in."""

    def log_in(who: str) -> Client:
        client = Client()
        client.force_login(cast.person(who))
        return client

    return log_in
