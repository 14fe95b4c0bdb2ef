"""No module claims rows by itself: core/leases.py alone decides who holds a row.

The rule is a function over source text; it is run over the portal, and over each way in which rows were
claimed before there were leases.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps

from core.leases import Leased

ROOT = Path(__file__).resolve().parent.parent
LEASES = ROOT / "core" / "leases.py"
COLUMNS = {field.name for field in Leased._meta.local_fields}
# Columns by which a claim is usually written by hand.
BY_NAME = re.compile(r"(claim|lock|lease|alive|heartbeat|worker)\w*_(at|by|until|since|on)")
OLDER = ("lt", "lte")


def sources() -> Iterator[Path]:
    """All that runs in an installation; old names stay in migrations."""
    packages = {Path(config.path) for config in apps.get_app_configs()} | {ROOT / "config"}
    for package in packages:
        if package.is_relative_to(ROOT) and not package.is_relative_to(ROOT / ".venv"):
            yield from (path for path in package.rglob("*.py") if "migrations" not in path.parts)


def claims(source: str) -> set[str]:
    """Columns by which this module decides who has a row."""
    tree = ast.parse(source)
    named = {name for name in _column_names(tree) if name in COLUMNS or BY_NAME.fullmatch(name)}
    by_age = _compared_with_a_while_ago(tree) & _set_by_who_is_first(tree)
    return named | by_age | set(_replaced_when_over(tree))


def _column_names(tree: ast.AST) -> Iterator[str]:
    """Names of keywords and attributes, and of columns that are declared or named in a string."""
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg:
            yield node.arg.split("__")[0]
        elif isinstance(node, ast.Attribute) and id(node) not in called:
            yield node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value.lstrip("-").split("__")[0]
        elif isinstance(node, ast.Assign) and _is_a_field(node.value):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def _is_a_field(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and ast.unparse(value.func).startswith("models.")


def _compared_with_a_while_ago(tree: ast.AST) -> set[str]:
    """`column__lt=now - SOME_TIME`."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg and isinstance(node.value, ast.BinOp):
            column, _, lookup = node.arg.partition("__")
            if lookup in OLDER and isinstance(node.value.op, ast.Sub):
                found.add(column)
    return found


def _replaced_when_over(tree: ast.AST) -> Iterator[str]:
    """`won = rows.filter(column__lt=now).update(column=…)`: only one of several has found it as it was."""
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call) or id(call) in alone or not isinstance(call.func, ast.Attribute):
            continue
        if call.func.attr == "update":
            found = (one.arg for one in ast.walk(call.func.value) if isinstance(one, ast.keyword) and one.arg)
            parts = [name.partition("__") for name in found]
            over = {column for column, _, lookup in parts if lookup in OLDER}
            yield from over & {keyword.arg for keyword in call.keywords if keyword.arg}


def _set_by_who_is_first(tree: ast.AST) -> set[str]:
    """`if rows.update(column=…)`: whoever asks how many rows it was wants to know who was first."""
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return {
        keyword.arg
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and id(node) not in alone
        if isinstance(node.func, ast.Attribute) and node.func.attr == "update"
        for keyword in node.keywords
        if keyword.arg
    }


def test_no_module_claims_rows_by_hand() -> None:
    found = {str(path.relative_to(ROOT)): claims(path.read_text()) for path in sources() if path != LEASES}
    assert len(found) > 300
    assert {path: names for path, names in found.items() if names} == {}
    assert claims(LEASES.read_text()) == COLUMNS


PLANTED = {
    "free for whoever is first": "free = Q(claimed_at=None) | Q(claimed_at__lte=now - LONGEST_RUN)",
    "taken": "if not Counting.objects.filter(pk=pk).update(claimed_at=now): return",
    "mine by the moment": "Posting.objects.filter(pk=posting.pk, claimed_at=posting.claimed_at)",
    "a column of its own": "class Row(models.Model):\n    locked_until = models.DateTimeField(null=True)",
    "by a name in a string": "Row.objects.order_by('-claimed_at__date')",
    "the lease itself": "Posting.objects.filter(leased_until__lt=timezone.now())",
    "the token itself": "rows.filter(lease=posting.lease).update(state=SENT)",
    "a sign of life": "Export.objects.filter(state=AT_WORK, alive_at__lt=now - MINUTE)",
}


@pytest.mark.parametrize("planted", PLANTED.values(), ids=PLANTED.keys())
def test_a_claim_that_is_written_by_hand_is_named(planted: str) -> None:
    assert claims(planted)


def test_a_claim_under_another_name_is_named_too() -> None:
    planted = """
def take(pk, now):
    free = Q(started_at=None) | Q(started_at__lt=now - LONGEST_RUN)
    return bool(Run.objects.filter(free, pk=pk).update(started_at=now))
"""
    assert claims(planted) == {"started_at"}
    only_noted = planted.replace("return bool(", "(")
    assert claims(only_noted) == set()


def test_a_claim_until_a_moment_is_named_too() -> None:
    planted = "won = Mail.objects.filter(pk=pk, busy_until__lt=now).update(busy_until=now + SHORT) == 1"
    assert claims(planted) == {"busy_until"}
    assert claims(planted.removeprefix("won = ").removesuffix(" == 1")) == set()
