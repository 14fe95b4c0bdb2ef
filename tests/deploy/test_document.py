"""docs/OPERATING.md names every setting once, and no command, unit or chapter that is not there."""

import re
from collections.abc import Iterable, Iterator

from django.core.management import get_commands

from operating.checking import all_checks
from tests.deploy.units import DEPLOY, ROOT, settings_read

DOCUMENT = (ROOT / "docs/OPERATING.md").read_text()
UNIT_FILES = {path.name for path in (DEPLOY / "systemd").iterdir()}
COMMANDS = set(get_commands())


def rows_of(text: str) -> list[str]:
    """The settings of the table."""
    return re.findall(r"^\| `([A-Z_]+)` \|", text, re.MULTILINE)


def unknown_commands(text: str) -> Iterator[str]:
    """Of manage.py."""
    named = re.findall(r"(?:^|`|-- )portal ([a-z_]+)", text, re.MULTILINE) + re.findall(
        r"manage\.py ([a-z_]+)", text
    )
    yield from (name for name in named if name not in COMMANDS)


def unknown_units(text: str) -> Iterator[str]:
    """Of deploy/systemd, with or without their instance and what kind they are."""
    for name, instance, kind in re.findall(r"\b(portal(?:-(?!v\d)[a-z]+)+)(@\d*)?(\.[a-z]+)?", text):
        file = f"{name}{'@' if instance else ''}{kind or '.service'}"
        if file not in UNIT_FILES:
            yield file


def chapters(text: str) -> set[str]:
    """As a link names them."""
    return {
        re.sub(r"[^a-z0-9 -]", "", one.lower()).replace(" ", "-")
        for one in re.findall(r"^## (.+)$", text, re.M)
    }


def unknown_links(text: str, there: Iterable[str]) -> set[str]:
    """To a chapter."""
    return set(re.findall(r"\]\(#([a-z-0-9]+)\)", text)) - set(there)


def test_every_setting_has_its_row() -> None:
    rows = rows_of(DOCUMENT.partition("\n## Settings\n")[2].partition("\n## ")[0])
    assert sorted(rows) == sorted(settings_read())


def test_what_it_names_is_there() -> None:
    assert list(unknown_commands(DOCUMENT)) == []
    assert list(unknown_units(DOCUMENT)) == []
    assert unknown_links(DOCUMENT, chapters(DOCUMENT)) == set()
    only = set(re.findall(r"portal_check --only (\w+)", DOCUMENT))
    assert only <= set(all_checks())
    assert len(only) > 2


def test_what_is_not_there_is_named() -> None:
    planted = "`portal portal_chek`, manage.py fly, portal-web@8001 and portal-cron.timer, [a](#nowhere)"
    assert list(unknown_commands(planted)) == ["portal_chek", "fly"]
    assert list(unknown_units(planted)) == ["portal-cron.timer"]
    assert unknown_links(planted, {"sizing"}) == {"nowhere"}
    assert rows_of("| `DEBUG` | x |\n| else |") == ["DEBUG"]


def test_it_installs_what_the_set_up_installs() -> None:
    setup = (ROOT / "bin/_setup").read_text()
    [uv] = re.findall(r"^UV_VERSION=(\S+)$", setup, re.MULTILINE)
    assert set(re.findall(r"uv==([\d.]+)", DOCUMENT)) == {uv}
    for library in re.findall(r"apt_install (libpango\S+) (\S+)", setup)[0]:
        assert library in DOCUMENT
