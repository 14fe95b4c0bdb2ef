"""The glossary names each thing once, and the Danish screens use its words."""

import gettext
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GLOSSARY = ROOT / "docs/GLOSSARY.md"
ROW = re.compile(r"^\| (?P<english>[^|]+?) \| (?P<danish>[^|]+?) \| [^|]+ \|$", re.MULTILINE)
BETWEEN_WORDS = re.compile(r", | / | \(|\)")


def rows_of(text: str) -> list[tuple[list[str], set[str]]]:
    """The English words of each row and the Danish ones that it allows, in small letters."""
    _heading, _line, *rows = ROW.findall(text)
    return [(_words(english), set(_words(danish))) for english, danish in rows]


def _words(cell: str) -> list[str]:
    return [word.lower() for word in BETWEEN_WORDS.split(cell) if word]


def danish_on_screens() -> dict[str, set[str]]:
    """What each English text of the catalogue is in Danish, both in small letters; singular forms."""
    with (ROOT / "locale/da/LC_MESSAGES/django.mo").open("rb") as file:
        catalogue = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    found = defaultdict(set)
    for key, danish in catalogue.items():
        english, form = key if isinstance(key, tuple) else (key, 0)
        if form == 0:
            found[english.rpartition("\x04")[2].lower()].add(danish.lower())
    return found


def otherwise_on_screens(
    rows: Iterable[tuple[list[str], set[str]]], screens: dict[str, set[str]]
) -> Iterator[str]:
    """The words that screens say otherwise than the glossary."""
    for english, danish in rows:
        for word in english:
            for said in sorted(screens.get(word, set()) - danish):
                yield f"{word}: {said}"


def test_each_thing_has_one_row() -> None:
    counted = Counter(word for english, _danish in rows_of(GLOSSARY.read_text()) for word in english)
    assert len(counted) > 60
    assert [word for word, count in counted.items() if count > 1] == []


def test_screens_use_the_danish_words_of_the_glossary() -> None:
    screens = danish_on_screens()
    rows = rows_of(GLOSSARY.read_text())
    assert len([english for english, _danish in rows if screens.get(english[0])]) > 30
    assert list(otherwise_on_screens(rows, screens)) == []


def test_a_screen_with_another_word_is_named() -> None:
    rows = rows_of("| English | Danish | what |\n| --- | --- | --- |\n| Pick | plukke (pluk) | find |\n")
    assert list(otherwise_on_screens(rows, {"pick": {"pluk", "hent"}})) == ["pick: hent"]
