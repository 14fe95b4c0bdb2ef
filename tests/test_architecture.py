"""The house rules that a machine can hold: what may import what, who may open sockets, which doors may write.

Each rule is a function over source text; each test runs it over the house and over a planted breach.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LAYERS = ("core", "accounts", "ddd", "orders", "returns", "pos", "office", "config", "demo")
APPS = ("accounts", "ddd", "orders", "pos", "returns", "office")
MAY_IMPORT = {
    "core": {"core"},
    "accounts": {"core", "accounts"},
    "ddd": {"core", "accounts", "ddd"},
    "orders": {"core", "accounts", "ddd", "orders"},
    "returns": {"core", "accounts", "ddd", "orders", "returns"},
    "pos": {"core", "accounts", "ddd", "orders", "returns", "pos"},
    "office": set(LAYERS) - {"config", "demo"},
    "config": set(LAYERS) - {"demo"},
    "demo": set(LAYERS),
}
SOCKETS = {"httpx2", "httpx", "requests", "urllib.request", "http.client", "socket"}
DOORS = ("views.py", "api.py", "screens.py", "tasks.py", "middleware.py")
WRITES = {
    "save",
    "create",
    "update",
    "delete",
    "bulk_create",
    "bulk_update",
    "get_or_create",
    "update_or_create",
}
VERBS = {
    "holding.py",
    "picking.py",
    "taps.py",
    "delivery.py",
    "following.py",
    "intake.py",
    "change.py",
    "changing.py",
    "importing.py",
    "bookkeeping.py",
    "returning.py",
    "outbox.py",
    "dispatch.py",
    "desk.py",
    "ending.py",
    "escalation.py",
    "collecting.py",
    "putting_back.py",
    "proof.py",
    "mailing.py",
    "mail_desk.py",
    "shared_eans.py",
    "taking_over.py",
    "members.py",
    "receivers.py",
    "reconciling.py",
    "exporting.py",
    "papers.py",
    "counting.py",
    "sold_after_all.py",
    "changes.py",
    "people.py",
    "opening_hours.py",
    "taking_away.py",
    "dry_run.py",
    "inviting.py",
    "second_factor.py",
    "sending.py",
    "keyring.py",
    "forgetting.py",
    "operators.py",
}
LONGEST_MODULE, LONGEST_FUNCTION = 400, 45


def modules(*layers: str) -> Iterator[Path]:
    """Our own modules, without migrations and without the sandbox, which is a program of its own."""
    for layer in layers:
        for path in sorted((ROOT / layer).rglob("*.py")):
            if "migrations" not in path.parts and "sandbox" not in path.parts:
                yield path


def imported(source: str) -> set[str]:
    """Every module that the source imports, at any depth."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def breaks_a_layer(layer: str, source: str) -> set[str]:
    """What the source imports from a layer that it may not know."""
    ours = {name for name in imported(source) if name.partition(".")[0] in LAYERS}
    return {name for name in ours if name.partition(".")[0] not in MAY_IMPORT[layer]}


def opens_sockets(source: str) -> set[str]:
    """Network libraries that the source imports."""
    return imported(source) & SOCKETS


def writes(source: str) -> set[str]:
    """Calls in the source that store something."""
    return {
        node.func.attr
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES
    }


def sees_a_request(source: str) -> bool:
    """Whether the source knows of HTTP."""
    names = {node.arg for node in ast.walk(ast.parse(source)) if isinstance(node, ast.arg)}
    return "request" in names or "django.http" in imported(source)


def long_functions(source: str) -> list[str]:
    """Functions over the house's length."""
    return [
        node.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION
    ]


@pytest.mark.parametrize("layer", LAYERS)
def test_imports_point_down(layer: str) -> None:
    broken = {str(path): breaks_a_layer(layer, path.read_text()) for path in modules(layer)}
    assert {path: names for path, names in broken.items() if names} == {}


def test_an_import_that_points_up_is_seen() -> None:
    assert breaks_a_layer("ddd", "from orders.models import WebOrder") == {
        "orders.models",
        "orders.models.WebOrder",
    }
    assert breaks_a_layer("returns", "import pos.queue") == {"pos.queue"}
    assert breaks_a_layer("orders", "def late():\n    from pos import queue") == {"pos", "pos.queue"}


def test_one_module_opens_sockets_to_ddd() -> None:
    openers = {
        str(path.relative_to(ROOT))
        for path in modules(*(set(LAYERS) - {"demo"}))
        if opens_sockets(path.read_text())
    }
    assert openers == {"ddd/api/http.py"}
    assert opens_sockets("import httpx2") == {"httpx2"}
    assert opens_sockets("from urllib import request") == {"urllib.request"}


def test_doors_do_not_write() -> None:
    doors = [
        path
        for path in modules("accounts", "ddd", "orders", "pos", "returns", "office")
        if path.name.endswith(DOORS)
    ]
    assert len(doors) >= 30
    found = {str(path): writes(path.read_text()) - {"update"} for path in doors}
    assert {path: calls for path, calls in found.items() if calls} == {}
    assert writes("def view(request):\n    WebOrder.objects.create()") == {"create"}


def test_verbs_never_see_a_request() -> None:
    verbs = [path for path in modules(*APPS) if path.name in VERBS]
    assert len(verbs) >= 6
    assert [str(path) for path in verbs if sees_a_request(path.read_text())] == []
    assert sees_a_request("def deliver(request): ...")
    assert sees_a_request("from django.http import HttpRequest")


def test_modules_and_functions_stay_short() -> None:
    texts = {str(path.relative_to(ROOT)): path.read_text() for path in modules(*LAYERS)}
    assert [path for path, text in texts.items() if text.count("\n") > LONGEST_MODULE] == []
    assert {path: long_functions(text) for path, text in texts.items() if long_functions(text)} == {}
    assert long_functions("def long():\n" + "    x = 1\n" * 50) == ["long"]
