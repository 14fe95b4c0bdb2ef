"""What SQLite keeps when the power fails."""

import sqlite3
from contextlib import closing
from pathlib import Path

from django.conf import settings

FULL = 2


def test_each_commit_reaches_the_disk(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "portal.sqlite3")) as database:
        database.executescript(settings.SQLITE_OPTIONS["init_command"])
        assert database.execute("PRAGMA synchronous").fetchone() == (FULL,)
