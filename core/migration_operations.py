"""Changes of tables while the portal is in use."""

from typing import Any

from django.contrib.postgres import operations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import AddIndex
from django.db.migrations.state import ProjectState


class AddIndexConcurrently(operations.AddIndexConcurrently):
    """On PostgreSQL nobody who writes has to wait for it; SQLite has no such thing. For a migration of its
    own, with `atomic = False`."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Makes the index."""
        self._other(schema_editor).database_forwards(self, app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Drops it."""
        self._other(schema_editor).database_backwards(self, app_label, schema_editor, from_state, to_state)

    @staticmethod
    def _other(schema_editor: BaseDatabaseSchemaEditor) -> Any:
        is_postgresql = schema_editor.connection.vendor == "postgresql"
        return operations.AddIndexConcurrently if is_postgresql else AddIndex
