"""Every text that a person can see has its Danish, and the compiled catalogue is the one that is read."""

import gettext
from collections.abc import Iterable
from pathlib import Path

import pytest
from django.apps import apps

from tests.texts import (
    Text,
    compiled_of,
    entries_of,
    files_of,
    missing_in,
    texts_of_code,
    texts_of_script,
    texts_of_template,
)

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "locale/da/LC_MESSAGES/django.po"


def folders_of_code() -> list[Path]:
    """Our own apps, and what puts them together."""
    ours = [Path(app.path) for app in apps.get_app_configs() if Path(app.path).parent == ROOT]
    return [*ours, ROOT / "config"]


def texts_in(folders: Iterable[Path], templates: Path) -> set[Text]:
    """Everything of theirs that can be on a screen, in a document, in a mail or in an error."""
    code = [path for folder in folders for path in files_of(folder, ".py")]
    found = {text for path in code for text in texts_of_code(path.read_text())}
    shown = files_of(templates, ".html", ".txt", ".js", ".css")
    return found | {text for path in shown for text in texts_of_template(path.read_text())}


def all_texts() -> set[Text]:
    return texts_in(folders_of_code(), ROOT / "templates")


def test_every_text_is_in_the_danish_catalogue() -> None:
    assert missing_in(entries_of(CATALOGUE.read_text()), all_texts()) == []


def test_the_catalogue_has_nothing_that_nobody_asks_for() -> None:
    text = CATALOGUE.read_text()
    entries = entries_of(text)
    asked = {Text(text.text, text.context) for text in all_texts()}
    assert sorted(text for text in entries if Text(text.text, text.context) not in asked) == []
    assert "#~" not in text
    assert [text for text, entry in entries.items() if entry.fuzzy] == []


def test_the_compiled_catalogue_is_the_one_that_is_written() -> None:
    with CATALOGUE.with_suffix(".mo").open("rb") as file:
        read = dict(gettext.GNUTranslations(file)._catalog)  # type: ignore[attr-defined]
    read.pop("", None)
    assert read == compiled_of(entries_of(CATALOGUE.read_text()))


def test_no_script_has_a_text_of_its_own() -> None:
    """The page gives it what it shows: data attributes and templates, in the language of the person."""
    scripts = [*files_of(ROOT / "static", ".js"), *files_of(ROOT / "templates", ".js")]
    assert len(scripts) > 15
    found = {str(path.relative_to(ROOT)): list(texts_of_script(path.read_text())) for path in scripts}
    assert {path: texts for path, texts in found.items() if texts} == {}


# Planted: what each of them must find


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from django.utils.translation import gettext as _\nx = _('Planted')", Text("Planted")),
        ("from django.utils.translation import gettext_lazy\nx = gettext_lazy('Planted')", Text("Planted")),
        (
            "from django.utils.translation import gettext_noop as later\nx = later('Planted')",
            Text("Planted"),
        ),
        ("from django.utils import translation\nx = translation.gettext('Planted')", Text("Planted")),
        (
            "from django.utils.translation import pgettext_lazy\nx = pgettext_lazy('on a door', 'Planted')",
            Text("Planted", context="on a door"),
        ),
        (
            "from django.utils.translation import ngettext\ndef say(n):\n    ngettext('a tree', 'trees', n)",
            Text("a tree", plural="trees"),
        ),
        (
            "from django.utils.translation import npgettext as n\nx = n('park', 'a tree', 'trees', 2)",
            Text("a tree", context="park", plural="trees"),
        ),
    ],
)
def test_a_planted_text_of_code_is_named(source: str, found: Text) -> None:
    assert missing_in(entries_of(CATALOGUE.read_text()), texts_of_code(source)) == [found]


def test_every_app_of_ours_is_read() -> None:
    """Found by what Django has installed; checked by what lies in the folder."""
    assert {path.parent for path in ROOT.glob("*/apps.py")} | {ROOT / "config"} <= set(folders_of_code())


def test_a_planted_text_is_named_wherever_it_lies(tmp_path: Path) -> None:
    planted = {
        "office/listing/planted.py": "from django.utils.translation import gettext\ngettext('Planted A')",
        "templates/office/planted.html": "{% load i18n %}{% translate 'Planted B' %}",
        "templates/mails/planted.txt": "{% load i18n %}{% blocktranslate %}Planted C{% endblocktranslate %}",
        "templates/pos/planted.js": "{% load i18n %}// {% translate 'Planted D' %}",
    }
    for name, text in planted.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    texts = texts_in([tmp_path / "office"], tmp_path / "templates")
    assert missing_in(entries_of(CATALOGUE.read_text()), texts) == [Text(f"Planted {one}") for one in "ABCD"]


@pytest.mark.parametrize("written", ['_(f"{count} pieces")', '_("one " + "two")', 'ngettext("a", f"b", 2)'])
def test_a_text_that_no_catalogue_can_have_is_refused(written: str) -> None:
    imports = (
        "from django.utils.translation import gettext as _\nfrom django.utils.translation import ngettext\n"
    )
    with pytest.raises(ValueError, match="line 3: a text for the catalogue must be written in one piece"):
        list(texts_of_code(imports + written))


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('{% translate "Planted" %}', Text("Planted")),
        ('{% translate "Planted" context "on a door" as x %}', Text("Planted", context="on a door")),
        ('{% include "a.html" with label=_("Planted") %}', Text("Planted")),
        ("{% blocktranslate trimmed %}\n Planted\n here{% endblocktranslate %}", Text("Planted here")),
        (
            "{% blocktranslate context 'park' count n=2 %}a tree{% plural %}trees{% endblocktranslate %}",
            Text("a tree", context="park", plural="trees"),
        ),
    ],
)
def test_a_planted_text_of_a_template_is_named(source: str, found: Text) -> None:
    texts = list(texts_of_template("{% load i18n %}" + source))
    assert missing_in(entries_of(CATALOGUE.read_text()), texts) == [found]


@pytest.mark.parametrize(
    "source",
    [
        'box.textContent = "Planted";',
        "box.title = name ?? 'Planted';",
        'box.setAttribute("aria-label", "Planted");',
        "if (confirm('Planted')) go();",
        "const said = gettext('Planted');",
        'const WHY = "Planted where nobody looks";',
        "const say = (n) => `Planted ${n} times`;",
        "list.append(`${count} planted`);",
        'const clean = text.replace(/"/g, ""); box.innerText = "Planted";',
    ],
)
def test_a_planted_text_of_a_script_is_named(source: str) -> None:
    assert ["lanted" in text for text in texts_of_script(source)] == [True]


@pytest.mark.parametrize(
    "source",
    [
        '// "Planted in a comment"',
        '/* box.textContent = "Planted"; */',
        'page.querySelector("#refusal-text span")?.textContent.trim();',
        'fetch(url, { headers: { "HX-Request": "true", Accept: "text/html" } });',
        'if (event.key === "Escape") box.textContent = "";',
        "place.textContent = place.dataset[what];",
        "row.textContent = [tap.piece, tap.name].join(' · ');",
        'form.setAttribute("aria-busy", "true");',
    ],
)
def test_what_a_script_does_not_show_is_no_text(source: str) -> None:
    assert list(texts_of_script(source)) == []


def test_faults_of_a_catalogue_are_named() -> None:
    whole = 'msgid "A"\nmsgstr "B"\n\nmsgctxt "door"\nmsgid "A"\nmsgstr "C"\n\nmsgid "one"\n'
    whole += 'msgid_plural "many"\nmsgstr[0] "en"\nmsgstr[1] "mange"\n'
    texts = [Text("A"), Text("A", "door"), Text("one"), Text("one", plural="many")]
    assert missing_in(entries_of(whole), texts) == []
    assert compiled_of(entries_of(whole)) == {
        "A": "B",
        "door\x04A": "C",
        ("one", 0): "en",
        ("one", 1): "mange",
    }
    assert missing_in(entries_of(whole), [Text("A", "window"), Text("A", plural="As")]) == [
        Text("A", plural="As"),
        Text("A", "window"),
    ]
    fuzzy = entries_of("#, fuzzy\n" + whole)
    assert (fuzzy[Text("A")].fuzzy, missing_in(fuzzy, texts)) == (True, [Text("A")])
    empty = entries_of(whole.replace('"mange"', '""'))
    assert missing_in(empty, texts) == [Text("one"), Text("one", plural="many")]
    with pytest.raises(ValueError, match="stands there twice"):
        entries_of(whole + "\n" + whole)
