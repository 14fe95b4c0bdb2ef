"""Puts very many rows into tables: by COPY into PostgreSQL, by one long statement into SQLite.

Models' `save` and the triggers of foreign keys are bypassed: the caller provides consistent rows.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from django.db import connection
from django.db.models import Field, JSONField, Model

NUMBERS_AT_ONCE: Final = 5000


class Numbers:
    """Unique ids from each table's own sequence. On SQLite they are valid for one transaction."""

    def __init__(self) -> None:
        self._left: dict[type[Model], Iterator[int]] = {}

    def begin(self) -> None:
        """A transaction has begun."""
        if connection.vendor == "sqlite":
            self._left.clear()

    def __call__(self, model: type[Model]) -> int:
        if model not in self._left:
            self._left[model] = self._of(model)
        return next(self._left[model])

    def _of(self, model: type[Model]) -> Iterator[int]:
        table = model._meta.db_table
        if connection.vendor == "sqlite":
            found = _fetch_column("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
            number = found[0] if found else 0
            while True:
                yield (number := number + 1)
        while True:
            sql = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
            yield from _fetch_column(sql, [table, NUMBERS_AT_ONCE])


def copy_rows(model: type[Model], rows: Sequence[Mapping[str, Any]]) -> None:
    """All rows, in the caller's transaction. What a row does not say is the field's default."""
    fields = [field for field in model._meta.concrete_fields if not field.primary_key or "id" in rows[0]]
    names = [field.attname for field in fields]
    usual = {field.attname: _default_of(field) for field in fields}
    values = ([row.get(name, usual[name]) for name in names] for row in rows)
    quote = connection.ops.quote_name
    table = f"{quote(model._meta.db_table)} ({', '.join(quote(str(field.column)) for field in fields)})"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                for row in values:
                    copy.write_row(row)
        else:
            places = ", ".join(["%s"] * len(fields))
            statement = f"INSERT INTO {table} VALUES ({places})"  # noqa: S608 - names of our own tables
            cursor.executemany(statement, list(_for_sqlite(values)))


def without_triggers() -> None:
    """Until the transaction ends PostgreSQL does not look up each foreign key, where it lets us say so."""
    if connection.vendor == "postgresql" and _fetch_column(
        "SELECT rolsuper FROM pg_roles WHERE rolname = current_user", []
    ) == [True]:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")


def _for_sqlite(rows: Iterable[Sequence[Any]]) -> Iterator[list[Any]]:
    for row in rows:
        yield [_in_sqlite(value) for value in row]


def _in_sqlite(value: Any) -> Any:
    if isinstance(value, datetime):
        return str(value.astimezone(UTC).replace(tzinfo=None))
    return str(value) if isinstance(value, Decimal) else value


def _default_of(field: "Field[Any, Any]") -> Any:
    default = field.get_default()
    return json.dumps(default) if isinstance(field, JSONField) else default


def _fetch_column(sql: str, values: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [row[0] for row in cursor.fetchall()]
