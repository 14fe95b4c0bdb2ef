"""How long calls to DdD may take where a test loses their answers."""

import pytest
from pytest_django import Settings


@pytest.fixture
def quick_to_read_back(settings: Settings) -> None:
    """An answer is lost after two seconds; after a minute DdD has done all that it was asked."""
    settings.DDD_TIMEOUT_SECONDS = 2
    settings.DDD_QUIET_SECONDS = 60
