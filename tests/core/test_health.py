"""What a load balancer asks: does it live, and is it ready?"""

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from pytest_django import Settings

from tests.valkey import RunningValkey
from tests.valkey import valkey as valkey

NO_BROKER = "REDIS_URL is not set: no worker can be called"


@pytest.mark.usefixtures("lost_database")
def test_it_lives_also_without_its_database(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_it_is_ready_with_database_and_broker(db: None, valkey: RunningValkey, client: Client) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"ready": True, "database": "ok", "valkey": "ok"})


def test_a_broker_that_went_away_is_named_and_its_return_is_seen(
    db: None, valkey: RunningValkey, client: Client
) -> None:
    valkey.kill()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {
        "ready": False,
        "database": "ok",
        "valkey": "does not answer: ConnectionError",
    }
    valkey.start()
    assert client.get("/readyz").status_code == 200


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", NO_BROKER),
        ("redis://127.0.0.1:9/0", "does not answer: ConnectionError"),
        ("nonsense", "REDIS_URL is no address of a Redis"),
    ],
)
def test_without_a_broker_it_is_not_ready(
    db: None, settings: Settings, client: Client, url: str, said: str
) -> None:
    settings.REDIS_URL = url
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"ready": False, "database": "ok", "valkey": said}


@pytest.mark.usefixtures("lost_database")
def test_without_its_database_it_is_not_ready(settings: Settings, client: Client) -> None:
    settings.REDIS_URL = ""
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {
        "ready": False,
        "database": "does not answer: OperationalError",
        "valkey": NO_BROKER,
    }


def test_a_migration_that_is_missing_is_counted(db: None, client: Client) -> None:
    [newest] = MigrationLoader(connection).graph.leaf_nodes("orders")
    MigrationRecorder(connection).record_unapplied(*newest)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["database"] == "1 migrations are not applied"
