"""Starts processes, watches them, and leaves none behind: not after Ctrl-C, a crash or `kill -9`."""

import contextlib
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LOOK_EVERY = 0.1
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


class StopRequested(BaseException):
    """Ctrl-C was pressed or the demo was ended."""


class Broken(Exception):
    """A process ended that should run, or did not get ready; the sentence says which and where its log is."""


@dataclass(frozen=True)
class Child:
    """A running part; those of a higher stage are stopped before those of a lower one."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    stage: int


class Supervisor:
    """Owns the processes it starts."""

    def __init__(self, log_folder: Path, environment: Mapping[str, str], folder: Path) -> None:
        self._log_folder = log_folder
        self._environment = dict(environment)
        self._folder = folder
        self.children: list[Child] = []

    def start(self, name: str, *command: str, stage: int = 1) -> Child:
        """Starts a part that is to run until the end; its words go to `<name>.log`."""
        child = self._spawn(name, command, stage)
        self.children.append(child)
        return child

    def run(self, name: str, *command: str) -> None:
        """Runs a step to its end. Raises Broken when it fails."""
        child = self._spawn(name, command, stage=2)
        self.children.append(child)
        while child.process.poll() is None:
            self.check(but=child)
            time.sleep(LOOK_EVERY)
        self.children.remove(child)
        if child.process.returncode:
            raise Broken(f"The step {name} failed: see {child.log}.")

    def wait_for(self, name: str, is_ready: Callable[[], bool], seconds: float) -> None:
        """Waits until it answers. Raises Broken when a part ends meanwhile, or after so many seconds."""
        until = time.monotonic() + seconds
        while not is_ready():
            self.check()
            if time.monotonic() > until:
                raise Broken(
                    f"The {name} was not ready after {seconds:.0f} s: see the logs in {self._log_folder}."
                )
            time.sleep(LOOK_EVERY)

    def check(self, but: Child | None = None) -> None:
        """Raises Broken when a part has ended."""
        for child in self.children:
            code = child.process.poll()
            if code is not None and child is not but:
                how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
                raise Broken(f"The {child.name} {how}: see {child.log}.")

    def watch(self) -> NoReturn:
        """Runs until a part ends (Broken) or somebody stops the demo (StopRequested)."""
        while True:
            self.check()
            time.sleep(LOOK_EVERY)

    def stop(self, seconds: float = 6.0) -> None:
        """Stops all, the highest stage first; what does not end in time is killed."""
        for stage in sorted({child.stage for child in self.children}, reverse=True):
            ending = [child for child in self.children if child.stage == stage]
            for child in ending:
                child.process.terminate()
            until = time.monotonic() + seconds
            for child in ending:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.process.wait(max(until - time.monotonic(), 0.01))
            for child in ending:
                _kill_group(child)
        self.children.clear()

    def _spawn(self, name: str, command: tuple[str, ...], stage: int) -> Child:
        log = self._log_folder / f"{name.replace(' ', '-')}.log"
        supervisor = os.getpid()
        with log.open("wb") as written:
            process = subprocess.Popen(  # noqa: S603 - our own commands
                command,
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=written,
                stderr=subprocess.STDOUT,
                # A session of its own: Ctrl-C reaches the supervisor only, which then stops all in order.
                start_new_session=True,
                preexec_fn=lambda: _die_with(supervisor),
            )
        return Child(name, process, log, stage)


def raise_on_stop_signals() -> None:
    """From now on Ctrl-C, SIGTERM and a closed terminal raise StopRequested."""
    for number in STOP_SIGNALS:
        signal.signal(number, _raise_stop)


def ignore_stop_signals() -> None:
    """The stopping itself, which takes seconds at most, is not interrupted."""
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def _raise_stop(number: int, frame: FrameType | None) -> None:
    raise StopRequested


def _die_with(supervisor: int) -> None:
    """In the new process: the kernel kills it when the supervisor is gone, whatever ended that."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != supervisor:
        os._exit(1)


def _kill_group(child: Child) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.process.pid, signal.SIGKILL)
    child.process.wait()
