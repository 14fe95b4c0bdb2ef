"""A column for what people read later: it takes only what a `Cause` gave."""

from typing import Any

from django.db import models

from core.causes import refuse_unknown


class CauseField(models.JSONField):
    """A code with its data, `{}` for nothing.

    Raises TypeError when a sentence, or data that its sentence does not name, is to be written.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"default": dict, "blank": True, **kwargs})

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        # Migrations know it as what the database has: a code that goes later leaves them as they are.
        name, _path, args, kwargs = super().deconstruct()
        return str(name), "django.db.models.JSONField", list(args), dict(kwargs)

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        """Checked on each way to the row: `save`, `update` and `bulk_create`."""
        if not hasattr(value, "resolve_expression"):
            refuse_unknown(value)
        return super().get_db_prep_save(value, connection)
