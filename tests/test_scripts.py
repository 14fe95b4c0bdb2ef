"""The scripts: each is loaded, each import is there, and one module decides about htmx's answers."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATIC, TEMPLATES = ROOT / "static", ROOT / "templates"

IMPORT = re.compile(r"""^import (?:[^"']*? from )?["'](\./[^"']+)["'];""", re.MULTILINE)
LOADED = re.compile(r"""{% static ['"]([\w/.-]+\.js)['"] %}""")
DECIDES = "htmx:beforeSwap"


def scripts() -> dict[str, str]:
    """By their names as the pages say them."""
    return {str(path.relative_to(STATIC)): path.read_text() for path in sorted(STATIC.rglob("*.js"))}


def imports_of(name: str, source: str) -> set[str]:
    """As the pages would name them."""
    return {str((Path(name).parent / found).as_posix()) for found in IMPORT.findall(source)}


def who_decides(found: dict[str, str]) -> list[str]:
    """The tablet's scripts that say themselves whether an answer is swapped in."""
    return [name for name, source in found.items() if name.startswith("pos/") and f'"{DECIDES}"' in source]


def test_one_module_decides_about_htmx_s_answers_on_a_tablet() -> None:
    assert who_decides(scripts()) == ["pos/answers.js"]


def test_a_second_one_would_be_seen() -> None:
    planted = {**scripts(), "pos/planted.js": f'document.addEventListener("{DECIDES}", () => {{}});'}
    assert who_decides(planted) == ["pos/answers.js", "pos/planted.js"]


def test_each_script_is_loaded_and_each_import_is_there() -> None:
    found = scripts()
    imported = set().union(*(imports_of(name, source) for name, source in found.items()))
    loaded = {name for path in TEMPLATES.rglob("*.*") for name in LOADED.findall(path.read_text())}
    assert len(imported) > 3
    assert (imported | loaded) - set(found) == set()
    assert set(found) - imported - loaded == set()


def test_imports_are_read_as_they_stand() -> None:
    source = 'import { a } from "./a.js";\nimport "./b.js"; // first\nconst c = "./c.js";\n'
    assert imports_of("pos/x.js", source) == {"pos/a.js", "pos/b.js"}
