"""Reads DdD back: did what was sent without an answer arrive?

DdD has no idempotency keys, so reading is the only proof. What to look for, each kind of posting says itself.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from core.causes import StoredCause

# By the code of the cause that names it, or by the name that DdD has for it.
Evidence = dict[str, Any]
Row = TypeVar("Row")
CLOCKS_MAY_DIFFER = timedelta(days=1)  # a time without its zone may be of any
DAYS_READ_AT_ONCE = 30  # DdD gives 31; one day is read twice rather than none


@dataclass(frozen=True)
class Present:
    """DdD has it."""

    answer: str
    evidence: Evidence = field(default_factory=dict)


@dataclass(frozen=True)
class Absent:
    """DdD certainly does not have it: it may be sent again."""

    evidence: Evidence = field(default_factory=dict)


@dataclass(frozen=True)
class NotListed:
    """DdD does not list it, which proves nothing where nobody has confirmed that it lists at once."""

    evidence: Evidence = field(default_factory=dict)


@dataclass(frozen=True)
class Unclear:
    """Reading does not decide: a person does, with this evidence."""

    reason: StoredCause
    evidence: Evidence


Finding = Present | Absent | NotListed | Unclear


def all_since(read: Callable[[date], Iterable[Row]], since: date, now: datetime) -> list[Row]:
    """All rows from a day until now, in as many reads as needed. Rows of two reads count once."""
    days = max((now.date() - since).days, 0)
    rows: Counter[Row] = Counter()
    for passed in range(0, days + 1, DAYS_READ_AT_ONCE):
        rows |= Counter(read(since + timedelta(days=passed)))
    return list(rows.elements())


def day_before(moment: datetime) -> date:
    """DdD's dates follow its own clock, so one more day is read."""
    return moment.date() - timedelta(days=1)
