"""What a migration may do while the version before it is still running: a release is installed like that.

The program of before goes on reading and writing until it is stopped, and begins again when a release is
taken back. So what it knows must still be there, and what it does not know must not be demanded of it. And
nobody who writes may have to wait for longer than a moment.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db.migrations import Migration, operations
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import Field, ManyToManyField
from django.db.models.fields import NOT_PROVIDED

from core.migration_operations import AddIndexConcurrently

ROOT = Path(__file__).resolve().parent.parent

# The newest migration of each app that was written before there was this rule.
BASELINE = {"accounts": 17, "ddd": 32, "office": 14, "orders": 24, "returns": 6, "workers": 1}

# A migration that may do what is forbidden, and why: "orders.0030_drop_x": "no version since 0.3.0 reads it".
ALLOWED: dict[str, str] = {}

IN_USE = (
    (operations.RemoveField, "removes a column that the version before reads"),
    (operations.DeleteModel, "deletes a table that the version before reads"),
    (
        operations.RenameField,
        "renames a column: add the new one, write both, remove the old one a release later",
    ),
    (operations.RenameModel, "renames a table"),
    (operations.AlterModelTable, "renames a table"),
    (operations.AlterUniqueTogether, "demands of old rows, and of the version before, that they are unique"),
    (operations.AddConstraint, "demands what old rows, and those of the version before, may not keep"),
    (operations.RunSQL, "runs SQL, which nobody can judge"),
)
DATA = (operations.RunPython, operations.RunSQL)
STATE_ONLY = (operations.AlterModelOptions, operations.AlterModelManagers)


def new_migrations(loader: MigrationLoader) -> Iterator[Migration]:
    """Those of ours that were written since the rule holds."""
    for (app, name), migration in sorted(loader.disk_migrations.items()):
        path = Path(apps.get_app_config(app).path)
        if path.parent == ROOT and int(name[:4]) > BASELINE.get(app, 0):
            yield migration


def faults_of(migration: Migration, before: ProjectState) -> list[str]:
    """What the migration does that the version before, or those who work with it, would feel."""
    found = [*_mixed(migration), *_walk(migration.app_label, migration.operations, before.clone(), set())]
    is_atomic = migration.atomic
    for operation in migration.operations:
        if isinstance(operation, AddIndexConcurrently) and (is_atomic or len(migration.operations) > 1):
            found.append("AddIndexConcurrently: it needs a migration of its own, with atomic = False")
    return found


def _mixed(migration: Migration) -> Iterator[str]:
    data = [one for one in migration.operations if isinstance(one, DATA)]
    schema = [one for one in migration.operations if not isinstance(one, (*DATA, *STATE_ONLY))]
    if data and schema:
        yield "changes rows and tables in one migration: the tables stay locked while rows are written"
    for operation in data:
        if not operation.reversible:
            yield f"{type(operation).__name__}: it cannot be taken back: give it a reverse"


def _walk(app: str, all_of_it: Sequence[Operation], state: ProjectState, made: set[str]) -> Iterator[str]:
    for operation in all_of_it:
        if isinstance(operation, operations.SeparateDatabaseAndState):
            yield from _walk(app, operation.database_operations, state.clone(), made)
        elif isinstance(operation, operations.CreateModel):
            made.add(operation.name_lower)
        elif getattr(operation, "model_name_lower", getattr(operation, "name_lower", "")) not in made:
            yield from _faults(app, operation, state)
        operation.state_forwards(app, state)


def _faults(app: str, operation: Operation, state: ProjectState) -> Iterator[str]:
    name = type(operation).__name__
    for kind, why in IN_USE:
        if isinstance(operation, kind):
            yield f"{name}: {why}"
    if isinstance(operation, operations.AddIndex) and not isinstance(operation, AddIndexConcurrently):
        yield f"{name}: who writes waits for it: take core.migration_operations.AddIndexConcurrently"
    if isinstance(operation, operations.AddField) and not _may_be_left_out(operation.field):
        yield f"{name}: the version before does not give {operation.name}: take null=True or db_default"
    if isinstance(operation, operations.AlterField):
        known = state.models[app, operation.model_name_lower].fields[operation.name]
        yield from (f"{name}: {operation.name} {why}" for why in _altered(known, operation.field))


def _may_be_left_out(field: Field[Any, Any]) -> bool:
    return field.null or field.db_default is not NOT_PROVIDED or isinstance(field, ManyToManyField)


def _altered(old: Field[Any, Any], new: Field[Any, Any]) -> Iterator[str]:
    if old.null and not _may_be_left_out(new):
        yield "must have a value, which the version before does not always give: take db_default"
    if not old.unique and new.unique:
        yield "must be unique, also what the version before writes"
    if old.get_internal_type() != new.get_internal_type():
        yield "becomes another type: the table is written anew, and the version before writes the old one"
    if (old.max_length or 0) > (new.max_length or old.max_length or 0):
        yield "becomes shorter than what the version before writes"
