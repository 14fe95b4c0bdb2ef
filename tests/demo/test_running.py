"""The whole demo, started and stopped as a person would."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from accounts.demo_secrets import NORDLYS_KEY
from demo.options import ROOT
from demo.people import AARHUS
from tests.demo.processes import free_port, happens, is_running

pytestmark = pytest.mark.any_database  # the demo is on SQLite
ORDER: dict[str, Any] = {
    "OrderNo": "TEST-1",
    "ShopId": AARHUS.shop_id,
    "IsPaid": True,
    "CustomerNumber": 0,
    "ReceiveAddress": "Åse Øst#Søndergade 7#8000 Aarhus C",
    "WebOrderLines": [
        {"VariantId": 100001, "SalesPrice": 599.95, "EffectiveSalesPrice": 599.95, "DiscountAmount": 0}
    ],
}


class RunningDemo:
    """`bin/demo` without the set-up; ends with the test."""

    def __init__(self, data: Path, *arguments: str) -> None:
        self.portal, self.sandbox = (f"http://127.0.0.1:{port}" for port in (free_port(), free_port()))
        ports = ("--port", self.portal.rpartition(":")[2], "--ddd-port", self.sandbox.rpartition(":")[2])
        self.process = subprocess.Popen(
            [sys.executable, "-m", "demo", "--data", str(data), *ports, *arguments],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )

    def output(self) -> list[str]:
        """What it prints until it is ready, or until it ends."""
        assert self.process.stdout
        lines: list[str] = []
        for line in self.process.stdout:
            lines.append(line.rstrip("\n"))
            if line.startswith("READY"):
                break
        return lines

    def processes(self) -> list[int]:
        """Its parts."""
        own = self.process.pid
        return [int(pid) for pid in Path(f"/proc/{own}/task/{own}/children").read_text().split()]

    def ledger(self) -> list[str]:
        """The OrderNos that DdD has."""
        orders = httpx2.get(f"{self.sandbox}/ledger.json", trust_env=False).json()["orders"]
        return [order["OrderNo"] for order in orders]

    def stop(self) -> int:
        """Its exit code after SIGTERM."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[RunningDemo]:
    running = RunningDemo(tmp_path / "demo", "--quiet-shop")
    yield running
    running.process.kill()
    running.process.wait()
    assert running.process.stdout
    running.process.stdout.close()


def test_an_order_placed_at_the_demo_arrives_in_its_ddd(demo: RunningDemo) -> None:
    output = demo.output()
    assert output[-1] == f"READY {demo.portal}"
    assert any("aarhus@nordlys.example" in line for line in output)

    with httpx2.Client(base_url=demo.portal, trust_env=False) as client:
        assert client.get("/healthz").status_code == 200
        headers = {"Authorization": f"ddd_token {NORDLYS_KEY}"}
        answer = client.post("/api/weborder/clickandcollect", json=ORDER, headers=headers)
    assert (answer.status_code, answer.json()) == (200, True)
    assert happens(lambda: "TEST-1" in demo.ledger())

    parts = demo.processes()
    assert len(parts) == (5 if os.environ.get("REDIS_URL") else 6)
    assert demo.stop() == 0
    assert not any(is_running(pid) for pid in parts)
