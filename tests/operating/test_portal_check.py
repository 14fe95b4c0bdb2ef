"""`manage.py portal_check` names what does not work, and what to do."""

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from pytest_django import Settings

from accounts.operators import make_operator
from ddd.models import Connection
from operating.checking import all_checks
from operating.host_check import LITTLE, TOO_LITTLE, of_clocks
from operating.parts_check import UNIT_OF
from tests.core.test_health import everybody_is_heard
from tests.ddd.other_servers import answering
from tests.deploy.units import DEPLOY
from tests.factories import Cast
from tests.orders.mail_server import MailServer, mail_server
from tests.sandbox_process import RunningSandbox
from tests.valkey import RunningValkey
from tests.valkey import valkey as valkey
from workers import heartbeats


def checked(*only: str, **options: str) -> tuple[int, list[dict[str, str]]]:
    """The exit code, and each finding."""
    out = io.StringIO()
    given = {"only": list(only) or None, "mail_to": "", "wait": 0, "json": True, **options}
    try:
        call_command("portal_check", stdout=out, **given)
    except SystemExit as left:
        return int(str(left.code)), json.loads(out.getvalue())
    return 0, json.loads(out.getvalue())


def said(*only: str, **options: str) -> list[str]:
    """Each finding in one line; the exit code must be that of the worst."""
    code, found = checked(*only, **options)
    assert code == int(any(one["state"] == "FAILED" for one in found))
    assert all(one["do"] for one in found if one["state"] != "OK")
    return [f"{one['state']} {one['what']}" for one in found]


@pytest.fixture
def smtp(settings: Settings) -> Iterator[MailServer]:
    """The portal's mail server."""
    with mail_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


def test_where_all_is_well_it_says_so(
    booked_cast: Cast, valkey: RunningValkey, smtp: MailServer, settings: Settings
) -> None:
    make_operator("operator@portal.example", "a long password indeed")
    Connection.objects.exclude(group=booked_cast.nordlys).delete()
    everybody_is_heard()
    settings.PORTAL_URL, settings.ALLOWED_HOSTS = "https://portal.example", [".example"]
    names = [name for name in all_checks() if name not in ("address", "static files")]
    code, found = checked(*names, mail_to="admin@portal.example")
    assert {one["check"]: one["state"] for one in found if one["state"] != "OK"} == {}
    assert (code, {one["check"] for one in found}) == (0, set(names))
    [message] = smtp.messages
    assert (message["To"], message["Subject"]) == (
        "admin@portal.example",
        "Test mail of the Click'n'Collect portal",
    )


def test_each_line_has_its_state_name_and_what_to_do(db: None, settings: Settings) -> None:
    settings.REDIS_URL = ""
    out = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("portal_check", "--only", "broker", stdout=out)
    first, second = out.getvalue().splitlines()
    assert first == "FAILED   broker: Valkey or Redis: REDIS_URL is not set: no worker can be called"
    assert second.startswith("         Start it, or set REDIS_URL right.")
    with pytest.raises(CommandError, match="lamp"):
        call_command("portal_check", "--only", "lamp")


def test_workers_that_are_silent_are_named_with_their_units(db: None) -> None:
    assert said("workers") == [f"FAILED {part}: never heard" for part in ("beat", "urgent", "long")]
    assert set(UNIT_OF) == set(heartbeats.PARTS)
    files = {path.name.partition(".")[0].partition("@")[0] for path in (DEPLOY / "systemd").iterdir()}
    assert {unit.partition("@")[0] for unit in UNIT_OF.values()} <= files


def test_a_missing_migration_is_named(db: None) -> None:
    [newest] = MigrationLoader(connection).graph.leaf_nodes("orders")
    MigrationRecorder(connection).record_unapplied(*newest)
    assert said("migrations") == ["FAILED 1 migrations are not applied"]


@pytest.mark.usefixtures("lost_database")
def test_a_lost_database_is_one_finding_and_ends_nothing() -> None:
    found = said("database", "workers", "DdD", "disk")
    assert [one.partition(":")[0] for one in found[1:]] == [
        "FAILED it does not answer",
        "FAILED not known",
        "FAILED not known",
    ]
    assert found[0].startswith("OK")


def test_each_group_s_ddd_is_asked_and_nothing_is_booked(booked_cast: Cast, sandbox: RunningSandbox) -> None:
    Connection.objects.filter(group=booked_cast.fjord).update(base_url="http://127.0.0.1:9")
    before = sandbox.ledger()
    fjord, nordlys = said("DdD")
    assert fjord.startswith("FAILED Fjord: ")
    assert nordlys == f"OK Nordlys: {sandbox.url} answers"
    Connection.objects.filter(group=booked_cast.nordlys).update(token="one-that-ddd-does-not-know")
    assert said("DdD")[1].startswith("FAILED Nordlys: ")
    assert sandbox.ledger() == before


@pytest.mark.parametrize("step", ["CONNECT", "RCPT"])
def test_a_mail_server_that_refuses_is_named(smtp: MailServer, step: str) -> None:
    smtp.says[step] = "554 not you"
    [line] = said("mail", mail_to="admin@portal.example")
    assert line.startswith(f"FAILED 127.0.0.1:{smtp.port} takes no mail: ")
    assert "not you" in line
    assert smtp.messages == []


@pytest.mark.parametrize(
    ("seconds", "state"), [(0, "OK"), (-1.5, "OK"), (3, "WARNING"), (-29, "WARNING"), (31, "FAILED")]
)
def test_a_clock_that_differs_is_told(seconds: float, state: str) -> None:
    before = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
    after = before + timedelta(seconds=0.1)
    assert of_clocks(before, before + timedelta(seconds=seconds + 0.05), after).state == state


def test_the_database_s_clock_is_this_host_s(db: None) -> None:
    assert said("clock")[0].startswith("OK")


def test_little_room_is_a_warning_and_no_room_fails(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DATA_DIR = tmp_path
    assert said("disk")[0].startswith("OK ")
    monkeypatch.setattr("operating.host_check.LITTLE", 2**60)
    assert said("disk")[0].startswith("WARNING ")
    monkeypatch.setattr("operating.host_check.TOO_LITTLE", 2**60)
    assert said("disk")[0].startswith("FAILED ")
    settings.DATA_DIR = tmp_path / "gone"
    assert said("disk") == [f"FAILED DATA_DIR {tmp_path}/gone is not there, or this user may not write in it"]
    assert LITTLE > TOO_LITTLE


def test_settings_of_developers_are_named(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PORTAL_URL, settings.ALLOWED_HOSTS = "https://portal.example", ["portal.example"]
    assert said("settings") == ["OK no setting is one for developers"]
    settings.DEBUG, settings.SECRET_KEY_FALLBACKS = True, ["k" * 40]
    key = tmp_path / "secret_key"
    key.write_text("k" * 40)
    key.chmod(0o644)
    monkeypatch.setenv("SECRET_KEY_FILE", str(key))
    settings.ALLOWED_HOSTS = ["elsewhere.example"]
    assert said("settings") == [
        "FAILED DEBUG is on: errors show secrets to everybody",
        "WARNING an earlier SECRET_KEY still holds",
        "FAILED portal.example of PORTAL_URL is not in ALLOWED_HOSTS: each page there answers 400",
        f"WARNING {key} (SECRET_KEY_FILE) can be read by everybody on this host",
    ]
    key.chmod(0o640)
    assert len(said("settings")) == 3


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (200, {}, "WARNING PORTAL_URL is not https: passwords and customers' names can be read on the way"),
        (400, {}, "FAILED {}/login/ answers 400: the portal does not know the host that the proxy names"),
        (502, {}, "FAILED {}/login/ answers 502"),
        (
            200,
            {"X-Forwarded-Ignored": "it is not"},
            "FAILED the proxy is not in TRUSTED_PROXIES: all clients count as one, and none as by TLS",
        ),
    ],
)
def test_what_a_browser_would_get_is_told(
    settings: Settings, status: int, headers: dict[str, Any], expected: str
) -> None:
    with answering(status, b"page", **headers) as url:
        settings.PORTAL_URL = url
        assert expected.format(url) in said("address")


def test_an_address_where_nobody_answers_is_told(settings: Settings) -> None:
    settings.PORTAL_URL = "http://127.0.0.1:9"
    [line] = said("address")
    assert line.startswith("FAILED http://127.0.0.1:9 cannot be reached from here: ConnectError")
