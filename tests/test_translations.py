"""Every text that a person can see has its Danish, and the compiled catalogue is the one that is read."""

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
APPS = ("core", "accounts", "ddd", "orders", "pos", "returns", "config")
CALLS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy"}
IN_TEMPLATE = re.compile(r"""\b(?:gettext|ngettext)\(u?(?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""")


def texts_of_code(source: str) -> Iterator[str]:
    """The first argument of each call that asks for a translation."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value


def texts_of_template(source: str) -> Iterator[str]:
    """The texts of `translate` and `blocktranslate`."""
    for found in IN_TEMPLATE.finditer(templatize(source)):
        yield ast.literal_eval(found["text"])


def all_texts() -> set[str]:
    """Everything that can be on a screen, in a document or in an error."""
    code = [path for app in APPS for path in (ROOT / app).rglob("*.py") if "sandbox" not in path.parts]
    found = {text for path in code for text in texts_of_code(path.read_text())}
    for path in (ROOT / "templates").rglob("*.html"):
        found |= set(texts_of_template(path.read_text()))
    return found


def test_every_text_is_in_the_danish_catalogue() -> None:
    with (ROOT / "locale/da/LC_MESSAGES/django.mo").open("rb") as file:
        catalogue = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    known = {key[0] if isinstance(key, tuple) else key for key in catalogue}
    texts = all_texts()
    assert len(texts) > 250
    assert sorted(texts - known) == []


def test_the_reader_sees_texts_in_code_and_in_templates() -> None:
    assert list(texts_of_code("x = _('Pick')\ny = ngettext('%d piece', '%d pieces', 2)")) == [
        "Pick",
        "%d piece",
    ]
    template = '{% load i18n %}{% translate "I have it" %}{% blocktranslate %}Paid{% endblocktranslate %}'
    assert list(texts_of_template(template)) == ["I have it", "Paid"]
