"""What the demo's seed writes is noted once in a test process, and put back for every other test.

It is the same for all of them, and asking the verbs for it anew takes five times as long.
"""

from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.db.models import Model, QuerySet

_noted: list[tuple[str, list[list[Any]]]] = []  # a statement and its values


def nothing_is_there() -> bool:
    """Whether the portal's tables are empty."""
    return not any(model._base_manager.exists() for model in _models())


def note() -> None:
    """Remembers all rows of the portal's tables for `put_back()`."""
    _noted[:] = [_inserting(model, rows) for model in _models() if (rows := list(_all_rows(model)))]


def is_noted() -> bool:
    return bool(_noted)


@transaction.atomic
def put_back() -> None:
    """Into empty tables. Keys are kept: no sequence gives them out again, for it was asked for them once."""
    with connection.cursor() as cursor:
        for statement, values in _noted:
            cursor.executemany(statement, values)


def _all_rows(model: type[Model]) -> QuerySet[Model]:
    return model._base_manager.order_by("pk")


def _inserting(model: type[Model], rows: list[Model]) -> tuple[str, list[list[Any]]]:
    fields = model._meta.concrete_fields
    table = connection.ops.quote_name(model._meta.db_table)
    columns = [connection.ops.quote_name(str(field.column)) for field in fields]
    places = ", ".join(["%s"] * len(columns))
    statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"  # noqa: S608 - names of ours
    as_stored = [
        [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields] for row in rows
    ]
    return statement, as_stored


def _models() -> list[type[Model]]:
    """The portal's own; migrations fill those of Django."""
    everything = apps.get_models(include_auto_created=True)
    return [model for model in everything if not model.__module__.startswith("django.")]
