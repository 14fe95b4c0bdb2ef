"""Style and scripts of an installation: collected once, compressed, and kept by browsers for ever."""

import gzip
import http.client
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import Client, override_settings
from pytest_django import Settings

from core import static_files
from tests.demo.processes import happens
from tests.pos.tablets import HOST, ServedApart


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with what `manage.py collectstatic` makes."""
    root = tmp_path_factory.mktemp("static")
    with override_settings(STATIC_ROOT=root):
        call_command("collectstatic", interactive=False, verbosity=0)
    yield root
    shutil.rmtree(root)


@pytest.fixture
def sources(settings: Settings) -> None:
    """As where nothing is collected: other tests need no files, and look for none."""
    settings.WHITENOISE_USE_FINDERS = True


def fetch(port: int, path: str) -> tuple[http.client.HTTPResponse, bytes]:
    """The answer, which is read, and its body."""
    connection = http.client.HTTPConnection(HOST, port, timeout=20)
    connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer, body


@pytest.mark.slow
@pytest.mark.any_database
@pytest.mark.django_db(transaction=True)
def test_what_is_collected_is_kept_for_ever(collected: Path) -> None:
    with ServedApart({"STATIC_ROOT": str(collected)}) as portal:
        assert happens(portal.listens)
        page, body = fetch(portal.port, "/login/")
        assert page.headers["Content-Encoding"] == "gzip"
        hrefs = re.findall(r'/static/[^"]+', gzip.decompress(body).decode())
        assert [re.sub(r"\.[0-9a-f]{12}\.", ".", href) for href in hrefs if "base" in href] == [
            "/static/core/base.css"
        ]
        for href in hrefs:
            answer, body = fetch(portal.port, href)
            assert answer.headers["Cache-Control"] == "max-age=315360000, public, immutable", href
            if href.endswith(".css"):
                assert answer.headers["Content-Encoding"] == "gzip"
                assert gzip.decompress(body) == (collected / href.removeprefix("/static/")).read_bytes()
        for path in ("/pos/sw.js", "/pos/offline/", "/pos/manifest.webmanifest"):
            assert fetch(portal.port, path)[0].status == 200, path
        # The page of an error knows no names with a hash.
        plain, body = fetch(portal.port, "/static/core/base.css")
        assert (plain.status, plain.headers["Cache-Control"]) == (200, "max-age=60, public")
        portal.terminate()
        _code, said = portal.ended(20)
    assert "Warning" not in said
    assert "WARNING" not in said


@pytest.mark.slow
def test_every_file_that_a_template_names_is_collected(collected: Path) -> None:
    there = json.loads((collected / "staticfiles.json").read_text())["paths"]
    named = {
        name
        for template in Path("templates").rglob("*.*")
        for name in re.findall(r"{% static ['\"]([^'\"]*)['\"]", template.read_text())
    }
    assert len(named) > 20
    assert named - there.keys() == set()


@pytest.mark.slow
def test_a_script_is_imported_under_one_name(collected: Path) -> None:
    """Else it would run twice, and each of the two would have its own state."""
    imports = re.compile(r"""(?:from|import)\s*\(?\s*["'](\.[^"']+)["']""")
    sources = {path.name: len(imports.findall(path.read_text())) for path in Path("static/pos").glob("*.js")}
    found = 0
    for path in (collected / "pos").glob("*.????????????.js"):
        names = imports.findall(path.read_text())
        for name in names:
            assert re.fullmatch(r"\./[a-z-]+\.[0-9a-f]{12}\.js", name), f"{path.name} imports {name}"
            assert (path.parent / name).is_file()
        found += len(names)
    assert found == sum(sources.values()) > 10


@pytest.mark.slow
def test_files_of_another_version_are_told(collected: Path, settings: Settings) -> None:
    settings.STATIC_ROOT = collected
    assert static_files.trouble() == ""
    sheet = collected / "core" / "base.css"
    was = sheet.read_bytes()
    sheet.write_bytes(was + b" ")
    assert "another version" in static_files.trouble()
    sheet.unlink()
    assert "another version" in static_files.trouble()
    sheet.write_bytes(was)
    settings.STATIC_ROOT = collected / "nothing"
    [said] = static_files.check_collected()
    assert "not collected" in said.msg


@pytest.mark.usefixtures("sources")
def test_without_collecting_they_are_served_from_their_sources(db: None, client: Client) -> None:
    assert '"/static/core/base.css"' in client.get("/login/").text
    answer = client.get("/static/core/base.css")
    found = finders.find("core/base.css")
    assert isinstance(found, str)
    assert (answer.status_code, answer.content) == (200, Path(found).read_bytes())
    assert answer["Cache-Control"] == "max-age=60, public"


@pytest.mark.slow
@pytest.mark.any_database
@pytest.mark.django_db(transaction=True)
def test_a_folder_with_nothing_in_it_is_not_served_instead(tmp_path: Path) -> None:
    with ServedApart({"STATIC_ROOT": str(tmp_path)}) as portal:
        assert happens(portal.listens)
        answer, _body = fetch(portal.port, "/static/core/base.css")
        assert answer.status == 200
        portal.terminate()
        _code, said = portal.ended(20)
    assert "The static files are not collected" in said


@pytest.mark.usefixtures("sources")
def test_text_is_compressed_and_nothing_else(db: None, client: Client) -> None:
    asked = {"accept-encoding": "gzip"}
    page = client.get("/login/", headers=asked)
    assert page["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in page["Vary"]
    assert gzip.decompress(page.content).startswith(b"<!doctype html>")
    # Random bytes, so that the length of a secret cannot be guessed at.
    assert len({len(client.get("/login/", headers=asked).content) for _each in range(20)}) > 1
    problem = client.get("/api/weborder/nothing", headers=asked)
    assert problem["Content-Type"] == "application/problem+json"
    assert problem.get("Content-Encoding") == ("gzip" if len(problem.content) > 199 else None)
    assert "Content-Encoding" not in client.get("/login/").headers
    icon = client.get("/static/core/icon-192.png", headers=asked)
    assert "Content-Encoding" not in icon.headers
