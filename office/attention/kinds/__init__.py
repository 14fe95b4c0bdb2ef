"""What waits for a person: one module for each kind, or for a few that are alike.

Work list, badge, overview and orders in trouble follow from what the modules make; nothing else lists them.
"""

import pkgutil
from collections.abc import Iterable, Mapping
from importlib import import_module
from types import ModuleType
from typing import Final

from django.core.exceptions import ImproperlyConfigured

from office.attention.kind import Kind


def kinds_in(modules: Iterable[ModuleType]) -> list[Kind]:
    """Every kind that the modules make. ImproperlyConfigured when one of them makes none."""
    kinds: list[Kind] = []
    for module in modules:
        made = [value for value in vars(module).values() if isinstance(value, Kind)]
        if not made:
            raise ImproperlyConfigured(f"{module.__name__} makes no Kind: what are its rows?")
        kinds += made
    return kinds


def table_of(kinds: Iterable[Kind]) -> Mapping[str, Kind]:
    """By their keys, the most urgent first. ImproperlyConfigured when two have the same key, or are as urgent
    as one another."""
    table: dict[str, Kind] = {}
    places: dict[int, str] = {}
    for kind in sorted(kinds, key=lambda kind: kind.urgency):
        if kind.key in table:
            raise ImproperlyConfigured(f"Two kinds of rows on the work list have the key {kind.key!r}.")
        if kind.urgency in places:
            other = places[kind.urgency]
            raise ImproperlyConfigured(f"{kind.key!r} is as urgent as {other!r}: which is first?")
        table[kind.key] = kind
        places[kind.urgency] = kind.key
    return table


MODULES: Final = [import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]
KINDS: Final = table_of(kinds_in(MODULES))
