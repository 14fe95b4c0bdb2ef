"""The processes of a fire: each is a real one, and what ends is started again at once, as systemd does."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
OTHER_CLOCK = Path(__file__).parent / "other_clock"
CELERY = (sys.executable, "-m", "celery", "--app", "config")
WORKER = ("worker", "--pool", "threads", "--concurrency", "3", "--without-gossip", "--without-mingle")


@dataclass
class Part:
    """A process by its command. One that `ends_well` has to end with 0, or to be killed."""

    name: str
    command: tuple[str, ...]
    ahead: int = 0  # seconds by which its clock is wrong
    ends_well: bool = False
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def code(self) -> int | None:
        """How it ended; None while it runs."""
        return self.process.poll() if self.process else 0


@dataclass
class Parts:
    """All of them, with their environment and the folder of their logs."""

    environment: Mapping[str, str]
    folder: Path
    parts: dict[str, Part] = field(default_factory=dict)
    deaths: Counter[str] = field(default_factory=Counter)
    # Who ended without having been killed: the name and its exit code.
    ended: Counter[str] = field(default_factory=Counter)

    def start(self, part: Part) -> None:
        self.parts[part.name] = part
        self._spawn(part)

    def kill(self, name: str) -> None:
        """Ends it with SIGKILL, in whatever it is doing."""
        part = self.parts[name]
        if part.process and part.code is None:
            part.process.kill()
            part.process.wait()
            self.deaths[name.rstrip("0123456789 ")] += 1

    def look(self) -> None:
        """Starts again what has ended. RuntimeError when one did that cannot go on."""
        for part in self.parts.values():
            if part.code is None or (part.ends_well and part.code == 0):
                continue
            if part.code != -signal.SIGKILL:
                self.ended[f"{part.name} ({part.code})"] += 1
                if part.ends_well:
                    raise RuntimeError(f"the {part.name} cannot go on: see their log in {self.folder}")
            self._spawn(part)

    def stop(self) -> None:
        """Ends all of them, asked nicely first."""
        for part in self.parts.values():
            if part.process and part.code is None:
                part.process.terminate()
        for part in self.parts.values():
            if part.process:
                with suppress(subprocess.TimeoutExpired):
                    part.process.wait(12)
                part.process.kill()
                part.process.wait()

    def _spawn(self, part: Part) -> None:
        environment = dict(self.environment)
        if part.ahead:
            environment |= {"CLOCK_AHEAD": str(part.ahead), "PYTHONPATH": str(OTHER_CLOCK)}
        with (self.folder / f"{part.name.replace(' ', '-')}.log").open("ab") as log:
            part.process = subprocess.Popen(
                part.command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )


def web(number: int, port: int) -> Part:
    listens = ("--host", "127.0.0.1", "--port", str(port), "--no-access-log")
    return Part(f"web {number}", (sys.executable, "-m", "config.web", *listens))


def worker(number: int, queues: str, ahead: int = 0) -> Part:
    name = f"worker {number}"
    named = ("--queues", queues, "--hostname", f"{number}@fire", "--loglevel", "WARNING")
    return Part(name, (*CELERY, *WORKER, *named), ahead)


def beat(number: int, folder: Path) -> Part:
    schedule = ("--schedule", str(folder / f"schedule-{number}"), "--pidfile", "", "--loglevel", "WARNING")
    return Part(f"beat {number}", (*CELERY, "beat", *schedule))


def free_port() -> int:
    """One that nobody has now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


def wait_for(url: str, seconds: float = 90) -> None:
    """Until it answers 200."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with suppress(OSError), urllib.request.urlopen(url, timeout=5):  # noqa: S310 - our own address
            return
        time.sleep(0.2)
    raise TimeoutError(f"{url} did not answer within {seconds:.0f} s")


def environment(folder: Path, database_url: str, redis_url: str) -> dict[str, str]:
    """Of all processes: short times, so that minutes show what hours would."""
    return {
        **os.environ,
        "DEMO": "1",
        "ENV_FILE": "",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "SECRET_KEY": "only-the-fire-uses-this-key-" + "x" * 32,
        "DATA_DIR": str(folder),
        "STATIC_ROOT": str(folder / "static"),
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "EMAIL_URL": f"file:///{folder}/mails",
        "DDD_TIMEOUT_SECONDS": "1",
        "DDD_QUIET_SECONDS": "3",
        "SENDERS_PER_GROUP": "4",
        "UNDO_SECONDS": "0",
        "OUTBOX_SWEEP_SECONDS": "1",
        "POLL_SECONDS": "5",
        "PYTHONUNBUFFERED": "1",
        "LOG_LEVEL": "WARNING",
    }
