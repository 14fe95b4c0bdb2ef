"""What waits for a person: one row in KINDS for each kind. Work list, badge, overview and orders in trouble
follow from it."""

from collections.abc import Iterable, Mapping
from typing import Final

from django.core.exceptions import ImproperlyConfigured

from office.attention.kind import Kind
from office.attention.kinds.deaf import DEAF
from office.attention.kinds.differences import DIFFERENCES, MENDING
from office.attention.kinds.eans import EANS
from office.attention.kinds.mails import MAILS
from office.attention.kinds.not_taken import NOT_TAKEN
from office.attention.kinds.notices import NOTICES, WORDS
from office.attention.kinds.postings import REJECTED, UNCERTAIN


def table_of(kinds: Iterable[Kind]) -> Mapping[str, Kind]:
    """By their keys. ImproperlyConfigured when two have the same one."""
    table: dict[str, Kind] = {}
    for kind in kinds:
        if kind.key in table:
            raise ImproperlyConfigured(f"Two kinds of rows on the work list have the key {kind.key!r}.")
        table[kind.key] = kind
    return table


# The most urgent first.
KINDS: Final = table_of(
    [NOT_TAKEN, DEAF, REJECTED, UNCERTAIN, DIFFERENCES, EANS, WORDS, NOTICES, MAILS, MENDING]
)
