"""The fire: everything is real, everything fails, and in the end the books must be right to the øre.

Orders are made, moved, delivered and taken back while every process is killed again and
again, the broker comes back empty, PostgreSQL restarts at once, DdD is away, hangs, and answers every third
call wrongly, and one worker's clock is ahead. Then a book-keeper compares.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Final

from tests.fire import parts
from tests.fire.books import faults
from tests.fire.databases import Restart, database
from tests.fire.parts import ROOT, Part, Parts
from tests.fire.plans import Plan, plans_of
from tests.sandbox_process import RunningSandbox
from tests.valkey import RunningValkey

# Orders, and within how many seconds they come.
SHORT, LONG = (45, 35.0), (10_000, 2400.0)
FAULTS: Final = (
    "lose the answer after committing",
    "lose the connection before committing",
    "500",
    "500 after committing",
    "503",
    "slow",
    "half an answer",
)
FAULT_EVERY: Final = 3
SLOW_SECONDS: Final = 1.6  # longer than DDD_TIMEOUT_SECONDS, shorter than that and DDD_QUIET_SECONDS
HANGS_SECONDS: Final = 1.5
AHEAD: Final = 45  # what it puts off waits so much longer for the others
LONGEST: Final = 600.0  # seconds, beyond those in which the orders come
# Seconds between two strikes: a process that has just begun needs some to be of use again.
SHORT_PEACE, LONG_PEACE = (2.0, 5.0), (10.0, 30.0)


@dataclass
class Fire:
    """One run: what burns, and what was counted."""

    parts: Parts
    sandbox: RunningSandbox
    valkey: RunningValkey
    restart_database: Restart | None
    drawn: random.Random
    ends_by: float  # by time.monotonic()
    peace: tuple[float, float]
    done: Counter[str] = field(default_factory=Counter)

    def burn(self, until: Callable[[], bool]) -> None:
        """Something dies every few seconds, until all orders are done."""
        due = time.monotonic()
        while not until():
            self._look()
            if time.monotonic() >= due:
                self._strike()
                due = time.monotonic() + self.drawn.uniform(*self.peace)
            time.sleep(0.1)

    def go_out(self, until: Callable[[], bool]) -> None:
        """Nothing more is killed and DdD is well: what is left is sent, and nothing twice."""
        self.sandbox.clear_faults()
        while not until():
            self._look()
            time.sleep(0.1)

    def _look(self) -> None:
        self.parts.look()
        if time.monotonic() > self.ends_by:
            raise TimeoutError(f"the fire does not end: see {self.parts.folder}")

    def _strike(self) -> None:
        names = [name for name, part in self.parts.parts.items() if part.process]
        deeds: list[Callable[[], None]] = [
            *[lambda: self.parts.kill(self.drawn.choice(names))] * 6,
            self._broker_restarts_empty,
            self._ddd_is_away,
            self._ddd_hangs,
            self._database_restarts,
        ]
        self.drawn.choice(deeds)()

    def _broker_restarts_empty(self) -> None:
        self.done["broker restarted, empty"] += 1
        self.valkey.kill()
        time.sleep(1)
        self.valkey.start()

    def _ddd_is_away(self) -> None:
        self.done["DdD away"] += 1
        self.sandbox.kill()
        time.sleep(2)
        self.sandbox.start()
        self.begin_faults()

    def _ddd_hangs(self) -> None:
        self.done["DdD hanging"] += 1
        self.sandbox.signal(signal.SIGSTOP)
        time.sleep(HANGS_SECONDS)
        self.sandbox.signal(signal.SIGCONT)

    def _database_restarts(self) -> None:
        if self.restart_database:
            self.done["database restarted at once"] += 1
            self.restart_database()

    def begin_faults(self) -> None:
        """Every third call, reads too."""
        self.sandbox.fault(FAULTS, every=FAULT_EVERY, seconds=SLOW_SECONDS)


def main() -> int:
    """0 when the books are right."""
    given = _options()
    folder = Path(tempfile.mkdtemp(prefix="fire-"))
    plans = plans_of(given.seed, given.orders)
    print(f"Fire {given.seed}: {given.orders} orders on {given.database}; logs in {folder}", flush=True)  # noqa: T201
    began = time.monotonic()
    fire, portal, ledger = _run(given, folder)
    took = time.monotonic() - began
    wrong = faults(plans, ledger, portal)
    wrong += [f"{name} ended by itself, {count} times" for name, count in fire.parts.ended.items()]
    for line in _report(fire, plans, portal, ledger, took):
        print(line)  # noqa: T201
    for sentence in wrong[:40]:
        print(f"WRONG  {sentence}")  # noqa: T201
    print(f"{len(wrong)} things are wrong" if wrong else "The books are right.", flush=True)  # noqa: T201
    return 1 if wrong else 0


def _run(given: argparse.Namespace, folder: Path) -> tuple[Fire, dict[str, Any], dict[str, Any]]:
    with ExitStack() as stack:
        valkey = stack.enter_context(RunningValkey())
        sandbox = stack.enter_context(RunningSandbox())
        address, restart = stack.enter_context(database(given.database, folder))
        running = Parts(parts.environment(folder, address, valkey.url), folder)
        stack.callback(running.stop)
        subprocess.run(
            [sys.executable, "-m", "demo.prepare", "--ddd-url", sandbox.url],
            cwd=ROOT,
            env=dict(running.environment),
            check=True,
            stdout=subprocess.DEVNULL,
        )
        ports = [parts.free_port(), parts.free_port()]
        for number, port in enumerate(ports, 1):
            running.start(parts.web(number, port))
        for number, (queues, ahead) in enumerate((("urgent", 0), ("urgent,long", AHEAD), ("long", 0)), 1):
            running.start(parts.worker(number, queues, ahead))
        for number in (1, 2):
            running.start(parts.beat(number, folder))
        web = [f"http://127.0.0.1:{port}" for port in ports]
        for url in web:
            parts.wait_for(f"{url}/healthz")
        ends_by = time.monotonic() + given.seconds + LONGEST
        peace = SHORT_PEACE if given.short else LONG_PEACE
        fire = Fire(running, sandbox, valkey, restart, random.Random(given.seed), ends_by, peace)
        fire.begin_faults()
        actors = (sys.executable, "-m", "tests.fire.actors")
        told = (str(given.seed), str(given.orders), str(given.seconds), ",".join(web), str(folder))
        running.start(Part("actors", (*actors, *told), ends_well=True))
        fire.burn((folder / "orders-done").exists)
        fire.go_out((folder / "portal.json").exists)
        portal = json.loads((folder / "portal.json").read_text())
        return fire, portal, sandbox.ledger()


def _report(
    fire: Fire, plans: list[Plan], portal: dict[str, Any], ledger: dict[str, Any], took: float
) -> list[str]:
    seconds = portal["seconds"]
    deaths = {**fire.parts.deaths, **fire.done}
    return [
        f"orders {len(plans)}, sales {len(ledger['sales'])}, item transfers {len(ledger['transfers'])}",
        f"killed: {_listed(deaths)}",
        f"ended by themselves: {dict(fire.parts.ended) or 'none'}",
        f"calls to DdD: {_listed(portal['outcomes'])}",
        f"most tries of one posting: {portal['most tries']}",
        f"made to settled: median {median(seconds or [0]):.1f} s, "
        f"95 of 100 within {seconds[int(len(seconds) * 0.95)] if seconds else 0:.1f} s",
        f"whole run: {took:.0f} s",
    ]


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser("bin/fire", description=__doc__)
    parser.add_argument("--orders", type=int)
    parser.add_argument("--seconds", type=float, help="within which the orders come")
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="postgres")
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(2)))
    parser.add_argument("--short", action="store_true", help="some two minutes, as in CI")
    given = parser.parse_args()
    orders, seconds = SHORT if given.short else LONG
    given.orders, given.seconds = given.orders or orders, given.seconds or seconds
    return given


if __name__ == "__main__":
    sys.exit(main())
