"""The role of each module, recognised by its name, and the import-linter contract that enforces it.

Inside an app: rules <- models <- verbs <- entry points <- urls. `lint-imports` reads the contract from
pyproject.toml, `tests/test_architecture.py` runs it and asks for the role of each file.
"""

import ast
import importlib.util
import re
from collections.abc import Iterator
from enum import IntEnum
from pathlib import Path
from typing import Any, cast

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output
from importlinter.application import contract_utils


class Role(IntEnum):
    """In the order in which one may import the other."""

    RULE = 1  # its docstring says that it knows no database
    MODEL = 2
    VERB = 3  # and everything that reads for a screen: it has neither a request nor a form
    ENTRY_POINT = 4
    URLS = 5


ENTRY_POINTS = re.compile(
    r"(^|_)(views?|forms?|api|tasks|middleware|apps|asgi|requests|responses|downloads|context|adapters)$"
)
ENTRY_FOLDERS = {"management", "templatetags"}
# Entry points that the file name does not show, and why they may see a request.
OTHER_ENTRY_POINTS = {
    "accounts.device": "who uses a device is stored in its session",
    "accounts.logged_out": "why somebody was logged out is stored in a cookie",
    "accounts.login": "django-allauth logs in, and counts tries, by the request",
    "core.problems": "the exception handler of the API",
    "pos.live": "the ASGI application of live alerts",
    "config.health": "answers whether the portal is alive, and its version",
    "config.operator_site": "Django's admin, as the operator sees it",
}
CLAIM = "Knows no database"
# A rule may import these from django.db.
WORDS_ONLY = {"TextChoices", "IntegerChoices"}


def role_of(module: str, docstring: str = "", is_folder: bool = False) -> Role | None:
    """None for modules without a role: migrations, and the sandbox, a program of its own."""
    parts = module.split(".")
    if "migrations" in parts or "sandbox" in parts:
        return None
    if "models" in parts:
        return Role.MODEL
    if parts[-1].endswith("urls"):
        return Role.URLS
    named = ENTRY_POINTS.search(parts[-1]) and not is_folder
    if named or ENTRY_FOLDERS & set(parts) or module in OTHER_ENTRY_POINTS:
        return Role.ENTRY_POINT
    return Role.RULE if CLAIM in " ".join(docstring.split()) else Role.VERB


def module_of(path: Path, root: Path) -> str:
    """The name under which a file is imported."""
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def role_of_file(path: Path, root: Path) -> Role | None:
    docstring = ast.get_docstring(ast.parse(path.read_text())) or ""
    return role_of(module_of(path, root), docstring, path.name == "__init__.py")


def uses_the_database(source: str) -> bool:
    """Whether it imports more from django.db than choices."""
    tree = ast.parse(source)
    of_models = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "models"
    }
    for node in ast.walk(tree):
        if not isinstance(node, (ast.Import, ast.ImportFrom)):
            continue
        names = {alias.name for alias in node.names}
        module = (node.module or "") if isinstance(node, ast.ImportFrom) else " ".join(names)
        used = of_models if (module, names) == ("django.db", {"models"}) else names
        if "django.db" in module and not used <= WORDS_ONLY:
            return True
    return False


class RolesContract(Contract):
    """No module imports what stands above it in its app, and nothing but entry points imports one of them."""

    type_name = "roles"

    ignore_imports = fields.SetField(subfield=fields.ImportExpressionField(), required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Without the imports that are excused by name."""
        warnings = contract_utils.remove_ignored_imports(
            graph=graph,
            ignore_imports=cast(Any, self.ignore_imports),
            unmatched_alerting=contract_utils.AlertLevel.ERROR,
        )
        breaches = sorted(breaches_in(graph))
        return ContractCheck(kept=not breaches, warnings=warnings, metadata={"breaches": breaches})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for breach in check.metadata["breaches"]:
            output.print(breach)
        output.new_line()


def breaches_in(graph: ImportGraph) -> Iterator[str]:
    """Each in one line."""
    files = {module: _file_of(module) for module in graph.modules}
    roles = {module: role_of_file(path, root) for module, (path, root) in files.items()}
    models = {module for module, role in roles.items() if role == Role.MODEL}
    for module, role in roles.items():
        if role is None:
            continue
        if role == Role.RULE:
            yield from _impure(graph, module, files[module][0].read_text(), models)
        for imported in graph.find_modules_directly_imported_by(module):
            to = roles[imported]
            above = to is not None and to >= Role.ENTRY_POINT and to > role
            if above or (role == Role.MODEL and _is_verb_of(graph, imported, module, models)):
                yield f"{module} ({_name(role)}) may not import {imported} ({_name(to)})"


def _impure(graph: ImportGraph, module: str, source: str, models: set[str]) -> Iterator[str]:
    if uses_the_database(source):
        yield f"{module} says that it knows no database, and imports one"
    reached = models & graph.find_upstream_modules(module)
    chains = [graph.find_shortest_chain(module, model) or () for model in sorted(reached)]
    for chain in sorted(chains, key=len)[:1]:
        yield f"{module} says that it knows no database, and reaches one: {' -> '.join(chain)}"


def _is_verb_of(graph: ImportGraph, imported: str, model: str, models: set[str]) -> bool:
    """Whether a model's own app says there what to do with models."""
    app = model.split(".")[0]
    if imported in models or imported.split(".")[0] != app:
        return False
    return any(one.split(".")[0] == app for one in models & graph.find_upstream_modules(imported))


def _name(role: Role | None) -> str:
    return role.name.lower().replace("_", " ") if role else "no part of an app"


def _file_of(module: str) -> tuple[Path, Path]:
    """Where it lies, and in which folder the packages do."""
    package, *rest = module.split(".")
    found = importlib.util.find_spec(package)
    assert found
    assert found.origin
    root = Path(found.origin).parent.parent
    path = root.joinpath(package, *rest)
    return (path / "__init__.py" if path.is_dir() else path.with_suffix(".py")), root
