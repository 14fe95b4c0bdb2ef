"""Folders, modules, functions and settings that the documents name exist."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ARCHITECTURE = ROOT / "docs/ARCHITECTURE.md"
DOCUMENTS = sorted((*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")))
PATH = re.compile(r"`((?:[a-z_0-9-]+/)+(?:[\w.-]+\.(?:py|html|css|js|md|toml|yaml|po))?)(?: (\w+)\(\))?`")
LISTED = re.compile(r"^\| (`[^|]+`) \|", re.MULTILINE)
TOP = (
    "accounts",
    "config",
    "core",
    "ddd",
    "demo",
    "office",
    "operating",
    "orders",
    "pos",
    "returns",
    "workers",
)


def not_there(text: str) -> Iterator[str]:
    """Paths in backquotes that do not exist, and functions that are not in the module named before them."""
    for path, function in PATH.findall(text):
        place = ROOT / path
        if not place.exists():
            yield path
        elif function and function not in functions_of(place):
            yield f"{path} {function}()"


def functions_of(module: Path) -> set[str]:
    """The functions of the module, also those of its classes."""
    tree = ast.walk(ast.parse(module.read_text()))
    return {node.name for node in tree if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))}


def folders() -> set[str]:
    """Every folder of an app that holds modules, without migrations and what lies deeper than two steps."""
    found = set()
    for top in TOP:
        for module in (ROOT / top).rglob("*.py"):
            parts = module.relative_to(ROOT).parts[:-1][:2]
            if "migrations" not in parts:
                found |= {"/".join(parts) + "/", f"{top}/"}
    return found


def listed(text: str) -> list[str]:
    """The folders of the table."""
    return re.findall(r"`([a-z_/]+/)`", " ".join(LISTED.findall(text)))


def test_what_documents_name_is_there() -> None:
    assert {str(one.relative_to(ROOT)): list(not_there(one.read_text())) for one in DOCUMENTS} == {
        str(one.relative_to(ROOT)): [] for one in DOCUMENTS
    }


def test_each_folder_has_one_line() -> None:
    lines = listed(ARCHITECTURE.read_text())
    assert folders() - set(lines) == set()
    assert sorted(set(lines)) == sorted(lines)


def test_what_is_gone_is_named() -> None:
    text = "`orders/gone.py`, `orders/picking.py accept()`, `orders/picking.py fly()`, `pos/nowhere/`"
    assert list(not_there(text)) == ["orders/gone.py", "orders/picking.py fly()", "pos/nowhere/"]
    assert listed("| `pos/` | a |\n| `templates/`, `static/` | b |") == ["pos/", "templates/", "static/"]
