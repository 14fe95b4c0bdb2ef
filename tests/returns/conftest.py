"""Fixtures of returns: the days and the people."""

from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client
from pytest_django import Settings

from tests.core.pages import ENGLISH, browser
from tests.factories import Cast
from tests.returns.counter import DAY_3
from tests.returns.head_office import TODAY


@pytest.fixture
def day_3() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(DAY_3, tick=False) as traveller:
        yield traveller


@pytest.fixture
def today() -> Iterator[None]:
    with time_machine.travel(TODAY, tick=False):
        yield


@pytest.fixture
def a_minute(settings: Settings) -> None:
    settings.UNDO_SECONDS = 60


@pytest.fixture
def aarhus(cast: Cast) -> Client:
    return browser(cast, "aarhus")


@pytest.fixture
def manager(cast: Cast) -> Client:
    return browser(cast, "manager")


@pytest.fixture
def office(cast: Cast) -> Client:
    """Karen at head office, in English."""
    return browser(cast, "office", ENGLISH)
