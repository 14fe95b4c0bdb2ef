"""The version has one home, and everybody who watches an installation can ask for it."""

import re
import tomllib
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from config.env import ROOT
from config.version import commit_in, version_in

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def test_the_version_is_the_projects(client: Client, settings: Settings) -> None:
    settings.COMMIT = ""
    answer = client.get("/version")
    assert (answer.status_code, answer.json()) == (200, {"version": PROJECT["version"], "commit": None})


def test_a_commit_that_is_known_is_named(client: Client, settings: Settings) -> None:
    settings.COMMIT = "ea3906a"
    assert client.get("/version").json() == {"version": PROJECT["version"], "commit": "ea3906a"}


@pytest.mark.parametrize(("written", "read"), [(None, ""), ("ea3906a\n", "ea3906a")])
def test_who_installs_it_may_write_the_commit_into_a_file(
    tmp_path: Path, written: str | None, read: str
) -> None:
    if written is not None:
        (tmp_path / "COMMIT").write_text(written)
    assert commit_in(tmp_path) == read


def test_the_number_is_read_from_pyproject(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "7.1.3"\n')
    assert version_in(tmp_path) == "7.1.3"


def test_the_changelog_has_the_version_or_prepares_it() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text()
    headings = re.findall(r"^## \[(.+?)\](?: - \d{4}-\d{2}-\d{2})?$", changelog, re.MULTILINE)
    assert headings[0] == "Unreleased"
    released = [tuple(map(int, number.split("."))) for number in headings[1:]]
    assert released == sorted(released, reverse=True)
    assert tuple(map(int, PROJECT["version"].split("."))) >= released[0]
