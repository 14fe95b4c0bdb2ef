"""How each of the programs uses PostgreSQL."""

from collections.abc import Sequence
from typing import Any

from config.env import Environment

# Longer than any statement of a worker takes: what runs for so long waits for something that will not come.
WORKER_SECONDS = 300.0


def program(command: Sequence[str]) -> str:
    """Which of the portal's programs this command line starts: web, worker, beat, or manage for others."""
    for name in ("worker", "beat"):
        if name in command:
            return name
    return "web" if "config.web" in command else "manage"


def add_postgresql_options(database: dict[str, Any], env: Environment, name: str) -> None:
    """What DATABASE_URL says itself goes first."""
    given: dict[str, Any] = database.setdefault("OPTIONS", {})
    given.setdefault("application_name", f"portal {name}")
    seconds = {"web": env.database_statement_seconds, "worker": WORKER_SECONDS, "beat": WORKER_SECONDS}.get(
        name
    )
    # PgBouncer takes no such option: there the role gets it (docs/OPERATING.md).
    if seconds and not env.pgbouncer:
        given.setdefault("options", f"-c statement_timeout={int(seconds * 1000)}")
    database["CONN_HEALTH_CHECKS"] = True
    # In transaction mode the next statement may reach another connection of PostgreSQL.
    database["DISABLE_SERVER_SIDE_CURSORS"] = env.pgbouncer
    # Under ASGI each request has a thread of its own, and only a pool keeps connections between them.
    if env.database_pool and name != "manage":
        given["pool"] = {"min_size": 1, "max_size": env.database_pool, "timeout": 10}
