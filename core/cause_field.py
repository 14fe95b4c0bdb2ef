"""A column for texts that people read later: it accepts only the stored form of a `Cause`."""

from typing import Any

from django.db import models

from core.causes import refuse_unknown


class CauseField(models.JSONField):
    """A code with its data, `{}` for nothing.

    Raises TypeError on writing a sentence, or data that the cause's sentence does not name.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"default": dict, "blank": True, **kwargs})

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        # Migrations see a plain JSONField, so removing a code later does not affect them.
        name, _path, args, kwargs = super().deconstruct()
        return str(name), "django.db.models.JSONField", list(args), dict(kwargs)

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        """Checked for `save`, `update` and `bulk_create` alike."""
        if not hasattr(value, "resolve_expression"):
            refuse_unknown(value)
        return super().get_db_prep_save(value, connection)
