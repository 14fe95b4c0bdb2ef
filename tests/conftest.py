"""Fixtures for all tests: the cast, and a real DdD sandbox over real sockets."""

import gc
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from pytest_django import DjangoDbBlocker, Settings

from tests import migrated
from tests.factories import Cast, make_cast
from tests.log_listener import listening
from tests.sandbox_process import RunningSandbox


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--first-value", action="store_true", help="each test with its first value only")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL run only tests that depend on the database; the SQLite run has all of them. Those marked
    `before_others` come first."""
    others: dict[pytest.Item, None] = {}
    if connection.vendor == "postgresql":
        others = {item: None for item in items if not _depends_on_the_database(item)}
    if config.getoption("--first-value"):
        others |= dict.fromkeys(_other_values(items))
    config.hook.pytest_deselected(items=list(others))
    items[:] = [item for item in items if item not in others]
    items.sort(key=lambda item: item.get_closest_marker("before_others") is None)


def pytest_collection_finish() -> None:
    """What is imported now is there to the end: looking through it again and again takes a twentieth of the
    time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def _other_values(items: Sequence[pytest.Item]) -> Iterator[pytest.Item]:
    seen = set()
    for item in items:
        test = item.nodeid.partition("[")[0]
        if test in seen:
            yield item
        seen.add(test)


def _depends_on_the_database(item: pytest.Item) -> bool:
    assert isinstance(item, pytest.Function)
    asked_for = item.get_closest_marker("django_db")
    if any(mark.name == "any_database" for mark in item.own_markers):
        return False
    if item.get_closest_marker("database_by_url"):
        return True
    # Databases differ in how they handle concurrent transactions, so those tests run on both.
    if "transactional_db" in item.fixturenames or (asked_for and asked_for.kwargs.get("transaction")):
        return True
    return not item.get_closest_marker("any_database") and bool("db" in item.fixturenames or asked_for)


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """True: the database below is reused. It is deleted with the tests' data folder."""
    return True


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """The database of each process starts as a copy of one that is migrated already."""
    database = connection.settings_dict["TEST"]
    if connection.vendor == "postgresql":
        database["TEMPLATE"] = os.environ.get("MIGRATED_DATABASE")
    else:
        migrated.copy_sqlite(Path(database["NAME"]))
        # Nothing here outlives the run, so nothing has to reach the disk.
        options = connection.settings_dict["OPTIONS"]
        hasty = options["init_command"].replace("synchronous=FULL", "synchronous=OFF")
        connection.settings_dict["OPTIONS"] = {**options, "init_command": hasty}


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


@pytest.fixture(autouse=True)
def quick_passwords(settings: Settings) -> None:
    """Argon2 is slow by design; with six people in each test it would take most of a test's time."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def static_files_are_not_looked_for(settings: Settings) -> None:
    """Each new client would scan all static files; browser tests show that they are served."""
    settings.WHITENOISE_USE_FINDERS = False


@pytest.fixture
def cast(db: None) -> Cast:
    """Nordlys and Fjord; their DdD does not exist, so that a test that calls it by mistake fails."""
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


@pytest.fixture
def lost_database(monkeypatch: pytest.MonkeyPatch, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The database is at an address where there is none."""
    with django_db_blocker.unblock():
        connection.close()
        monkeypatch.setitem(connection.settings_dict, "NAME", "/nowhere/portal")
        yield
        connection.close()


@pytest.fixture(autouse=True)
def nothing_is_logged_of_people() -> Iterator[None]:
    """Whatever a test does: no line has a name, an address or a secret of those whom all tests know."""
    with listening() as heard:
        yield
    assert heard == []
