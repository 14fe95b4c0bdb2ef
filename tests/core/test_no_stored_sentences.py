"""No sentence is stored for people, and none is known again by its English: guards over all of the code."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from core.causes import AS_IT_IS, PLACEHOLDER, Cause, LocalValue, all_causes
from tests.test_translations import CATALOGUE, ROOT, folders_of_code
from tests.texts import FUNCTIONS, Text, calls_of, entries_of, files_of, missing_in

MAKERS = frozenset({"Cause", "LocalValue"})
ENTRIES = entries_of(CATALOGUE.read_text())
WORDS_OF_A_SENTENCE = 3


def code() -> list[Path]:
    """All that runs, but for migrations: they know what was stored before."""
    found = [path for folder in folders_of_code() for path in files_of(folder, ".py")]
    return [path for path in found if "migrations" not in path.parts]


def looked_up(source: str) -> Iterator[str]:
    """Where the catalogue is asked for something that is not written there, or a text is marked to be asked
    for later: only a stored text needs either."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and any(one.name.endswith("gettext_noop") for one in node.names):
            yield f"line {node.lineno}: gettext_noop"
    for call, kind in calls_of(tree):
        if not all(isinstance(argument, ast.Constant) for argument in call.args[: len(FUNCTIONS[kind])]):
            yield f"line {call.lineno}: {ast.unparse(call)}"


def written_otherwise(source: str, entries: Iterable[Text]) -> Iterator[str]:
    """Sentences of the catalogue, and their beginnings, that are written where nobody asks for their
    translation: they are stored, or what is stored is compared with them."""
    tree = ast.parse(source)
    asked = {id(argument) for call, _kind in calls_of(tree) for argument in call.args}
    sentences = {part for text in entries for part in (text.text, text.text.partition("%(")[0].strip())}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in asked:
            said = node.value.strip()
            if said in sentences and len(said.split()) >= WORDS_OF_A_SENTENCE:
                yield f"line {node.lineno}: {said}"


def made_in(source: str) -> Iterator[str]:
    """The codes of the causes that a module makes."""
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MAKERS):
            continue
        if isinstance(node.args[0], ast.Constant):
            yield str(node.args[0].value)


def without_danish(causes: Iterable[Cause]) -> list[str]:
    """Codes whose sentence nobody can read in Danish, or with other data there than in English."""
    return [
        cause.code
        for cause in causes
        if cause is not AS_IT_IS
        and not isinstance(cause, LocalValue)
        and (
            not isinstance(cause.sentence, Promise)
            or missing_in(ENTRIES, [Text(_in("en", cause))])
            or set(PLACEHOLDER.findall(_in("da", cause))) != set(PLACEHOLDER.findall(_in("en", cause)))
        )
    ]


def _in(language: str, cause: Cause) -> str:
    with translation.override(language):
        return str(cause.sentence)


def found_in_code(look: object) -> dict[str, list[str]]:
    """What such a look finds, by file."""
    assert callable(look)
    found = {str(path.relative_to(ROOT)): list(look(path.read_text())) for path in code()}
    return {path: faults for path, faults in found.items() if faults}


def test_nothing_stored_is_looked_up_in_the_catalogue() -> None:
    assert found_in_code(looked_up) == {}


def test_no_sentence_is_stored_or_compared_with_what_is_stored() -> None:
    assert found_in_code(lambda source: written_otherwise(source, ENTRIES)) == {}


def test_old_sentences_are_known_again_in_migrations_alone() -> None:
    users = [
        path for path in code() if "old_sentences" in path.read_text() and path.name != "old_sentences.py"
    ]
    assert users == []


def test_every_cause_can_be_read_in_danish() -> None:
    ours = [cause for code, cause in all_causes().items() if not code.startswith("test-")]
    assert len(ours) > 100
    assert without_danish(ours) == []


def test_whoever_reads_rows_knows_every_cause() -> None:
    """A worker that never calls DdD, or a shell, has loaded them all."""
    made = {cause for path in code() for cause in made_in(path.read_text())}
    script = "import django; django.setup(); from core.causes import all_causes; print(*all_causes())"
    python = [sys.executable, "-c", script]
    known = subprocess.run(python, cwd=ROOT, env={**os.environ}, capture_output=True, text=True, check=True)
    assert len(made) > 100
    assert made - set(known.stdout.split()) == set()


# Planted: what each of them must find


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("from django.utils.translation import gettext as _\nx = _(stored)", "line 2: _(stored)"),
        ("from django.utils.translation import gettext_lazy\ngettext_lazy(row.why)", "gettext_lazy(row.why)"),
        ("from django.utils.translation import gettext_noop\n", "line 1: gettext_noop"),
    ],
)
def test_a_planted_look_into_the_catalogue_is_named(source: str, fault: str) -> None:
    (found,) = looked_up(source)
    assert found.endswith(fault)


@pytest.mark.parametrize(
    "source",
    [
        "rows.update(reason='The worker stopped while it was sending.')",
        "if row.reason == 'The worker stopped while it was sending.': pass",
        "WORDS = ('DdD turned us away with ', 'x')",
        "import re\nre.match('The mail server refused it: ', row.reason)",
    ],
)
def test_a_planted_sentence_is_named(source: str) -> None:
    entries = [*ENTRIES, Text("The mail server refused it: %(said)s")]
    assert len(list(written_otherwise(source, entries))) == 1
    asked = (
        "from django.utils.translation import gettext as _\nx = _('The worker stopped while it was sending.')"
    )
    assert list(written_otherwise(asked, entries)) == []


def test_a_planted_cause_without_danish_is_named() -> None:
    plain = Cause("test-plain", "Nobody has translated this.")
    unknown = Cause("test-unknown", gettext_lazy("Nobody has translated that."))
    known = Cause("test-known", gettext_lazy("Not needed any more."))
    assert without_danish([plain, unknown, known]) == ["test-plain", "test-unknown"]


def test_a_planted_cause_is_seen_where_it_is_made() -> None:
    assert list(made_in("X = Cause('planted', _('x'))\nY = LocalValue('local', str)")) == ["planted", "local"]
