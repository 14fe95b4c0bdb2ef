"""Lets time pass for the database too: leases expire without waiting."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import F

from core import leases
from core.leases import Leased


def leased_models() -> Iterator[type[Leased]]:
    """All models with leases."""
    return (model for model in apps.get_models() if issubclass(model, Leased))


def let_leases_age(by: timedelta) -> None:
    """Moves every lease this far into the past."""
    for model in leased_models():
        rows = model._base_manager.exclude(leased_until=None)
        rows.update(leased_until=F("leased_until") - by)


def let_another_take_over(row: Leased) -> None:
    """Another worker takes the row after this one's lease has expired."""
    let_leases_age(timedelta(days=1))
    assert leases.take(type(row)._base_manager.get(pk=row.pk), timedelta(days=1))


@contextmanager
def after_each_write(table: str, look: Callable[[], None]) -> Iterator[None]:
    """`look` is called whenever this connection has updated the table, but not for what it does itself."""
    is_looking = False

    def after_it(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        nonlocal is_looking
        done = execute(sql, *rest)
        if not is_looking and sql.startswith(f'UPDATE "{table}"'):
            is_looking = True
            look()
            is_looking = False
        return done

    with connection.execute_wrapper(after_it):
        yield
