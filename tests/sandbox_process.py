"""A real DdD sandbox for tests: a process of its own on a free port, with a file of its own."""

import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx2

ROOT = Path(__file__).resolve().parent.parent
LISTENS = "DdD sandbox listens on "


class RunningSandbox:
    """Runs from `with` to its end. `kill()` and `start()` keep port and file, so what it holds survives."""

    def __init__(self, *arguments: str) -> None:
        self._arguments = arguments
        self._folder = tempfile.TemporaryDirectory(prefix="ddd-sandbox-")
        self._process: subprocess.Popen[str] | None = None
        self._port = 0
        self._client = httpx2.Client(timeout=60)
        self.url = ""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self._client.close()
        self._folder.cleanup()

    @property
    def file(self) -> Path:
        return Path(self._folder.name) / "sandbox.sqlite3"

    def start(self) -> None:
        """Starts the process and waits until it listens."""
        command = [sys.executable, "-m", "ddd.sandbox", "--port", str(self._port), "--data", str(self.file)]
        self._process = subprocess.Popen(
            [*command, *self._arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout
        line = self._process.stdout.readline().strip()
        if not line.startswith(LISTENS):
            self.kill()
            raise RuntimeError(f"The DdD sandbox did not start: {line!r}")
        self.url = line.removeprefix(LISTENS)
        self._port = int(self.url.rpartition(":")[2])

    def stop(self) -> int:
        """Ends it with SIGTERM; returns its exit code."""
        return self._end(kill=False)

    def kill(self) -> None:
        """Ends it with SIGKILL."""
        self._end(kill=True)

    def _end(self, *, kill: bool) -> int:
        if self._process is None:
            return 0
        process, self._process = self._process, None
        (process.kill if kill else process.terminate)()
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
        if process.stdout:
            process.stdout.close()
        return process.wait()

    def signal(self, number: int) -> None:
        """Sends it this signal."""
        assert self._process
        self._process.send_signal(number)

    def ledger(self) -> dict[str, list[dict[str, Any]]]:
        """`orders`, `sales`, `transfers` as they were posted, in order of arrival."""
        return self._asked("GET", "/ledger.json")  # type: ignore[no-any-return]

    def fault(
        self,
        fault: str | Sequence[str],
        every: int = 1,
        times: int | None = None,
        on: str = "all",
        seconds: float = 3.0,
    ) -> None:
        """Adds a rule: words and places as in `ddd/sandbox/faults.py`; several words strike in turn."""
        words = fault if isinstance(fault, str) else list(fault)
        rule = {"fault": words, "every": every, "times": times, "on": on, "seconds": seconds}
        self._asked("POST", "/faults", rule)

    def clear_faults(self) -> None:
        self._asked("DELETE", "/faults")

    def speak(self, dialect: str = "usual", **options: Any) -> None:
        """Until it is reset: options as in `ddd/sandbox/dialect.py`, over those of a named one."""
        self._asked("POST", "/dialect", {"dialect": dialect, **options})

    def till_picks(self, order_no: str, group: int = 996) -> None:
        self._asked("POST", "/till/pick", {"order_no": order_no, "group": group})

    def till_delivers(self, order_no: str, group: int = 996) -> None:
        self._asked("POST", "/till/deliver", {"order_no": order_no, "group": group})

    def till_takes_back(self, order_no: str, group: int = 996) -> None:
        self._asked("POST", "/till/take-back", {"order_no": order_no, "group": group})

    def till_order(self, body: Mapping[str, Any], webshop: int | None = None) -> bool:
        """An order that another channel made at DdD; False when its OrderNo is there already."""
        query = "" if webshop is None else f"?webshop={webshop}"
        return self._asked("POST", f"/till/order{query}", dict(body))  # type: ignore[no-any-return]

    def back_office_deletes_sale(self, shop: int, receipt: int, terminal: int = 99) -> None:
        self._asked(
            "POST", "/back-office/delete-sale", {"shop": shop, "terminal": terminal, "receipt": receipt}
        )

    def back_office_deletes_transfer(self, invoice: int) -> None:
        self._asked("POST", "/back-office/delete-transfer", {"invoice": invoice})

    def back_office_changes_transfer(self, invoice: int, quantity: int) -> None:
        """So many of every variant move instead."""
        self._asked("POST", "/back-office/change-transfer", {"invoice": invoice, "quantity": quantity})

    def back_office_deletes_order(self, order_no: str) -> None:
        self._asked("POST", "/back-office/delete-order", {"order_no": order_no})

    def back_office_sets_status(self, order_no: str, status: str) -> None:
        self._asked("POST", "/back-office/set-status", {"order_no": order_no, "status": status})

    def reset(self) -> None:
        """Forgets everything that was posted, the fault rules and the log; it speaks as it was started."""
        self._asked("POST", "/reset")

    def _asked(self, method: str, path: str, body: Any = None) -> Any:
        answer = self._client.request(method, f"{self.url}{path}", json=body)
        if answer.is_error:
            raise AssertionError(f"{method} {path} was answered {answer.status_code}: {answer.text}")
        return answer.json()
