"""HTML from patterns: values are escaped, unless they are Markup already."""

from collections.abc import Iterable
from html import escape


class Markup(str):
    """Text that is HTML."""

    def __add__(self, other: str) -> "Markup":
        return Markup(f"{self}{other if isinstance(other, Markup) else escape(other)}")


def html(pattern: str, **values: object) -> Markup:
    safe = {
        name: value if isinstance(value, Markup) else escape(str(value)) for name, value in values.items()
    }
    return Markup(pattern.format(**safe))


def each(parts: Iterable[Markup]) -> Markup:
    return Markup("".join(parts))
