import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.options import ROOT
from demo.supervisor import Broken, Supervisor
from tests.demo.processes import happens, is_running

# A demo of two cheap parts, of which one does not want to end and has a child of its own.
PROGRAM = """
import os, sys
from pathlib import Path
from demo.supervisor import *
raise_on_stop_signals()
folder = Path(sys.argv[1])
supervisor = Supervisor(folder, os.environ, folder)
try:
    supervisor.start("polite", "sleep", "600", stage=0)
    supervisor.start("stubborn", "sh", "-c", "trap '' TERM; echo ready; sleep 600 & wait; sleep 600")
    supervisor.wait_for("stubborn", lambda: "ready" in (folder / "stubborn.log").read_text(), 10)
    print(*(child.process.pid for child in supervisor.children), flush=True)
    supervisor.watch()
except StopRequested:
    pass
finally:
    ignore_stop_signals()
    supervisor.stop(seconds=0.2)
"""


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    made = Supervisor(tmp_path, os.environ, ROOT)
    yield made
    made.stop(seconds=0.2)


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.kill()


def pids_of(demo: subprocess.Popen[str]) -> list[int]:
    assert demo.stdout
    return [int(pid) for pid in demo.stdout.readline().split()]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_stopping_leaves_no_process_behind(demo: subprocess.Popen[str], number: signal.Signals) -> None:
    pids = pids_of(demo)
    grandchildren = children_of(pids[1])
    assert len(pids) == 2
    assert all(is_running(pid) for pid in [*pids, *grandchildren])

    demo.send_signal(number)

    assert demo.wait(10) == 0
    assert not any(is_running(pid) for pid in pids)
    assert happens(lambda: not any(is_running(pid) for pid in grandchildren))


def test_killing_the_supervisor_takes_its_processes_along(demo: subprocess.Popen[str]) -> None:
    pids = pids_of(demo)
    demo.kill()
    demo.wait(10)
    assert happens(lambda: not any(is_running(pid) for pid in pids))


def test_a_part_that_ends_is_named_with_its_log(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.start("steady part", "sleep", "600")
    supervisor.start("weak part", "sh", "-c", "echo so long; exit 3")
    with pytest.raises(Broken) as broken:
        supervisor.watch()
    assert str(broken.value) == f"The weak part ended with code 3: see {tmp_path / 'weak-part.log'}."
    assert (tmp_path / "weak-part.log").read_text() == "so long\n"


def test_a_killed_part_is_named_with_the_signal(supervisor: Supervisor) -> None:
    child = supervisor.start("part", "sleep", "600")
    child.process.kill()
    with pytest.raises(Broken, match=r"^The part was killed by signal 9: see "):
        supervisor.watch()


def test_waiting_ends_when_the_part_never_answers(supervisor: Supervisor) -> None:
    supervisor.start("part", "sleep", "600")
    with pytest.raises(Broken, match="was not ready after"):
        supervisor.wait_for("part", lambda: False, seconds=0.1)


def test_a_step_that_fails_is_named(supervisor: Supervisor) -> None:
    supervisor.run("good step", "true")
    with pytest.raises(Broken, match=r"^The step bad step failed: see .*/bad-step\.log\.$"):
        supervisor.run("bad step", "false")
    assert supervisor.children == []


def test_lower_stages_are_stopped_last(supervisor: Supervisor, tmp_path: Path) -> None:
    wait_and_note = "trap 'echo {0} >>{1}/order; exit' TERM; echo ready; while :; do sleep 0.02; done"
    for name, stage in (("ground", 0), ("program", 1)):
        supervisor.start(name, "sh", "-c", wait_and_note.format(name, tmp_path), stage=stage)
        log = tmp_path / f"{name}.log"
        supervisor.wait_for(name, lambda log=log: "ready" in log.read_text(), 10)  # type: ignore[misc]
    supervisor.stop()
    assert (tmp_path / "order").read_text().split() == ["program", "ground"]


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
