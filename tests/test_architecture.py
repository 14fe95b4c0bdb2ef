"""The house rules that can be tested: what may import what, what may open sockets, what may write.

Each rule is a function over source text; each test runs it over the house and over a planted breach. What a
module is for is told by its name: `tests/roles.py`.
"""

import ast
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.roles import OTHER_ENTRY_POINTS, Role, role_of, role_of_file

ROOT = Path(__file__).resolve().parent.parent
LINTER = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
PACKAGES: tuple[str, ...] = tuple(LINTER["root_packages"])
# Business apps: what they have of HTTP is the Public API.
WITHOUT_SCREENS = ("orders", "returns")
SOCKETS = {"httpx2", "httpcore2", "httpx", "requests", "urllib.request", "http.client", "socket"}
HTTP = {
    *("django.http", "django.shortcuts", "django.views", "django.forms", "django.contrib.messages"),
    "rest_framework",
}
WRITES = {
    *("save", "create", "update", "delete", "get_or_create", "update_or_create"),
    *("bulk_create", "bulk_update", "select_for_update", "execute", "executemany", "store"),
    *("set", "add", "remove", "clear"),  # of a related manager
}
# A method of what is written here is no write to the database.
NO_DATABASE = {"session", "conf"}
LONGEST_MODULE, LONGEST_FUNCTION = 400, 45


def modules(*packages: str) -> Iterator[Path]:
    """Our own modules, without migrations and without the sandbox, which is a program of its own."""
    for package in packages or PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if role_of_file(path, ROOT) is not None:
                yield path


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imported(source: str) -> set[str]:
    """Every module that the source imports, at any depth."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def opens_sockets(source: str) -> set[str]:
    """Network libraries that the source imports."""
    return imported(source) & SOCKETS


def sees_a_request(source: str) -> bool:
    """Whether the source knows of HTTP: by what it imports, or by a parameter."""
    parameters = {node.arg for node in ast.walk(ast.parse(source)) if isinstance(node, ast.arg)}
    known = {".".join(name.split(".")[:depth]) for name in imported(source) for depth in (1, 2, 3)}
    return "request" in parameters or bool(known & HTTP)


def writes(source: str) -> list[str]:
    """Calls in the source that store something, or lock it in order to."""
    tree = ast.parse(source)
    bound = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for alias in node.names
    }
    # A function of a module is a verb's or a library's; classes are written with a capital.
    functions = {name for name in bound if name[:1].islower()}
    return [
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr.removeprefix("a") in {name.removeprefix("a") for name in WRITES}
        and not (isinstance(node.func.value, ast.Name) and node.func.value.id in functions)
        and _may_be_a_write(node, node.func, _dicts_in(tree))
    ]


def _may_be_a_write(call: ast.Call, method: ast.Attribute, dicts: set[str]) -> bool:
    """By what it is called with, and on what: rows are saved by keywords, and a set or dict takes a value."""
    on, name = method.value, method.attr
    if isinstance(on, ast.Attribute) and on.attr in NO_DATABASE:
        return False
    if name in ("set", "add", "remove", "clear"):
        return isinstance(on, ast.Attribute)
    if name == "update":
        return not call.args and not (isinstance(on, ast.Name) and on.id in dicts)
    # segno, which draws codes, is told what kind of file it saves.
    return name != "save" or not any(keyword.arg == "kind" for keyword in call.keywords)


def _dicts_in(tree: ast.Module) -> set[str]:
    """Names that are given a dict, or are annotated as one."""
    found: set[str] = set()
    for node in ast.walk(tree):
        value = getattr(node, "value", None)
        is_dict = isinstance(value, (ast.Dict, ast.DictComp)) or (
            isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "dict"
        )
        if isinstance(node, ast.Assign) and is_dict:
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, (ast.AnnAssign, ast.arg)) and node.annotation is not None:
            target = node.arg if isinstance(node, ast.arg) else getattr(node.target, "id", "")
            if is_dict or ast.unparse(node.annotation).startswith(("dict[", "Counter[", "set[")):
                found.add(target)
    return found


def long_functions(source: str) -> list[str]:
    """Functions over the house's length."""
    return [
        node.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION
    ]


# What may import what


def lint_imports(folder: Path) -> str:
    """What import-linter says of the packages in this folder."""
    linter = Path(sys.executable).with_name("lint-imports")
    said = subprocess.run(
        [linter, "--no-cache"],
        cwd=folder,
        env={**os.environ, "COLUMNS": "300"},
        capture_output=True,
        text=True,
        check=False,
    )
    return said.stdout + said.stderr


PLANTED = {
    "ddd/planted.py": "from orders.models import WebOrder",
    "returns/planted.py": "def late():\n    from pos import queue",
    "orders/planted_rule.py": '"""Knows no database."""\nfrom django.db import transaction',
    "returns/planted_rule.py": '"""How it is.\n\nKnows no\ndatabase."""\nfrom returns.models import Return',
    "orders/models/planted.py": "from orders import picking",
    "pos/planted.py": "from pos.views import queue",
    "pos/planted_views.py": "from pos import urls",
    "office/overview/planted.py": "from office.people import planted",
    "office/people/planted.py": "from office.overview import planted",
    "ddd/sandbox/planted.py": "from ddd.api import wire",
    "office/planted.py": "from ddd.sandbox import app",
}
NAMED = (
    "ddd is not allowed to import orders",
    "returns is not allowed to import pos",
    "ddd.planted",  # a part of ddd without a layer
    "orders.planted_rule says that it knows no database, and imports one",
    "returns.planted_rule says that it knows no database, and reaches one: ",
    "orders.models.planted (model) may not import orders.picking (verb)",
    "pos.planted (verb) may not import pos.views (entry point)",
    "pos.planted_views (entry point) may not import pos.urls (urls)",
    "No cycles are allowed in office.",
    "ddd.sandbox is not allowed to import ddd.api",
    "office.planted -> ddd.sandbox",
)


def test_every_module_imports_what_stands_below_it() -> None:
    assert "0 broken" in lint_imports(ROOT), lint_imports(ROOT)


def test_planted_imports_are_named(tmp_path: Path) -> None:
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "tests").mkdir()
    for name in ("pyproject.toml", "tests/__init__.py", "tests/roles.py"):
        shutil.copy(ROOT / name, tmp_path / name)
    for name, source in PLANTED.items():
        (tmp_path / name).write_text(source)
    said = lint_imports(tmp_path)
    assert [sentence for sentence in NAMED if sentence not in said] == [], said


def test_every_package_has_its_place() -> None:
    """Also a new one."""
    there = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    (layers,) = (one["layers"] for one in LINTER["contracts"] if one["name"] == "Apps import downwards")
    assert there == set(PACKAGES) == set(layers)


# Who may open sockets


def test_one_module_opens_sockets_to_ddd() -> None:
    apps = set(PACKAGES) - {"demo"}  # the supervisor asks its programs whether they answer
    openers = {named(path) for path in modules(*apps) if opens_sockets(path.read_text())}
    # The other asks the portal itself, as a browser does.
    assert openers == {"ddd/api/http.py", "ddd/api/network.py", "operating/address_check.py"}
    assert opens_sockets("import httpx2") == {"httpx2"}
    assert opens_sockets("from urllib import request") == {"urllib.request"}


# Who may see a request


def test_whatever_is_no_entry_point_never_sees_a_request() -> None:
    roles = {path: role_of_file(path, ROOT) for path in modules()}
    others = [path for path, role in roles.items() if role is not None and role < Role.ENTRY_POINT]
    assert [named(path) for path in others if sees_a_request(path.read_text())] == []


@pytest.mark.parametrize(
    "source",
    [
        "def deliver(request): ...",
        "from django.http import HttpRequest",
        "from django import forms",
        "from django.shortcuts import render",
        "from rest_framework.response import Response",
        "import django.http",
    ],
)
def test_a_planted_request_is_seen(source: str) -> None:
    assert sees_a_request(source)
    assert not sees_a_request("from django.urls import reverse\nfrom django.db import models")


def test_an_entry_point_is_recognised_by_its_name() -> None:
    examples = {
        Role.ENTRY_POINT: "pos.views pos.who_views office.people.forms office.policies.ddd_form orders.api",
        Role.URLS: "orders.api_urls pos.urls",
        Role.MODEL: "office.models.saved_view returns.models",
        Role.VERB: "pos.previews orders.informs orders.picking ddd.lookup.catalogue",
    }
    for role, names in examples.items():
        assert {name: role_of(name) for name in names.split()} == dict.fromkeys(names.split(), role)
    assert role_of("office.management.commands.count_figures") == Role.ENTRY_POINT
    assert role_of("ddd.api", is_folder=True) == Role.VERB
    assert role_of("orders.states", "Moves. Knows\nno database.") == Role.RULE


def test_whatever_is_said_to_see_a_request_does() -> None:
    """An exception that is no longer needed has to be removed."""
    files = [ROOT.joinpath(*module.split(".")).with_suffix(".py") for module in OTHER_ENTRY_POINTS]
    assert [named(path) for path in files if not sees_a_request(path.read_text())] == []


def test_orders_and_returns_have_no_http_but_the_public_api() -> None:
    api = [path for path in modules(*WITHOUT_SCREENS) if path.stem == "api" or path.stem.endswith("_urls")]
    others = [path for path in modules(*WITHOUT_SCREENS) if path not in api]
    assert len(others) > 40
    assert [named(path) for path in others if sees_a_request(path.read_text())] == []


OF_MANAGERS = {"is_manager", "must_manage", "managed_shops_of"}


def asks_for_a_manager(source: str) -> bool:
    """Whether the source decides by hand what only a shop manager may: by an access rule, or by the role."""
    called = {node.attr for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute)}
    return bool(
        imported(source) & {f"accounts.access.{name}" for name in OF_MANAGERS}
        or called & OF_MANAGERS
        or "Role.MANAGER" in source
        or any(
            isinstance(node, ast.keyword) and (node.arg or "").split("__")[-1] == "role"
            for node in ast.walk(ast.parse(source))
        )
    )


def test_no_view_asks_by_hand_whether_somebody_manages_a_shop() -> None:
    """`Audience.MANAGER` and `for_manager_of` say it; verbs may have rules for managers."""
    roles = {path: role_of_file(path, ROOT) for path in modules()}
    asking = [path for path, role in roles.items() if role is not None and role >= Role.ENTRY_POINT]
    found = {named(path) for path in asking if asks_for_a_manager(path.read_text())}
    assert found == {"accounts/requests.py"}


@pytest.mark.parametrize(
    "source",
    [
        "from accounts.access import is_manager",
        "from accounts import access\naccess.must_manage(user, shop)",
        "from accounts.access import managed_shops_of\nmanaged_shops_of(viewer).exists()",
        "user.memberships.filter(role='manager').exists()",
        "shop.managers(memberships__role=role)",
        "if membership.role == Membership.Role.MANAGER: pass",
    ],
)
def test_a_planted_question_for_a_manager_is_seen(source: str) -> None:
    assert asks_for_a_manager(source)
    assert not asks_for_a_manager("from accounts.access import shops_of\nshops_of(viewer)")


# Who may write


def test_entry_points_do_not_write() -> None:
    entry_points = [path for path in modules() if role_of_file(path, ROOT) in (Role.ENTRY_POINT, Role.URLS)]
    assert len(entry_points) >= 80
    found = {named(path): writes(path.read_text()) for path in entry_points}
    assert {path: calls for path, calls in found.items() if calls} == {}


@pytest.mark.parametrize(
    "call",
    [
        "WebOrder.objects.create(group=group)",
        "WebOrder.objects.update(status='done')",
        "WebOrder.objects.filter(pk=1).update(**kept)",
        "rows.update(seen_at=now)",
        "order.lines.update(status='done')",
        "order.save()",
        "form.save(commit=True)",
        "form.store()",
        "super().store()",
        "self.save()",
        "policy.shops.set(shops)",
        "order.lines.clear()",
        "cursor.execute('DELETE FROM orders')",
        "WebOrder.objects.select_for_update().get(pk=1)",
    ],
)
def test_a_planted_write_is_seen(call: str) -> None:
    assert writes(f"from orders.models import WebOrder\n\ndef view(request):\n    {call}\n") != []


@pytest.mark.parametrize(
    "call",
    [
        "found.update(more)",
        "context.update(now=now)",
        "tablets.create(shop)",
        "request.session.save()",
        "segno.make(url).save(drawn, kind='svg')",
        "seen.add(word)",
        "app.conf.update(timezone='UTC')",
    ],
)
def test_what_stores_nothing_is_no_write(call: str) -> None:
    before = "import segno\nfrom accounts import tablets\n\ndef view(request):\n    context = {}\n"
    assert writes(f"{before}    {call}\n") == []


# How long


def test_modules_and_functions_stay_short() -> None:
    texts = {named(path): path.read_text() for path in modules()}
    of_tests = {str(path.relative_to(ROOT)): path.read_text() for path in (ROOT / "tests").rglob("*.py")}
    too_long = [path for path, text in (texts | of_tests).items() if text.count("\n") > LONGEST_MODULE]
    assert too_long == []
    assert {path: long_functions(text) for path, text in texts.items() if long_functions(text)} == {}
    assert long_functions("def long():\n" + "    x = 1\n" * 50) == ["long"]
