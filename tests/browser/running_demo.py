"""The demo as a new user starts it: `bin/demo`, on free ports and with fresh data."""

import os
import signal
import sqlite3
import subprocess
import tempfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx2

from demo.options import ROOT
from tests import migrated
from tests.demo.processes import free_port

READY = "READY "
# Environment variables of the tests or of an installation here that the demo must not see.
NOT_FOR_THE_DEMO = (
    *("SECRET_KEY", "DATA_DIR", "DATABASE_URL", "REDIS_URL", "DEBUG"),
    *("DDD_TIMEOUT_SECONDS", "DDD_QUIET_SECONDS", "POLL_SECONDS", "OUTBOX_SWEEP_SECONDS"),
)
# Long enough to undo on a busy machine; a test that wants what is sent afterwards says `ends_undo`.
UNDO_SECONDS = 30
ANSWERS_WITHIN = STOPS_WITHIN = 60  # seconds
EXPORT_AT_ONCE = 2  # orders: three are a long list
SHOWN_OF_A_LOG = 4000


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in NOT_FOR_THE_DEMO}
    quick = {
        "UNDO_SECONDS": str(UNDO_SECONDS),
        "FIGURES_SECONDS": "3",
        "EXPORT_AT_ONCE": str(EXPORT_AT_ONCE),
    }
    return {**kept, **quick}


class RunningDemo:
    """Runs from `with` to its end."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="demo-in-browser-")
        self._process: subprocess.Popen[str] | None = None
        self.portal, self.ddd = (f"http://127.0.0.1:{port}" for port in (free_port(), free_port()))
        self._client = httpx2.Client(base_url=self.ddd, timeout=ANSWERS_WITHIN, trust_env=False)

    def __enter__(self) -> Self:
        # Migrations take most of a first start, and tests/demo has shown those.
        migrated.copy_sqlite(Path(self._folder.name) / "portal.sqlite3")
        self._start()
        return self

    def restart(self) -> None:
        """Stops it as Ctrl-C does, and starts it again with the same data."""
        self._end()
        self._start()

    def _start(self) -> None:
        ports = ("--port", self.portal.rpartition(":")[2], "--ddd-port", self.ddd.rpartition(":")[2])
        self._process = subprocess.Popen(
            [str(ROOT / "bin" / "demo"), "--data", self._folder.name, *ports, "--quiet-shop"],
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self._process.stdout
        said = []
        for line in self._process.stdout:
            if line.startswith(READY):
                return
            said.append(line)
        logs = self.logs()
        self.stop()
        raise RuntimeError(f"bin/demo did not get ready:\n{''.join(said)}\n{logs}")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> int:
        """Stops it as Ctrl-C does and deletes its data; returns its exit code."""
        self._client.close()
        code = self._end()
        self._folder.cleanup()
        return code

    def _end(self) -> int:
        if self._process is None:
            return 0
        process, self._process = self._process, None
        process.send_signal(signal.SIGINT)
        try:
            process.wait(STOPS_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
        if process.stdout:
            process.stdout.close()
        return process.wait()

    @property
    def mails(self) -> Path:
        """The folder in which the demo shows what it mailed."""
        return Path(self._folder.name) / "mails"

    def logs(self) -> str:
        """The last lines of its parts' output."""
        parts = sorted((Path(self._folder.name) / "log").glob("*.log"))
        return "\n".join(
            f"--- {part.name}\n{part.read_text(errors='replace')[-SHOWN_OF_A_LOG:]}" for part in parts
        )

    def broken(self) -> list[str]:
        """Unexpected exceptions in its parts' output."""
        parts = (Path(self._folder.name) / "log").glob("*.log")
        return [part.read_text(errors="replace") for part in parts if "Traceback (most" in part.read_text()]

    def sales(self, order_no: str) -> list[dict[str, Any]]:
        """The sales in DdD's ledger of which a line is marked with the OrderNo."""
        sales = self._ledger()["sales"]
        return [sale for sale in sales if order_no in {line["WebOrderOrderNo"] for line in sale["ItemLines"]}]

    def transfers(self, variant_id: int) -> list[dict[str, Any]]:
        """The item transfers in DdD's ledger that move this variant; a transfer knows no OrderNo."""
        transfers = self._ledger()["transfers"]
        return [row for row in transfers if variant_id in {item["VariantId"] for item in row["Items"]}]

    def ddd_refuses_sales(self) -> None:
        """From now on DdD answers 400 to every sale."""
        rule = {"fault": "refuse", "every": 1, "times": None, "on": "sale"}
        self._client.post("/faults", json=rule).raise_for_status()

    def ddd_answers_no_reads(self) -> None:
        """From now on DdD answers 503 to every GET."""
        rule = {"fault": "503", "every": 1, "times": None, "on": "reads"}
        self._client.post("/faults", json=rule).raise_for_status()

    def ddd_is_well(self) -> None:
        """No faults any more."""
        self._client.delete("/faults").raise_for_status()

    def ddd_loses(self, order_no: str) -> None:
        """Somebody deletes a web order in DdD that it has had for an hour; nobody misses a younger one, which
        may still be on its way."""
        self._client.post("/back-office/delete-order", json={"order_no": order_no}).raise_for_status()
        hour_ago = _stored(datetime.now(UTC) - timedelta(hours=1))
        sent = "UPDATE ddd_posting SET first_sent_at = ?, settled_at = ? WHERE order_no = ?"
        self._write(sent, hour_ago, hour_ago, order_no)

    def ends_undo(self, order_no: str) -> None:
        """Ends the time in which the delivery of this order, or a return of it, can be undone."""
        waiting = "order_no = ? AND state = 'waiting' AND not_before > ?"
        now = _stored(datetime.now(UTC))
        self._write(f"UPDATE ddd_posting SET not_before = ? WHERE {waiting}", now, order_no, now)  # noqa: S608

    def _write(self, sql: str, *values: str) -> None:
        database = sqlite3.connect(Path(self._folder.name) / "portal.sqlite3", timeout=ANSWERS_WITHIN)
        with closing(database), database:
            database.execute(sql, values)

    def _ledger(self) -> dict[str, list[dict[str, Any]]]:
        return self._client.get("/ledger.json").raise_for_status().json()  # type: ignore[no-any-return]


def _stored(moment: datetime) -> str:
    """As Django writes it into SQLite."""
    return moment.replace(tzinfo=None).isoformat(" ")
