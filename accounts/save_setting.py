"""Saves settings: everything on one page at once, with the record of who changed what.

Forms validate the input and give it as a `Setting`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, models, transaction

from accounts import changes
from accounts.changes import Values
from accounts.models import User
from core.errors import Conflict


def no_checks() -> None:
    """The default: most settings need nothing before their rows are stored."""


@dataclass(frozen=True)
class Row:
    """`find` gives the row as the database has it now, or a new one; `values` are its new values.

    Other fields are not written, so what others write there meanwhile stays.
    """

    find: Callable[[], models.Model]
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Setting:
    """Some rows that are changed together. `current_values` reads their values, by label.

    `before_save` runs in the same transaction, before the rows are stored: it refuses with a DomainError
    what is no longer allowed, or stores what is a list rather than a row.
    """

    about: str
    subject: object
    current_values: Callable[[], Values]
    rows: Sequence[Row]
    before_save: Callable[[], None] = no_checks


def save_setting(setting: Setting, user: User, seen: int | None, now: datetime) -> None:
    """Saves the setting. `seen` is the key of the newest change that the person was shown: ConcurrentChange,
    and nothing is stored, when somebody has changed it since."""
    with changes.tracked_change(user, setting.about, seen, setting.current_values, now, setting.subject):
        _store(setting)


def make_row(
    setting: Setting, about: Callable[[Any], str], user: User, now: datetime, conflict_message: str
) -> Any:
    """Creates the one row of a new setting; `about` gives the name under which its changes are recorded.

    Conflict with `conflict_message` when somebody creates the same at this moment.
    """
    (row,) = setting.rows
    try:
        with transaction.atomic():
            setting.before_save()
            made = store_row(row)
            changes.record(user, about(made), {}, setting.current_values(), now, str(made))
    except IntegrityError as error:
        raise Conflict(conflict_message) from error
    return made


def preview(setting: Setting) -> list[dict[str, Any]]:
    """The fields that saving would change, found by storing them and rolling back."""
    with transaction.atomic():
        before = setting.current_values()
        _store(setting)
        after = setting.current_values()
        transaction.set_rollback(True)
    return changes.differing(before, after)


def store_row(row: Row) -> models.Model:
    """Writes only the named fields; of a new row all."""
    found = row.find()
    many = {field.name for field in found._meta.many_to_many} & row.values.keys()
    single = [name for name in row.values if name not in many]
    for name in single:
        setattr(found, name, row.values[name])
    found.save(update_fields=single if found.pk else None)
    for name in many:
        getattr(found, name).set(row.values[name])
    return found


def _store(setting: Setting) -> None:
    setting.before_save()
    for row in setting.rows:
        store_row(row)
