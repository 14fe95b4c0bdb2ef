"""What the demo's seed writes is noted once in a test process, and put back for every other test.

It is the same for all of them, and asking the verbs for it anew takes five times as long.
"""

from copy import copy

from django.apps import apps
from django.db import transaction
from django.db.models import Model

_noted: list[tuple[type[Model], list[Model]]] = []


def nothing_is_there() -> bool:
    """Whether the portal's tables are empty."""
    return not any(model._base_manager.exists() for model in _models())


def note() -> None:
    """Remembers all rows of the portal's tables for `put_back()`."""
    _noted[:] = [(model, rows) for model in _models() if (rows := list(model._base_manager.order_by("pk")))]


def is_noted() -> bool:
    return bool(_noted)


@transaction.atomic
def put_back() -> None:
    """Into empty tables. Keys are kept: no sequence gives them out again, for it was asked for them once."""
    for model, rows in _noted:
        # Each test gets objects of its own: saving changes them.
        model._base_manager.bulk_create([copy(row) for row in rows])


def _models() -> list[type[Model]]:
    """The portal's own; migrations fill those of Django."""
    everything = apps.get_models(include_auto_created=True)
    return [model for model in everything if not model.__module__.startswith("django.")]
