"""What has a component in templates/components is drawn by it, not written once more."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

TEMPLATES = Path(__file__).resolve().parent.parent.parent / "templates"
COMPONENTS: Final[Mapping[str, str]] = {
    "_messages.html": r"{% for message in messages %}",
    "_pages.html": r'<nav class="pages"',
    "_empty.html": r'<div class="empty">',
    "_wrong_filter.html": r"A filter has a value that does not exist: everything",
    "_filter.html": r'<label><span class="unseen">{{ (\w+\.\w+)\.label }}</span>{{ \1 }}</label>',
}


def written_by_hand(source: str) -> list[str]:
    """The components that the source of a template draws itself."""
    return [name for name, pattern in COMPONENTS.items() if re.search(pattern, source)]


def test_head_office_draws_components_and_no_copies() -> None:
    pages = sorted((TEMPLATES / "office").rglob("*.html"))
    assert len(pages) > 50
    found = {str(page.relative_to(TEMPLATES)): written_by_hand(page.read_text()) for page in pages}
    assert {name: copies for name, copies in found.items() if copies} == {}


@pytest.mark.parametrize("name", COMPONENTS)
def test_a_copy_of_a_component_is_named(name: str) -> None:
    source = (
        (TEMPLATES / "components" / name).read_text().replace("{{ field.label }}", "{{ form.shop.label }}")
    )
    source = source.replace("{{ field }}", "{{ form.shop }}")
    assert written_by_hand(source) == [name]
