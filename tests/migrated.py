"""A database with all migrations applied, made once: running them takes ten seconds, copying it none.

Each test process begins with a copy. Its name says what it was made from, so changed migrations make another.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
FOLDER: Final = ROOT / "var" / "tests"
MADE_FROM: Final = ("uv.lock", "tests/migrated.py", "config/settings.py", "*/migrations/*.py")


def copy_sqlite(to: Path) -> None:
    """Copies the migrated database there; creates it first unless another process has."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    made = FOLDER / f"migrated-{_fingerprint()}.sqlite3"
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            _make(made)
    shutil.copyfile(made, to)


def migrate(database_url: str) -> None:
    """Applies all migrations to this database."""
    subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "migrate", "--verbosity=0"],
        env={**os.environ, "DATABASE_URL": database_url},
        check=True,
    )


def _make(made: Path) -> None:
    for older in FOLDER.glob("migrated-*"):
        older.unlink()
    unfinished = made.with_suffix(".unfinished")
    migrate(f"sqlite:///{unfinished}")
    unfinished.replace(made)  # with the last connection SQLite has written its log into the file


def _fingerprint() -> str:
    files = sorted(file for pattern in MADE_FROM for file in ROOT.glob(pattern))
    content = hashlib.sha256(sys.version.encode())
    for file in files:
        content.update(f"{file.relative_to(ROOT)}\0".encode() + file.read_bytes())
    return content.hexdigest()[:16]
