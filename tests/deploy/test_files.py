"""What deploy/ names is there: settings, commands, queues, packages; and each program reads its file."""

import re
import shlex
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml
from celery.bin.beat import beat
from celery.bin.worker import worker
from django.apps import apps

from config.timetable import QUEUES
from config.web import read_options
from tests.deploy.units import DEPLOY, INSTALLED, ROOT, UNITS, Unit, named_settings, settings_read

PROCFILE = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
OURS = {name: service for name, service in COMPOSE["services"].items() if service["image"] == "portal"}
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()
OF_PYTHON = re.compile(r"PYTHON\w+|PATH")
CELERY = {"worker": worker, "beat": beat}


def unknown(names: set[str]) -> set[str]:
    """Names of the environment that nothing reads."""
    settings = settings_read()
    ours = settings | {f"{name}_FILE" for name in settings} | {"ENV_FILE"}
    return {name for name in names if name not in ours and not OF_PYTHON.fullmatch(name)}


def faults_of(command: list[str]) -> list[str]:
    """What is wrong with a command line of one of our programs."""
    python, *rest = command
    if not python.endswith("python"):
        return [f"{python} is no Python"]
    if rest[:1] != ["-m"]:
        return [] if (ROOT / rest[0]).exists() else [f"{rest[0]} is not there"]
    _dash, module, *arguments = rest
    if find_spec(module) is None:
        return [f"there is no {module}"]
    if module == "config.web":
        read_options(arguments)
        return []
    name = arguments[arguments.index("config") + 1]
    given = CELERY[name].make_context(name, arguments[arguments.index(name) + 1 :], resilient_parsing=True)
    assert not given.args, given.args
    queues = set(given.params.get("queues") or QUEUES)
    return [f"no queue {queue}" for queue in sorted(queues - set(QUEUES))]


def test_the_env_file_has_every_setting_with_its_default() -> None:
    explained = named_settings((ROOT / ".env.example").read_text())
    text = (DEPLOY / "portal.env").read_text()
    named = {name.removesuffix("_FILE"): value for name, value in named_settings(text).items()}
    assert set(named) == settings_read() == set(explained)
    defaults = {name: value for name, value in named.items() if f"\n#{name}=" in text}
    assert len(defaults) > 15
    assert defaults == {name: explained[name] for name in defaults}


def test_no_environment_names_what_nothing_reads() -> None:
    for name, service in OURS.items():
        assert unknown(set(service.get("environment", {}))) == set(), name
    for path in UNITS:
        assert unknown(set(Unit.read(path.stem).environment())) == set(), path.name
    set_there = set(re.findall(r"(?:^ENV | {4})([A-Z_]+)=", DOCKERFILE, re.MULTILINE)) - {"SECRET_KEY"}
    assert unknown({name for name in set_there if not name.startswith("UV_")}) == set()
    assert unknown({"SECRET_KEY_FILE", "SECRETKEY"}) == {"SECRETKEY"}


@pytest.mark.parametrize("path", UNITS, ids=lambda path: str(path.name))
def test_each_unit_starts_what_there_is(path: Path) -> None:
    assert faults_of(Unit.read(path.stem, "8001").command("/var/lib/portal")) == []


@pytest.mark.parametrize("name", sorted(name for name in OURS if "command" in OURS[name]))
def test_each_container_starts_what_there_is(name: str) -> None:
    assert faults_of(shlex.split(OURS[name]["command"])) == []


def test_a_command_with_a_fault_is_named() -> None:
    assert faults_of(shlex.split("python -m config.wob")) == ["there is no config.wob"]
    assert faults_of(shlex.split("python mange.py migrate")) == ["mange.py is not there"]
    planted = "python -m celery --app config worker --queues urgent,lost"
    assert faults_of(shlex.split(planted)) == ["no queue lost"]


def test_units_containers_and_procfile_start_workers_alike() -> None:
    """But for names, files and how much they log."""

    def kept(command: str) -> str:
        command = re.sub(r"\S*python|--(hostname|schedule|loglevel|host|port) \S+", "", command)
        return " ".join(sorted(command.split()))

    of_units = {path.stem: kept(shlex.join(Unit.read(path.stem, "1").command("/x"))) for path in UNITS}
    for procfile, unit, container in (
        ("urgent", "portal-worker-urgent@", "worker-urgent"),
        ("long", "portal-worker-long@", "worker-long"),
        ("beat", "portal-beat", "beat"),
    ):
        expected = kept(shlex.join(shlex.split(PROCFILE[procfile])))
        assert of_units[unit] == kept(shlex.join(shlex.split(OURS[container]["command"]))) == expected
    web = " ".join(re.findall(r'"([^"]+)"', DOCKERFILE.splitlines()[-1]))
    assert of_units["portal-web@"] == kept(web) == kept(PROCFILE["web"])


def test_the_target_starts_a_worker_for_each_queue_and_two_web_processes() -> None:
    target = (DEPLOY / "systemd/portal.target").read_text()
    wanted = re.findall(r"(portal-[\w-]+@?)(\d*)\.service", target)
    commands = [Unit.read(name, instance).command("/x") for name, instance in wanted]
    queues = [one[one.index("--queues") + 1] for one in commands if "--queues" in one]
    assert sorted(queues) == sorted(QUEUES)
    assert len([one for one in commands if "config.web" in one]) == 2
    assert len([one for one in commands if "beat" in one]) == 1


def test_a_worker_has_time_to_end_and_is_always_started_again() -> None:
    for path in UNITS:
        unit = Unit.read(path.stem)
        if unit.settings["Type"] == ["oneshot"]:
            continue
        assert unit.settings["Restart"] == ["always"], path.name
        assert unit.seconds("TimeoutStopSec") >= 15
    grace = {name: int(one.get("stop_grace_period", "0s")[:-1]) for name, one in OURS.items()}
    assert grace["worker-urgent"] == Unit.read("portal-worker-urgent@").seconds("TimeoutStopSec")
    assert {one["restart"] for name, one in OURS.items() if name != "migrate"} == {"unless-stopped"}


def test_the_image_has_every_app_and_the_libraries_of_the_set_up() -> None:
    setup = (ROOT / "bin/_setup").read_text()
    [uv] = re.findall(r"^UV_VERSION=(\S+)$", setup, re.MULTILINE)
    assert f"uv=={uv}" in DOCKERFILE
    [libraries] = re.findall(r"apt-get install --yes --no-install-recommends (.+) \\", DOCKERFILE)
    assert set(libraries.split()) == set(re.findall(r"apt_install (libpango\S+) (\S+)", setup)[0])
    taken = set(re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE))
    own = {one.label for one in apps.get_app_configs() if Path(one.path).parent == ROOT} - {"demo"}
    assert own | {"config", "templates", "static", "locale", "manage.py", "uv.lock"} <= taken
    assert {name for name in taken if not (ROOT / name).exists()} <= {"COMMIT"}


def installed_here(folder: Path) -> list[str]:
    """Copies of all units with this place for that of an installation, which systemd looks up."""
    for path in (DEPLOY / "systemd").iterdir():
        text = path.read_text().replace(INSTALLED, str(ROOT))
        # Any user that is there.
        (folder / path.name).write_text(
            re.sub(r"^(User|Group)=portal$", r"\1=root", text, flags=re.MULTILINE)
        )
    return [str(path) for path in sorted(folder.iterdir())]


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd-analyze")
def test_systemd_takes_the_units_and_finds_them_guarded(tmp_path: Path) -> None:
    verified = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *installed_here(tmp_path)], capture_output=True, text=True
    )
    assert (verified.returncode, verified.stderr) == (0, "")
    services = [str(path) for path in UNITS]
    guarded = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", "--no-pager", *services],
        capture_output=True,
        text=True,
    )
    assert guarded.returncode == 0, guarded.stdout[-2000:] + guarded.stderr


@pytest.mark.skipif(not shutil.which("caddy"), reason="there is no Caddy")
def test_caddy_takes_its_file() -> None:
    command = ["caddy", "validate", "--adapter", "caddyfile", "--config", str(DEPLOY / "Caddyfile")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
