"""Where settings come from: the environment, a file of settings, and files with secrets."""

from ipaddress import ip_address
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from environs import EnvValidationError
from pytest_django import Settings

from config.databases import add_postgresql_options, program
from config.env import Environment, read_environment
from tests.demo.processes import happens
from tests.factories import make_cast
from tests.pos.tablets import ServedApart


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment without what the tests set."""
    for name in ("SECRET_KEY", "TLS_REDIRECT", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_a_file_of_settings_is_read_and_the_environment_goes_first(
    bare: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "env"
    file.write_text("# ours\nSECRET_KEY='quoted # key'\nPOLL_SECONDS=7\nUNDO_SECONDS=1\n")
    bare.setenv("ENV_FILE", str(file))
    bare.setenv("UNDO_SECONDS", "9")
    env = read_environment()
    assert (env.secret_key, env.poll_seconds, env.undo_seconds) == ("quoted # key", 7, 9)


@pytest.mark.parametrize("name", ["gone", "."])
def test_a_file_of_settings_that_cannot_be_read_is_named(
    bare: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    bare.setenv("ENV_FILE", str(tmp_path / name))
    with pytest.raises(ValueError, match="cannot be read"):
        read_environment()


def test_each_secret_may_stand_in_a_file(bare: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in {"SECRET_KEY": "k" * 40, "DATABASE_URL": "postgresql://u:p@h/n"}.items():
        (tmp_path / name).write_text(f"{value}\n")
        bare.setenv(f"{name}_FILE", str(tmp_path / name))
    env = read_environment()
    assert (env.secret_key, env.database_url) == ("k" * 40, "postgresql://u:p@h/n")
    bare.setenv("SECRET_KEY_FILE", str(tmp_path / "gone"))
    with pytest.raises(ValueError, match="SECRET_KEY_FILE"):
        read_environment()


def test_tls_is_wanted_except_in_the_demo(bare: pytest.MonkeyPatch) -> None:
    env = read_environment()
    assert (env.tls_redirect, env.hsts_seconds) == (True, 30 * 24 * 3600)
    assert ip_address("127.0.0.1") in env.trusted_proxies[0]
    bare.setenv("DEMO", "1")
    env = read_environment()
    assert (env.tls_redirect, env.hsts_seconds) == (False, 0)


def test_a_proxy_that_is_no_address_is_told_with_all_other_mistakes(bare: pytest.MonkeyPatch) -> None:
    bare.setenv("TRUSTED_PROXIES", "10.0.0.1,nginx")
    bare.setenv("POLL_SECONDS", "soon")
    with pytest.raises(EnvValidationError) as raised:
        read_environment()
    assert set(raised.value.error_messages) == {"TRUSTED_PROXIES", "POLL_SECONDS"}


@pytest.mark.django_db
def test_whoever_is_logged_in_stays_so_after_a_new_secret_key(settings: Settings) -> None:
    cast = make_cast()
    aarhus, odense = Client(), Client()
    aarhus.force_login(cast.person("aarhus"))
    odense.force_login(cast.person("odense"))
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "n" * 40
    assert aarhus.get("/pos/").status_code == 200
    settings.SECRET_KEY_FALLBACKS = []
    assert aarhus.get("/pos/").status_code == 200
    assert odense.get("/pos/").status_code == 302


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (["python", "-m", "config.web", "--port", "1"], "web"),
        (["python", "/srv/.venv/bin/celery", "--app", "config", "worker", "-Q", "urgent"], "worker"),
        (["python", "-m", "celery", "-A", "config", "beat"], "beat"),
        (["python", "manage.py", "migrate"], "manage"),
        ([], "manage"),
    ],
)
def test_postgresql_is_told_who_asks(command: list[str], name: str) -> None:
    assert program(command) == name


def options(env: Environment, name: str) -> dict[str, object]:
    database: dict[str, object] = {}
    add_postgresql_options(database, env, name)
    return {**database.pop("OPTIONS"), **database}  # type: ignore[dict-item]


def test_a_migration_has_all_the_time_it_needs(bare: pytest.MonkeyPatch) -> None:
    env = read_environment()
    assert options(env, "manage").keys() & {"pool", "options"} == set()
    assert options(env, "worker")["options"] == "-c statement_timeout=300000"
    assert options(env, "web")["pool"] == {"min_size": 1, "max_size": 20, "timeout": 10}


def test_behind_pgbouncer_nothing_is_asked_that_it_refuses(bare: pytest.MonkeyPatch) -> None:
    bare.setenv("PGBOUNCER", "1")
    given = options(read_environment(), "web")
    assert "options" not in given
    assert given["DISABLE_SERVER_SIDE_CURSORS"] is True


CONNECTIONS = """
select pid from pg_stat_activity where application_name = 'portal web' and datname = current_database()
"""


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_web_process_keeps_its_connections() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has none")

    def pids() -> set[int]:
        with connection.cursor() as cursor:
            cursor.execute(CONNECTIONS)
            return {pid for (pid,) in cursor.fetchall()}

    seen: set[int] = set()
    with ServedApart({"DATABASE_POOL": "2"}) as served:
        assert happens(served.listens)
        for _each in range(6):
            with served.tablet("/readyz") as answer:
                assert answer.status in (200, 503)
            seen |= pids()
    assert 1 <= len(seen) <= 2
