"""The templates can be read in a diff."""

from pathlib import Path

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
LONGEST = 160
# A text mail has its lines from the template as they stand there.
MAY_BE_LONG = (".txt",)


def long_lines(name: str, source: str) -> list[str]:
    """Where somebody would have to scroll."""
    numbered = enumerate(source.split("\n"), start=1)
    return [f"{name}:{number}: {len(line)}" for number, line in numbered if len(line) > LONGEST]


def found_in_templates() -> list[str]:
    """In all of them, but for the mails."""
    files = sorted(path for path in TEMPLATES.rglob("*") if path.is_file() and path.suffix not in MAY_BE_LONG)
    assert len(files) > 100
    return [
        found for path in files for found in long_lines(str(path.relative_to(TEMPLATES)), path.read_text())
    ]


def test_no_line_of_a_template_is_longer_than_a_screen() -> None:
    assert list(found_in_templates()) == []


def test_a_long_line_is_seen() -> None:
    assert long_lines("x.html", f"short\n{'x' * 160}\n{'x' * 161}") == ["x.html:3: 161"]
