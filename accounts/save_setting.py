"""Settings are stored here: all that one page of settings says, at once, with the record of who changed what.

Forms read and check what was typed; they give it as a `Setting`.
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


def nothing_first() -> None:
    """Most settings need no more than their rows."""


@dataclass(frozen=True)
class Row:
    """`find` gives the row as the database has it now, or a new one; `values` is what is to stand in it.

    What others write meanwhile in fields that are not named stays as they write it.
    """

    find: Callable[[], models.Model]
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Setting:
    """Some rows that are changed together. `look` reads what stands there, by its labels.

    `first` runs in the same transaction, before the rows are stored: it refuses with a DomainError what may
    not be any more, or stores what is a list rather than a row.
    """

    about: str
    subject: object
    look: Callable[[], Values]
    rows: Sequence[Row]
    first: Callable[[], None] = nothing_first


def save_setting(setting: Setting, user: User, seen: int | None, now: datetime) -> None:
    """It counts from now on. `seen` is the newest change that the person was shown: ChangedMeanwhile, and
    nothing is stored, when somebody has changed it since."""
    with changes.changing(user, setting.about, seen, setting.look, now, setting.subject):
        _store(setting)


def make_row(setting: Setting, about: Callable[[Any], str], user: User, now: datetime, taken: str) -> Any:
    """Makes the one row of a new setting and gives it; `about` says under which name its changes are kept.

    Conflict with the sentence `taken` when somebody makes the same at this moment.
    """
    (row,) = setting.rows
    try:
        with transaction.atomic():
            setting.first()
            made = store_row(row)
            changes.record(user, about(made), {}, setting.look(), now, str(made))
    except IntegrityError as error:
        raise Conflict(taken) from error
    return made


def preview(setting: Setting) -> list[dict[str, Any]]:
    """The fields that saving would change, found by storing them and taking that back."""
    with transaction.atomic():
        before = setting.look()
        _store(setting)
        after = setting.look()
        transaction.set_rollback(True)
    return changes.differing(before, after)


def store_row(row: Row) -> models.Model:
    """Writes the named fields alone; of a new row all."""
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
    setting.first()
    for row in setting.rows:
        store_row(row)
