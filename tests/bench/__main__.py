"""What the Public API costs, beside a floor that writes the same rows into the same tables by one statement.

The clients share the machine with what they measure, so ratios say more than rates.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import psycopg

from tests.bench import rows
from tests.bench.load import Measured, Request, measure
from tests.fire import parts
from tests.fire.databases import database
from tests.fire.parts import ROOT, Part, Parts
from tests.sandbox_process import RunningSandbox
from tests.valkey import RunningValkey

MODEL: Final = "BENCH-MODEL"
CREATE: Final = "/api/weborder/clickandcollect"
NEVER: Final = "2999-01-01T00:00:00Z"
FOLLOW: Final = "/api/weborder/status/All/since"
SAID = {"OrderNo": "", "ShopId": 996001, "IsPaid": True, "CustomerNumber": 100042, "WebOrderLines": []}
PIECES = ((100001, "1.95"), (100002, "2.95"), (100003, "3.95"))


def body(order_no: str) -> bytes:
    """An order of three pieces."""
    lines = [
        {"VariantId": variant, "SalesPrice": price, "EffectiveSalesPrice": price, "DiscountAmount": "0"}
        for variant, price in PIECES
    ]
    address = "Åse Øst#Søndergade 7#8000 Aarhus C"
    return json.dumps(
        SAID | {"OrderNo": order_no, "ReceiveAddress": address, "WebOrderLines": lines}
    ).encode()


def create(run: str) -> Request:
    """A new order each time."""
    return lambda number, sent: ("POST", CREATE, body(f"{run}-{number}-{sent}"))


def main() -> int:
    given = _options()
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    with ExitStack() as stack:
        valkey = stack.enter_context(RunningValkey())
        sandbox = stack.enter_context(RunningSandbox())
        address, _restart = stack.enter_context(database("postgres", folder))
        environment = parts.environment(folder, address, valkey.url) | {"DATABASE_POOL": "8"}
        prepare = [sys.executable, "-m", "demo.prepare", "--ddd-url", sandbox.url]
        subprocess.run(prepare, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
        running = Parts(environment, folder)
        stack.callback(running.stop)
        ports = [parts.free_port(), parts.free_port()]
        for number, port in enumerate(ports, 1):
            running.start(parts.web(number, port))
        urls = [f"http://127.0.0.1:{port}" for port in ports]
        for url in urls:
            parts.wait_for(f"{url}/healthz")
        connection = stack.enter_context(psycopg.connect(address, autocommit=True))
        _report(running, urls, connection, given)
    return 0


def _report(
    running: Parts, urls: list[str], connection: psycopg.Connection[Any], given: argparse.Namespace
) -> None:
    from accounts.demo_secrets import NORDLYS_KEY  # noqa: PLC0415 - needs no settings, but its package has models

    headers = {"Authorization": f"ddd_token {NORDLYS_KEY}", "Content-Type": "application/json"}
    (postgres,) = connection.execute("SELECT pg_backend_pid()").fetchone() or (0,)
    postmaster = int(Path(f"/proc/{postgres}/stat").read_text().rpartition(")")[2].split()[1])

    def measured(name: str, request: Request, of: list[str], connections: int, web: str = "web") -> Measured:
        processes = [
            part.process.pid for part in running.parts.values() if part.name.startswith(web) and part.process
        ]
        found = measure(of, request, headers, connections, given.seconds, processes, postmaster)
        _say(f"{name:42} {found}")
        return found

    measure(urls, lambda number, sent: ("POST", CREATE, body(MODEL)), headers, 1, 0.5, [], postmaster)
    began = time.monotonic()
    rows.fill(connection, MODEL, given.orders)
    connection.execute("VACUUM ANALYZE")
    _say(f"{given.orders} orders in {time.monotonic() - began:.0f} s; load {os.getloadavg()[0]:.1f}")
    measured("(warming)", create("WARM"), urls, 8)
    _floor(running, connection)
    floor_urls = [f"http://127.0.0.1:{port}" for port in FLOOR_PORTS]
    one_floor = measured("create, floor, 1 connection", create("F1"), floor_urls, 1, "floor")
    one = measured("create, 1 connection", create("C1"), urls, 1)
    floor = measured("create, floor, 8 connections", create("F8"), floor_urls, 8, "floor")
    eight = measured("create, 8 connections", create("C8"), urls, 8)
    again = measured("the same again, 8 connections", lambda *_: ("POST", CREATE, body(MODEL)), urls, 8)
    # The first who asks gives the orders above the time by which they are followed; a worker would have.
    measure(urls, lambda *_: ("GET", f"{FOLLOW}?dateTime={NEVER}", b""), headers, 1, 0.1, [], postmaster)
    measured("one order, 8 connections", lambda *_: ("GET", f"/api/weborder/fetch/{MODEL}", b""), urls, 8)
    measured("nothing new, 8 connections", lambda *_: ("GET", f"{FOLLOW}?dateTime={NEVER}", b""), urls, 8)
    _say(f"create / floor: {one.rate / one_floor.rate:.3f}; with 8 connections {eight.rate / floor.rate:.3f}")
    _say(f"the same again / create: {again.rate / eight.rate:.2f}")


FLOOR_PORTS: Final[list[int]] = []


def _floor(running: Parts, connection: psycopg.Connection[Any]) -> None:
    """Two processes, as the portal has."""
    statement = rows.statement_of_the_floor(connection, MODEL)
    running.environment = {**running.environment, "FLOOR_STATEMENT": statement}
    for number in (1, 2):
        FLOOR_PORTS.append(parts.free_port())
        listens = ("--port", str(FLOOR_PORTS[-1]), "--no-access-log", "--log-level", "warning")
        command = (sys.executable, "-m", "uvicorn", "tests.bench.floor:app", *listens)
        running.start(Part(f"floor {number}", command))
        parts.wait_for(f"http://127.0.0.1:{FLOOR_PORTS[-1]}/")


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser("bin/bench", description=__doc__)
    parser.add_argument("--orders", type=int, default=1_000_000, help="that are there before")
    parser.add_argument("--seconds", type=float, default=15.0, help="for each figure")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
