"""What a load balancer asks: does it live, and is it ready?"""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import F
from django.test import Client
from pytest_django import Settings

from config.celery import app
from config.timetable import QUEUES
from tests.valkey import RunningValkey
from tests.valkey import valkey as valkey
from workers.beat import is_first, row_of_beat
from workers.models import Heartbeat

NO_BROKER = "REDIS_URL is not set: no worker can be called"


@pytest.mark.usefixtures("lost_database")
def test_it_lives_also_without_its_database(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


ALL_SILENT = dict.fromkeys(("beat", "urgent", "long"), "never heard")


def everybody_is_heard() -> None:
    is_first(row_of_beat())
    app.loader.import_default_modules()
    for queue in QUEUES:
        app.tasks[f"workers.tasks.be_heard_in_{queue}"].run()


def ready(client: Client, **degraded: str) -> None:
    """It serves, though some parts do not work."""
    answer = client.get("/readyz")
    expected = {"ready": True, "database": "ok", "degraded": degraded}
    assert (answer.status_code, answer.json()) == (200, expected)


def test_it_is_ready_with_database_broker_and_workers(
    db: None, valkey: RunningValkey, client: Client
) -> None:
    ready(client, **ALL_SILENT)
    everybody_is_heard()
    ready(client)


def test_a_broker_that_went_away_is_named_and_its_return_is_seen(
    db: None, valkey: RunningValkey, client: Client
) -> None:
    everybody_is_heard()
    valkey.kill()
    ready(client, valkey="does not answer: ConnectionError")
    valkey.start()
    ready(client)


@pytest.mark.parametrize("part", ["beat", "urgent", "long"])
def test_a_part_that_was_not_heard_for_a_minute_is_named(
    db: None, valkey: RunningValkey, client: Client, part: str
) -> None:
    everybody_is_heard()
    row = Heartbeat.objects.filter(part=part)
    row.update(heard_at=F("heard_at") - timedelta(seconds=50))
    ready(client)
    row.update(heard_at=F("heard_at") - timedelta(seconds=10))
    ready(client, **{part: f"not heard since {row.get().heard_at:%Y-%m-%dT%H:%M:%SZ}"})


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", NO_BROKER),
        ("redis://127.0.0.1:9/0", "does not answer: ConnectionError"),
        ("nonsense", "REDIS_URL is no address of a Redis"),
    ],
)
def test_without_a_broker_it_serves(
    db: None, settings: Settings, client: Client, url: str, said: str
) -> None:
    settings.REDIS_URL = url
    everybody_is_heard()
    ready(client, valkey=said)


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/version"])
def test_a_load_balancer_asks_by_ip_address(db: None, settings: Settings, client: Client, path: str) -> None:
    settings.REDIS_URL, settings.ALLOWED_HOSTS = "", ["portal.example"]
    assert client.get(path, headers={"host": "10.1.2.3:8000"}).status_code == 200
    assert client.get("/login/", headers={"host": "10.1.2.3:8000"}).status_code == 400


@pytest.mark.usefixtures("lost_database")
def test_without_its_database_it_is_not_ready(settings: Settings, client: Client) -> None:
    settings.REDIS_URL = ""
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {
        "ready": False,
        "database": "does not answer: OperationalError",
        "degraded": {"valkey": NO_BROKER},
    }


def test_a_migration_that_is_missing_is_counted(db: None, client: Client) -> None:
    [newest] = MigrationLoader(connection).graph.leaf_nodes("orders")
    MigrationRecorder(connection).record_unapplied(*newest)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["database"] == "1 migrations are not applied"
