"""A lease on a row: whatever workers claim, one worker at a time has it, by the database's clock.

Who has a row is decided here alone, by two columns: `lease`, a random token that only the worker who took the
row knows, and `leased_until`, which only the database's clock writes and compares. So nothing here takes a
time: a host whose clock is ten minutes ahead takes no row that another one has, and what a dead worker of
that host left is free as soon as its lease has run out.

*When* something is to be done (`not_before`, a night, a day) is the business's time and stays an argument of
whoever asks. A host with a wrong clock may begin early or late, but never what another worker has.

A lease that has run out is still its worker's until somebody else takes the row; from then on `renew` and
`release` raise LeaseLost and write nothing. Work of several statements is safe when it shares a transaction
with one of them. After `release(rest=...)` the row is nobody's, and stays so until that has passed.

Tests let time pass by setting `leased_until` back (`tests/passing_time.py`).
"""

from __future__ import annotations

from datetime import timedelta
from secrets import token_hex
from typing import Any, Final, TypeVar

from django.db import models
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

NO_REST: Final = timedelta()


class LeaseLost(Exception):
    """Somebody else has the row, or has ended the lease; nothing was written. Whoever catches it logs it."""


class Leased(models.Model):
    """A row that one worker at a time may have. Only this module reads or writes these columns."""

    lease = models.CharField(max_length=16, blank=True, default="", editable=False)  # empty: nobody's
    leased_until = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True


L = TypeVar("L", bound=Leased)


def free() -> Q:
    """Rows that may be taken: never taken, given back, or left by a worker whose lease has run out."""
    return Q(leased_until=None) | Q(leased_until__lte=Now())


def held() -> Q:
    """Rows that a worker has now."""
    return Q(leased_until__gt=Now()) & ~Q(lease="")


def is_held(row: Leased) -> bool:
    """Whether a worker has it, as the row was read; 1 query, or none when nobody had it then.

    A lease that was ended since counts as held: what the row says is from before its worker was done.
    """
    return bool(row.lease) and not _row(row).filter(free(), lease=row.lease).exists()


def take(row: Leased, length: timedelta, where: Q | None = None, **changes: Any) -> bool:
    """Takes the row if it is free, and still as `where` says, together with `changes`; read anew then.

    False, and nothing is written, when another worker was faster.
    """
    token = token_hex(8)
    mine = _row(row).filter(free(), where or Q())
    if not mine.update(lease=token, leased_until=Now() + length, **changes):
        return False
    row.refresh_from_db()
    row.lease = token  # also when somebody has taken it over since
    return True


def renew(row: Leased, length: timedelta, **changes: Any) -> None:
    """The worker is at it, and has the row for `length` from now on. Raises LeaseLost."""
    _write(row, leased_until=Now() + length, **changes)


def release(row: Leased, rest: timedelta = NO_REST, **changes: Any) -> None:
    """The worker is done, with `changes`; nobody may take the row within `rest`. Raises LeaseLost."""
    _write(row, lease="", leased_until=Now() + rest if rest > NO_REST else None, **changes)
    row.lease = ""


def revoke(rows: QuerySet[L], **changes: Any) -> int:
    """Takes these rows away from whoever has them, with `changes`; returns how many."""
    return rows.update(lease="", leased_until=None, **changes)


def expire(rows: QuerySet[L], **changes: Any) -> int:
    """Writes `changes` to those of the rows that no living worker has; returns how many."""
    return revoke(rows.filter(free()), **changes)


def _write(row: Leased, **changes: Any) -> None:
    if not row.lease or not _row(row).filter(lease=row.lease).update(**changes):
        raise LeaseLost(f"{row._meta.label} {row.pk}: another worker has taken it over.")


def _row(row: L) -> QuerySet[L]:
    return type(row)._base_manager.filter(pk=row.pk)
