"""Leases on rows: of whatever workers claim, one worker at a time holds a row, by the database's clock.

Who holds a row is decided here alone, by two columns: `lease`, a random token that only the worker who
took the row knows, and `leased_until`, which only the database's clock writes and compares. So nothing here
takes a time: a host whose clock is ten minutes ahead takes no row that another one has, and what a dead
worker of that host left is free as soon as its lease has expired.

*When* something is to be done (`not_before`, a night, a day) is the business's time and stays an argument of
the caller. A host with a wrong clock may begin early or late, but never what another worker holds.

A lease that has expired still belongs to its worker until another takes the row; from then on `renew` and
`release` raise LeaseLost and write nothing. Work of several statements is safe when it shares a transaction
with one of them. After `release(rest=...)` the row is free, but cannot be taken until that time has passed.

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
    """Another worker has the row, or the lease was revoked; nothing was written. The caller logs it."""


class Leased(models.Model):
    """A row that one worker at a time may hold. Only this module reads or writes these columns."""

    lease = models.CharField(max_length=16, blank=True, default="", editable=False)  # empty: not held
    leased_until = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True


L = TypeVar("L", bound=Leased)


def free() -> Q:
    """Rows that may be taken: never taken, released, or left by a worker whose lease has expired."""
    return Q(leased_until=None) | Q(leased_until__lte=Now())


def held() -> Q:
    """Rows that a worker holds now."""
    return Q(leased_until__gt=Now()) & ~Q(lease="")


def is_held(row: Leased) -> bool:
    """Whether a worker holds it, as the row was read; 1 query, or none when it was free then.

    A lease that was ended since counts as held: what the row says is from before its worker was done.
    """
    return bool(row.lease) and not _row(row).filter(free(), lease=row.lease).exists()


def take(row: Leased, length: timedelta, where: Q | None = None, **changes: Any) -> bool:
    """Takes the row if it is free and matches `where`, writes `changes` with it and refreshes it.

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
    """Extends the lease to `length` from now, and writes `changes`. Raises LeaseLost."""
    _write(row, leased_until=Now() + length, **changes)


def release(row: Leased, rest: timedelta = NO_REST, **changes: Any) -> None:
    """Ends the lease with `changes`; no worker may take the row within `rest`. Raises LeaseLost."""
    _write(row, lease="", leased_until=Now() + rest if rest > NO_REST else None, **changes)
    row.lease = ""


def revoke(rows: QuerySet[L], **changes: Any) -> int:
    """Ends whatever leases these rows have, with `changes`; returns how many."""
    return rows.update(lease="", leased_until=None, **changes)


def expire(rows: QuerySet[L], rest: timedelta = NO_REST, **changes: Any) -> int:
    """Writes `changes` to those of the rows that no worker holds, nor may take within `rest`; returns how
    many."""
    until = Now() + rest if rest > NO_REST else None
    return rows.filter(free()).update(lease="", leased_until=until, **changes)


def _write(row: Leased, **changes: Any) -> None:
    if not row.lease or not _row(row).filter(lease=row.lease).update(**changes):
        raise LeaseLost(f"{row._meta.label} {row.pk}: another worker has taken it over.")


def _row(row: L) -> QuerySet[L]:
    return type(row)._base_manager.filter(pk=row.pk)
