"""The sandbox shares no code with what it tests."""

import ast
import subprocess
import sys
from pathlib import Path

from tests.sandbox_process import ROOT

SANDBOX = ROOT / "ddd" / "sandbox"
ALLOWED = {"jsonschema", "starlette", "uvicorn", "yaml"}


def imported(file: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file.name} imports by dots"
            assert node.module
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names if node.module == "ddd"}
    return found - {"ddd"}


def test_the_sandbox_imports_neither_django_nor_the_portal() -> None:
    for file in SANDBOX.rglob("*.py"):
        foreign = {
            name
            for name in imported(file)
            if name != "ddd.sandbox"
            and not name.startswith("ddd.sandbox.")
            and name.partition(".")[0] not in sys.stdlib_module_names | ALLOWED
        }
        assert not foreign, f"{file.name} imports {foreign}"


def test_nothing_of_the_portal_is_loaded_when_it_runs() -> None:
    code = "import sys, ddd.sandbox.__main__; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())

    assert not {
        name for name in loaded if name.partition(".")[0] in ("django", "accounts", "orders", "config")
    }
    ours = {name for name in loaded if name.startswith("ddd.")}
    assert all(name == "ddd.sandbox" or name.startswith("ddd.sandbox.") for name in ours)
