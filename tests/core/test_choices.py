"""Reasons stand in one table for each subject, and what is stored is called by its label in one way only."""

import ast
import gettext
from importlib import import_module
from typing import Any

import pytest
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from core.choices import Reason, Reasons, label_of, lazy_label_of
from office.models import BulkAction, MissingReport
from orders.cancel_reasons import CANCEL_REASONS
from orders.missing_reasons import MISSING_REASONS, claims_not_here, with_own
from orders.models import Line
from orders.states import Status
from returns.models import ReturnedPiece, ReturnReason
from returns.reasons import USUAL
from tests.test_architecture import ROOT, modules

# Of why a piece comes back the words are stored: head office may change its list.
COLUMNS = (
    (MISSING_REASONS.codes, Line, "missing_reason"),
    (MISSING_REASONS.codes, MissingReport, "reason"),
    (CANCEL_REASONS.codes, BulkAction, "reason"),
    ([str(reason.label) for reason in USUAL], ReturnReason, "words"),
    ([str(reason.label) for reason in USUAL], ReturnedPiece, "reason"),
)
LISTS = {"choices", "flatchoices"}


def tables() -> dict[str, Reasons[Reason]]:
    """Every table of reasons in the house, by where it stands."""
    found = {}
    for path in modules():
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, (ast.Assign, ast.AnnAssign)) and _makes_reasons(node.value):
                name = ast.unparse(node.target if isinstance(node, ast.AnnAssign) else node.targets[0])
                module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
                found[f"{module}.{name}"] = getattr(import_module(module), name)
    return found


def without_danish(reasons: Reasons[Reason]) -> list[str]:
    """The codes of those that a Danish reader would read in English, or in one language for ever."""
    with (ROOT / "locale/da/LC_MESSAGES/django.mo").open("rb") as file:
        catalogue = gettext.GNUTranslations(file)
    with translation.override("en"):
        english = {reason.code: str(reason.label) for reason in reasons if isinstance(reason.label, Promise)}
    # A fallback would be the English text itself: only the catalogue knows.
    known = catalogue._catalog  # type: ignore[attr-defined]
    return [code for code in reasons.codes if not known.get(english.get(code))]


def looked_up_otherwise(source: str) -> list[str]:
    """Where the source makes a table of labels of its own, which has none for an old or an unknown value."""
    return [
        ast.unparse(node)
        for node in ast.walk(ast.parse(source))
        if (isinstance(node, ast.Call) and _is_dict(node) and _names(node, LISTS))
        or (isinstance(node, ast.DictComp) and (_is_by_label(node) or _reads_choices(node)))
    ]


def test_each_reason_has_its_danish() -> None:
    found = tables()
    assert {"orders.missing_reasons.MISSING_REASONS", "orders.cancel_reasons.CANCEL_REASONS"} < found.keys()
    assert "returns.reasons.USUAL" in found
    assert {name: without_danish(reasons) for name, reasons in found.items()} == {name: [] for name in found}


def test_a_reason_without_its_danish_is_named() -> None:
    lent = Reason("lent out", gettext_lazy("Lent to a photographer"))
    assert without_danish(Reasons([*CANCEL_REASONS, lent, Reason("fixed", "Damaged")])) == [
        "lent out",
        "fixed",
    ]


@pytest.mark.parametrize(("stored", "model", "column"), COLUMNS)
def test_every_reason_fits_where_it_is_stored(stored: list[str], model: type[Line], column: str) -> None:
    field: Any = model._meta.get_field(column)
    longest = field.max_length
    assert longest
    assert [text for text in stored if not 0 < len(text) <= longest] == []


def test_labels_are_looked_up_in_one_way() -> None:
    paths = [path for path in modules() if path != ROOT / "core/choices.py"]
    found = {str(path.relative_to(ROOT)): looked_up_otherwise(path.read_text()) for path in paths}
    assert {path: lines for path, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "planted",
    [
        "dict(MISSING_REASONS.choices).get(code, code)",
        "dict([*Way.choices, *PaidBy.choices])",
        "dict(field.flatchoices)[value]",
        "{one.value: str(one.label) for one in Outcome}",
        "{value: label for value, label in CANCEL_REASONS.choices}",
    ],
)
def test_a_table_of_labels_beside_the_one_is_seen(planted: str) -> None:
    assert looked_up_otherwise(f"def words(code):\n    return {planted}")


def test_what_is_no_table_of_labels_is_let_by() -> None:
    assert looked_up_otherwise("choices = [(one.value, one.label) for one in Outcome]") == []
    assert looked_up_otherwise("field = {'choices': form.fields['kind'].choices}") == []
    assert looked_up_otherwise("roles = {one.shop.name: Role(one.role).label for one in mine}") == []


def test_a_stored_value_is_called_by_its_label_in_the_readers_language() -> None:
    with translation.override("da"):
        assert MISSING_REASONS.label_of("damaged") == "Beskadiget"
    with translation.override("en"):
        assert MISSING_REASONS.label_of("damaged") == "Damaged"
        assert label_of(Status.choices, Status.MISSING) == "Missing"


@pytest.mark.parametrize("old", ["lost in space", "In the window", "Damaged"])
def test_a_value_without_a_row_is_shown_as_it_is(old: str) -> None:
    assert MISSING_REASONS.of(old) is None
    assert MISSING_REASONS.label_of(old) == lazy_label_of(MISSING_REASONS.choices, old) == old
    assert not claims_not_here(old)


def test_nothing_stored_has_no_label() -> None:
    assert [MISSING_REASONS.label_of(nothing) for nothing in ("", None)] == ["", ""]


def test_a_code_stands_once() -> None:
    with pytest.raises(ValueError, match="A code stands twice"):
        Reasons([*MISSING_REASONS, Reason("sold", "Sold")])


def test_only_a_piece_that_should_be_there_claims_so() -> None:
    own = with_own(["In the window"])
    assert [reason.code for reason in own if reason.claims_not_here] == ["not found"]
    assert [claims_not_here(code) for code in ("not found", "sold", "In the window")] == [True, False, False]


def _makes_reasons(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "Reasons"


def _is_dict(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Name) and node.func.id == "dict"


def _names(node: ast.AST, names: set[str]) -> bool:
    return any(isinstance(part, ast.Attribute) and part.attr in names for part in ast.walk(node))


def _is_by_label(node: ast.DictComp) -> bool:
    named = {ast.unparse(part.value) for part in ast.walk(node.value) if isinstance(part, ast.Attribute)}
    return _names(node.value, {"label"}) and ast.unparse(node.key).removesuffix(".value") in named


def _reads_choices(node: ast.DictComp) -> bool:
    return any(_names(generator.iter, LISTS) for generator in node.generators)
