"""What the sandbox holds outlives its process; how it starts and stops."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from tests.sandbox import caller
from tests.sandbox.caller import HTTP, Caller
from tests.sandbox_process import LISTENS, ROOT, RunningSandbox


def started(*arguments: str) -> subprocess.CompletedProcess[str]:
    """A start that is expected to fail."""
    command = [sys.executable, "-m", "ddd.sandbox", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_state_survives_a_kill_and_numbers_go_on() -> None:
    with RunningSandbox() as own:
        nordlys = Caller(own.url)
        nordlys.post("/api/weborder/clickandcollect", caller.order())
        nordlys.post("/api/sale", caller.sale())
        nordlys.post("/api/stockadjustment/item/transfer/initiate", caller.transfer())
        own.till_picks("W-1001")
        before, shown = own.ledger(), nordlys.get("/api/weborder/fetch/W-1001").json()
        url = own.url

        own.kill()
        own.start()

        assert own.url == url
        assert own.ledger() == before
        assert nordlys.get("/api/weborder/fetch/W-1001").json() == shown
        nordlys.post("/api/stockadjustment/item/transfer/initiate", caller.transfer())
        invoices = [row["invoice"] for row in own.ledger()["transfers"]]
        assert invoices == [before["transfers"][0]["invoice"], before["transfers"][0]["invoice"] + 1]
        assert own.stop() == 0


def test_it_starts_empty_on_request(tmp_path: Path) -> None:
    def one_start(*arguments: str) -> int:
        with RunningSandbox("--data", str(tmp_path), *arguments) as own:
            Caller(own.url).post("/api/sale", caller.sale())
            return len(own.ledger()["sales"])

    assert [one_start(), one_start(), one_start("--reset")] == [1, 2, 1]
    assert (tmp_path / "ddd-sandbox.sqlite3").exists()


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_cleanly_also_in_the_middle_of_a_slow_call(stop: signal.Signals, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "ddd.sandbox", "--port", "0", "--data", str(tmp_path)]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stderr
        url = process.stdout.readline().strip().removeprefix(LISTENS)
        assert url.startswith("http://127.0.0.1:")
        HTTP.post(f"{url}/faults", json={"fault": "slow", "seconds": 600})
        with pytest.raises(httpx2.ReadTimeout):
            HTTP.get(f"{url}/api/weborder/status/All", timeout=0.1)

        process.send_signal(stop)

        assert process.wait(timeout=60) == 0
        assert process.stdout.read() == ""
        assert process.stderr.read() == ""


def test_a_port_that_is_taken_is_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = started("--port", str(port), "--data", str(tmp_path / "new"))

    assert done.returncode == 2
    assert done.stdout == ""
    assert f"cannot listen on 127.0.0.1:{port}" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "new").exists()


def test_an_unknown_dialect_is_one_sentence(tmp_path: Path) -> None:
    done = started("--port", "0", "--data", str(tmp_path / "new"), "--case", "wide")

    assert done.returncode == 2
    assert "does not speak so: case: must be one of pascal, camel, upper, numbers, was 'wide'" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("kind", ["a folder in a file", "no database"])
def test_a_place_that_cannot_hold_the_data_is_one_sentence(kind: str, tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("These are notes, not a database, and they are long enough to be taken for one. " * 9)
    done = started("--port", "0", "--data", str(file / "inside" if kind == "a folder in a file" else file))

    assert done.returncode == 2
    assert "cannot keep its data in" in done.stderr
    assert done.stderr.count("\n") == 1
    assert file.read_text().startswith("These are notes")


def test_drafts_can_stay_hidden_until_somebody_confirms_them() -> None:
    with RunningSandbox("--hide-drafts") as own:
        nordlys = Caller(own.url)
        nordlys.post("/api/stockadjustment/item/transfer/initiate", caller.transfer())

        assert nordlys.get(f"/api/transactions/transfers/{caller.AARHUS}/2026-11-01").json() == []
        stock = nordlys.get(f"/api/stocks/{caller.TURNOVER}/combined/{caller.JUMPER}").json()
        assert stock["TransferDrafts"] == 1
        assert len(own.ledger()["transfers"]) == 1
