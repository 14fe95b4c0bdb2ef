"""The style sheets: drawn with tokens, by classes that exist, and each kind of page with its own files."""

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest
from django.conf import settings

from pos.tablet_views import GROUND, MAIN

ROOT = Path(__file__).resolve().parent.parent
STATIC, TEMPLATES = ROOT / "static", ROOT / "templates"
APPS = [ROOT / app for app in settings.INSTALLED_APPS if (ROOT / app).is_dir()]

COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
RULE = re.compile(r"([^{};]+)\{([^{}]*)\}")
CLASS = re.compile(r"\.([a-zA-Z][\w-]*)")
TOKEN = re.compile(r"var\((--[\w-]+)\)")
CLASS_ATTRIBUTE = re.compile(r'class="((?:[^"{]|\{%.*?%\}|\{\{.*?\}\})*)"')
TEMPLATE_TAG = re.compile(r"\{%.*?%\}|[\w-]*\{\{.*?\}\}[\w-]*")
NAME = re.compile(r"(?<![\w-])[a-zA-Z][\w-]*(?![\w-])")

RAW_COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl|oklch)a?\(")
RAW_LENGTH = re.compile(r"(?<![\w.-])-?(\d+(?:\.\d+)?)(px|pt|r?em)\b")
LINE = 3  # px: up to here it is the width of a line, from 100 that of a column
COLUMN = 100
WIDTHS = {"width", "min-width", "max-width", "flex", "flex-basis", "columns", "grid-template-columns"}
MAY_BE_RAW = {
    ("h1", "letter-spacing"): "follows the letters",
    ("svg", "vertical-align"): "follows the letters",
    (".chart text", "font-size"): "a unit of the drawing, not of the screen",
    (".chart .week + .told", "font-size"): "a unit of the drawing, not of the screen",
    ("body", "font-size"): "paper is measured in points",
}
GIVEN_BY_OTHERS = {"htmx-request"}  # htmx sets it


def rules_of(css: str) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Each selector with its declarations; what stands around it (layers, media) is passed over."""
    for selector, body in RULE.findall(COMMENT.sub("", css)):
        declarations = [part.partition(":") for part in body.split(";") if part.strip()]
        yield " ".join(selector.split()), [(name.strip(), value.strip()) for name, _, value in declarations]


def raw_values(css: str) -> list[str]:
    """What is drawn with something else than a token."""
    return [
        f"{selector} {{ {name}: {value} }}"
        for selector, declarations in rules_of(css)
        for name, value in declarations
        if not name.startswith("--") and (selector, name) not in MAY_BE_RAW and _is_raw(name, value)
    ]


def _is_raw(name: str, value: str) -> bool:
    if RAW_COLOUR.search(value):
        return True
    if name in WIDTHS:
        return False
    lengths = [(float(number), unit) for number, unit in RAW_LENGTH.findall(value)]
    return any(unit != "px" or LINE < number < COLUMN for number, unit in lengths)


def style_sheets() -> dict[str, str]:
    """By their names as the pages say them; the style of paper stands beside its templates."""
    return {str(path.relative_to(STATIC)): path.read_text() for path in sorted(STATIC.rglob("*.css"))}


def test_everything_is_drawn_with_tokens() -> None:
    assert {name: found for name, css in style_sheets().items() if (found := raw_values(css))} == {}


def test_what_may_be_raw_still_is() -> None:
    said = {
        (selector, name)
        for css in style_sheets().values()
        for selector, declarations in rules_of(css)
        for name, value in declarations
        if _is_raw(name, value)
    }
    assert set(MAY_BE_RAW) - said == set()


@pytest.mark.parametrize(
    "rule",
    [
        ".card { color: #fff }",
        ".card { border: 1px solid rgb(0 0 0 / 10%) }",
        ".card { padding: 0 12px }",
        ".card { margin-left: -8px }",
        ".card { font-size: 0.875em }",
        "@media (min-width: 600px) { .card { gap: 6px } }",
    ],
)
def test_a_raw_value_is_seen(rule: str) -> None:
    assert len(raw_values(rule)) == 1


@pytest.mark.parametrize(
    "rule", [":root { --a: 12px }", "p { margin: 0 }", "p { border: 2px solid var(--a) }"]
)
def test_tokens_lines_and_nothing_are_not_raw(rule: str) -> None:
    assert raw_values(rule) == []


def test_each_token_exists_and_is_used() -> None:
    css = COMMENT.sub("", "".join(style_sheets().values()))
    names = {name for _selector, declared in rules_of(css) for name, _value in declared}
    tokens = {name for name in names if name.startswith("--")}
    used = set(TOKEN.findall(css))
    assert len(tokens) > 40
    assert (used - tokens, tokens - used) == (set(), set())


def test_what_browsers_are_told_of_colours_is_what_the_style_says() -> None:
    root = next(
        dict(declared)
        for selector, declared in rules_of(style_sheets()["core/base.css"])
        if selector == ":root"
    )
    assert (root["--ground"], root["--main"]) == (GROUND, MAIN)
    assert f'<meta name="theme-color" content="{MAIN}">' in (TEMPLATES / "base_pos.html").read_text()


def classes_of(css: str) -> set[str]:
    """All that its selectors name."""
    return {name for selector, _declared in rules_of(css) for name in CLASS.findall(selector)}


def classes_given(template: str) -> set[str]:
    """What stands in its class attributes; of a class that is put together nothing."""
    attributes = CLASS_ATTRIBUTE.findall(template)
    return {name for attribute in attributes for name in NAME.findall(TEMPLATE_TAG.sub(" ", attribute))}


def test_each_class_of_the_style_is_given_to_something() -> None:
    given = set(chain.from_iterable(classes_given(text) for text in _texts(TEMPLATES, "*.html")))
    said = "".join(chain(_texts(STATIC, "*.js"), *(_texts(app, "*.py") for app in APPS)))
    dead = {
        name: [found for found in sorted(classes_of(css) - given - GIVEN_BY_OTHERS) if not _says(said, found)]
        for name, css in style_sheets().items()
    }
    assert {name: found for name, found in dead.items() if found} == {}


def _says(text: str, name: str) -> bool:
    """Also as a value of which a template makes the class: `in_flight`, or `person` of `by-{{ who }}`."""
    value = re.escape(name.removeprefix("by-")).replace(r"\-", "[-_ ]")
    return re.search(rf"(?<![\w-]){value}(?![\w-])", text) is not None


def test_each_class_of_a_page_is_drawn_looked_for_or_tested() -> None:
    styles = set(
        chain.from_iterable(map(classes_of, [*_texts(STATIC, "*.css"), *_texts(TEMPLATES, "*.css")]))
    )
    looked_for = set(CLASS.findall("".join(chain(_texts(STATIC, "*.js"), _texts(ROOT / "tests", "*.py")))))
    assert len(styles) > 200
    unknown = {
        str(path.relative_to(TEMPLATES)): sorted(found)
        for path in TEMPLATES.rglob("*.html")
        if (found := classes_given(path.read_text()) - styles - looked_for)
    }
    assert unknown == {}


def test_classes_are_read_as_they_stand() -> None:
    source = '<p class="card {% if late %}late{% endif %} {{ kind }} by-{{ who }}">'
    assert classes_given(source) == {"card", "late"}
    assert classes_of("/* .not */ @layer x { .card > a.main:has(.late) { margin: 0.5px } }") == {
        "card",
        "main",
        "late",
    }


def _texts(folder: Path, pattern: str) -> list[str]:
    return [path.read_text() for path in sorted(folder.rglob(pattern))]
