"""One sandbox process for all tests of this folder; each test finds it empty and without faults."""

from collections.abc import Iterator

import pytest

from tests.sandbox.caller import FJORD, Caller
from tests.sandbox_process import RunningSandbox


@pytest.fixture(scope="session")
def running() -> Iterator[RunningSandbox]:
    with RunningSandbox("--token", "a-token-for-every-group") as found:
        yield found


@pytest.fixture
def sandbox(running: RunningSandbox) -> RunningSandbox:
    running.reset()
    return running


@pytest.fixture
def nordlys(sandbox: RunningSandbox) -> Caller:
    return Caller(sandbox.url)


@pytest.fixture
def fjord(sandbox: RunningSandbox) -> Caller:
    return Caller(sandbox.url, FJORD)
