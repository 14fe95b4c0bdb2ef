"""Web shops in four languages, written from docs/API.md, against one demo as a new user starts it."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from accounts.demo_secrets import NORDLYS_KEY
from demo.options import ROOT
from tests import migrated
from tests.demo.test_running import RunningDemo

HERE = Path(__file__).parent
CLIENTS = {
    "python": (sys.executable, "shop.py"),
    "xml": (sys.executable, "shop_xml.py"),
    "node": ("node", "shop.mjs"),
    "php": ("php", "shop.php"),
}
REFUSED = {"/ShopId": "unknown-shop"}
MODULES = {"php": ("-m", "curl"), "node": ("--version", "v")}


def why_not(language: str) -> str:
    """Why a client cannot run here; "" when it can."""
    program = CLIENTS[language][0]
    if not shutil.which(program):
        return f"{program} is not installed here"
    arguments, word = MODULES.get(language, ("--version", ""))
    said = subprocess.run([program, arguments], capture_output=True, text=True, check=True).stdout
    if word not in said or (language == "node" and int(said[1:].partition(".")[0]) < 18):
        return f"this {program} has no {'curl' if language == 'php' else 'fetch'}"
    return ""


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[RunningDemo]:
    folder = tmp_path / "demo"
    folder.mkdir()
    migrated.copy_sqlite(folder / "portal.sqlite3")
    running = RunningDemo(folder, "--quiet-shop")
    assert running.output()[-1].startswith("READY")
    yield running
    running.stop()
    assert running.process.stdout
    running.process.stdout.close()


def call(demo: RunningDemo, language: str, what: str, argument: str) -> Any:
    program, script = CLIENTS[language]
    arguments = [program, str(HERE / script), demo.portal, NORDLYS_KEY, what, argument]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, (language, what, done.stdout, done.stderr)
    return json.loads(done.stdout)


def shop_works_on(demo: RunningDemo, order_nos: list[str]) -> None:
    """In the environment of one of the demo's parts."""
    part = Path(f"/proc/{demo.processes()[-1]}/environ").read_bytes()
    environment = dict(entry.split("=", 1) for entry in part.decode().split("\0") if entry)
    arguments = [sys.executable, "-m", "tests.clients.shop_floor", *order_nos]
    subprocess.run(arguments, env=environment, cwd=ROOT, check=True, timeout=120)


@pytest.mark.slow
def test_web_shops_in_four_languages_order_change_follow_and_refund(demo: RunningDemo) -> None:
    missing = {language: why_not(language) for language in CLIENTS}
    languages = [language for language in CLIENTS if not missing[language]]
    order_no = {language: f"Ø {language}/1" for language in languages}
    for language in languages:
        placed = call(demo, language, "place", order_no[language])
        assert placed == {
            "stored": [True, True],
            "changed": True,
            "refused": REFUSED,
            "notes": [None, "Gave"],
        }, language

    first = {language: call(demo, language, "follow", "") for language in languages}
    everything = {number: ["Reserved", "Reserved"] for number in order_no.values()}
    assert [first[language]["orders"] for language in languages] == [everything] * len(languages)

    shop_works_on(demo, list(order_no.values()))

    for language in languages:
        cursor = first[language]["cursor"]
        now = call(demo, language, "follow", cursor)
        assert now["orders"] == {number: ["Returned", "Delivered"] for number in order_no.values()}, language
        refund = call(demo, language, "refund", order_no[language])
        assert refund == {"amounts": [1299.95], "states": ["Refunded"]}, language
        assert call(demo, language, "follow", now["cursor"])["orders"] == {}, language

    reasons = [reason for reason in missing.values() if reason]
    if reasons:
        pytest.skip(f"All others passed, but {', '.join(reasons)}.")
