"""DdD's lists: bare, or in an object with counts beside them."""

from collections.abc import Iterator, Mapping
from typing import Any

from core.causes import StoredCause
from ddd.api.wire import Unreadable
from ddd.words import causes


def listed(raw: Any, what: StoredCause) -> Iterator[Any]:
    """The members of a list, also of one in an envelope; Unreadable when DdD answered something else."""
    rows = _in_envelope(raw) if isinstance(raw, Mapping) else raw
    if not isinstance(rows, list):
        raise Unreadable(causes.NO_LIST(what=what, said=f"{raw!r:.80}"))
    if isinstance(raw, Mapping) and (counted := _says_there_is_more(raw, len(rows))):
        raise Unreadable(causes.PART_OF_A_LIST(what=what, count=len(rows), said=counted))
    return iter(rows)


def _says_there_is_more(envelope: Mapping[str, Any], count: int) -> str:
    """The number beside a list that says that there is more of it than its `count` rows; else empty. What is
    not in a part of a list may be there all the same."""
    for name, value in envelope.items():
        words = str(name).lower()
        if not isinstance(value, int):
            continue
        if value > 0 and ("next" in words or "remain" in words):
            return f"{name}={value}"[:80]
        if "total" in words or "count" in words:
            is_number_of_pages = "page" in words and "row" not in words and "item" not in words
            if value > (1 if is_number_of_pages else count):
                return f"{name}={value}"[:80]
    return ""


def _in_envelope(raw: Mapping[str, Any]) -> Any:
    """The one list of an object that has nothing but numbers beside it, such as counts; else None.

    A single row, such as an order with its lines, or an error with its causes, has texts too. An empty list
    without a number beside it may be that of an error: it proves nothing.
    """
    lists = [value for value in raw.values() if isinstance(value, list)]
    others = [value for value in raw.values() if value is not None and not isinstance(value, list)]
    are_counts = all(isinstance(value, int) and not isinstance(value, bool) for value in others)
    is_envelope = len(lists) == 1 and are_counts and bool(lists[0] or others)
    return lists[0] if is_envelope else None
