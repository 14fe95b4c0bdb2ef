"""The kinds of postings: one module for each, which defines its `KIND`.

A new kind is a module here and its row in `Posting.Kind`; nothing else lists them.
"""

import pkgutil
from collections.abc import Iterable, Mapping
from importlib import import_module
from types import ModuleType
from typing import Final

from django.core.exceptions import ImproperlyConfigured

from ddd.models import Posting
from ddd.sending.posting_kind import PostingKind


class UnknownKind(Exception):
    """A row of the outbox whose kind this version does not know: a newer one may have written it."""


def table_of(kinds: Iterable[str], modules: Iterable[ModuleType]) -> Mapping[str, PostingKind]:
    """The `KIND` of each kind. ImproperlyConfigured when a kind has no module, or two."""
    table: dict[str, PostingKind] = {}
    for module in modules:
        made = getattr(module, "KIND", None)
        if not isinstance(made, PostingKind):
            raise ImproperlyConfigured(f"{module.__name__} makes no KIND: what kind of posting is it about?")
        if made.kind in table:
            raise ImproperlyConfigured(f"{module.__name__} is about the kind {made.kind.value!r} once more.")
        table[made.kind.value] = made
    if missing := sorted(set(kinds) - table.keys()):
        raise ImproperlyConfigured(f"No module of ddd/sending/kinds is about the kind {missing[0]!r}.")
    return table


def kind_of(posting: Posting) -> PostingKind:
    """Raises UnknownKind."""
    try:
        return KINDS[posting.kind]
    except KeyError as error:
        raise UnknownKind(posting.kind) from error


MODULES: Final = [import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]
KINDS: Final = table_of(Posting.Kind.values, MODULES)
