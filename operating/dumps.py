"""The database as one file, and back: SQLite by its backup API, PostgreSQL by pg_dump and pg_restore."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from django.db import connection
from psycopg.conninfo import make_conninfo

LOCK_SECONDS: Final = 10
OF_LIBPQ: Final = frozenset(
    {"host", "port", "user", "dbname", "sslmode", "sslrootcert", "sslcert", "sslkey", "service"}
)


class DumpFailed(Exception):
    """The database's own program says why."""


def name_of_dump() -> str:
    """Of the file in a backup."""
    return {"sqlite": "database.sqlite3", "postgresql": "database.pgdump"}[connection.vendor]


def dump(to: Path) -> None:
    """Writes the whole database there, as it is at one moment; others go on reading and writing."""
    if connection.vendor == "postgresql":
        _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={to}")
        return
    source = sqlite3.connect(f"file:{_sqlite_file()}?mode=ro", uri=True)
    copy = sqlite3.connect(to)
    try:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
        [[said]] = copy.execute("PRAGMA integrity_check(1)").fetchall()
    except sqlite3.Error as error:
        raise DumpFailed(str(error)) from error
    finally:
        copy.close()
        source.close()
    if said != "ok":
        raise DumpFailed(f"The database is damaged: {said}")


def restore(dumped: Path) -> None:
    """Everything in the database is replaced by this dump."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # Somebody who still works in it is not waited for.
            cursor.execute(f"SET lock_timeout = '{LOCK_SECONDS}s'")
            cursor.execute("DROP SCHEMA public CASCADE")
            cursor.execute("CREATE SCHEMA public")
        connection.close()
        _run("pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", _database(), str(dumped))
        return
    connection.close()
    file = _sqlite_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(f"{file.name}.restored")
    shutil.copyfile(dumped, beside)
    beside.chmod(0o600)
    for log in ("-wal", "-shm"):  # of the database that was there
        file.with_name(file.name + log).unlink(missing_ok=True)
    beside.replace(file)


def _sqlite_file() -> Path:
    return Path(str(connection.settings_dict["NAME"]))


def _database() -> str:
    given = connection.get_connection_params()
    known = {name: str(value) for name, value in given.items() if name in OF_LIBPQ and value}
    return f"--dbname={make_conninfo(**known)}"


def _run(program: str, *options: str) -> None:
    """The password goes by the environment: everybody sees a command line."""
    found = shutil.which(program)
    if found is None:
        raise DumpFailed(
            f"{program} is not installed: apt-get install postgresql-client, of the server's version."
        )
    command: Sequence[str] = (found, *options)
    if program == "pg_dump":
        command = (*command, _database())
    password = str(connection.settings_dict.get("PASSWORD") or "")
    environment = {**os.environ, **({"PGPASSWORD": password} if password else {})}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)  # noqa: S603 - our own
    if done.returncode:
        raise DumpFailed(f"{program}: {done.stderr.strip() or done.returncode}")
