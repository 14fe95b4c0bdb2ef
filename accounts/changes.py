"""The history of settings. A setting is changed by one person at a time, and each change is a row.

Labels and choices are stored as causes, and shown in each reader's language; a secret is never stored.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.db import models, transaction
from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.causes import CHOICE, FIELD
from accounts.models import Group, SettingChange, User
from core.causes import Cause, words_of
from core.errors import Conflict
from core.words import short_day

SHOWN = 5


@dataclass(frozen=True)
class BoundCause:
    """A cause with its data, as a label or a value, such as the label of a field."""

    cause: Cause
    data: tuple[tuple[str, str | int], ...]


# The values of a setting by label: a Cause, a BoundCause, or the name of something. A value that is itself a
# mapping is recorded entry by entry.
Values = Mapping[Any, Any]


@dataclass(frozen=True)
class Secret:
    """A token or a password: it is recorded that it changed, but not its value."""

    value: str


@dataclass(frozen=True)
class NamedDay:
    """A day with its name, such as a holiday."""

    day: date
    name: str


@dataclass(frozen=True)
class FieldChange:
    """One field of a change, in the reader's language."""

    label: str
    before: str
    after: str
    is_secret: bool


class ConcurrentChange(Conflict):
    """Somebody else has saved this setting since it was shown; `newest` is the key of their change."""

    def __init__(self, others: list[SettingChange]) -> None:
        self.newest = others[0].pk
        super().__init__(_sentence_of(others), code="changed-meanwhile")


def values_of(thing: models.Model, names: Iterable[str], secrets: Iterable[str] = ()) -> Values:
    """The values of these fields of the row, by their labels."""
    model = type(thing)
    values: dict[Any, Any] = {field_of(model, name): _standing_in(thing, name) for name in names}
    hidden = [field_of(model, name) for name in secrets]
    return values | {label: Secret(str(values[label])) for label in hidden}


def field_of(model: type[models.Model], name: str) -> BoundCause:
    """The label of a field of a model."""
    return with_data(FIELD, of=f"{model._meta.label_lower}.{name}")


def choice_of(model: type[models.Model], name: str, value: str | int) -> BoundCause:
    """The label of a choice of such a field."""
    return with_data(CHOICE, of=f"{model._meta.label_lower}.{name}", value=value)


def with_data(cause: Cause, **data: str | int) -> BoundCause:
    """Binds a cause to its data."""
    return BoundCause(cause, tuple(data.items()))


@contextmanager
def tracked_change(
    user: User,
    about: str,
    seen: int | None,
    current_values: Callable[[], Values],
    now: datetime,
    subject: object = "",
) -> Iterator[None]:
    """Wraps the saving of a setting and records what it changed; no row when nothing did.

    `seen` is the key of the newest change that the person was shown: ConcurrentChange, and nothing is
    saved, when they would overwrite a newer one.
    """
    with transaction.atomic():
        hold_head_office(user)
        before = current_values()
        yield
        after = current_values()
        if before == after:
            return
        newer = changes_of(user.group, about).filter(pk__gt=seen or 0).select_related("by")
        if others := list(newer[:SHOWN]):
            raise ConcurrentChange(others)
        record(user, about, before, after, now, subject)


def hold_head_office(by: User) -> None:
    """Locks the Group, in the caller's transaction, for whoever changes a rule or a person: nobody is put out
    of head office meanwhile. Conflict for whoever was put out since their request began."""
    Group.objects.select_for_update(no_key=True).get(pk=by.group_id)
    by.refresh_from_db(fields=["is_active", "is_head_office"])
    if not (by.is_active and by.is_head_office):
        raise Conflict(_("You do not belong to head office any more."), code="not-head-office")


def record(
    user: User,
    about: str,
    before: Values,
    after: Values,
    now: datetime,
    subject: object = "",
    group: Group | None = None,
) -> SettingChange | None:
    """Records what differs, in the transaction of the change; None when nothing does. `group` is that of the
    change, when it is not the person's own.

    A label or a value that is to be translated for each reader is a cause; a Secret is not stored.
    """
    fields = differing(before, after)
    if not fields:
        return None
    return SettingChange.objects.create(
        group=group or user.group, about=about, subject=_kept(subject), at=now, by=user, fields=fields
    )


def differing(before: Values, after: Values) -> list[dict[str, Any]]:
    """The fields that differ, in their stored form."""
    old, new = dict(_one_by_one(before)), dict(_one_by_one(after))
    return [
        {
            "label": _kept(label),
            **({} if entry is None else {"entry": _kept(entry)}),
            "before": _kept(old.get((label, entry)), new.get((label, entry))),
            "after": _kept(new.get((label, entry)), old.get((label, entry))),
        }
        for label, entry in dict.fromkeys([*old, *new])
        if old.get((label, entry)) != new.get((label, entry))
    ]


def _one_by_one(values: Values) -> Iterator[tuple[tuple[Any, Any], Any]]:
    """Each value by its label, and by its entry when the value is a mapping."""
    for label, value in values.items():
        entries = value.items() if isinstance(value, Mapping) else [(None, value)]
        yield from (((label, entry), one) for entry, one in entries)


def current_values_of(values: Values, fields: Iterable[Mapping[str, Any]]) -> list[Any]:
    """The current value of each of these fields, in its stored form."""
    now = [(_kept(label), _kept(value)) for label, value in values.items()]
    return [next((value for label, value in now if label == field["label"]), None) for field in fields]


def changes_of(group: Group, about: str) -> models.QuerySet[SettingChange]:
    """The changes of one setting, the newest first."""
    return SettingChange.objects.filter(group=group, about=about).order_by("-pk")


def latest(group: Group, about: str) -> list[SettingChange]:
    """The newest few, as a settings screen shows them; 1 query."""
    return list(changes_of(group, about).select_related("by")[:SHOWN])


def in_words(fields: Iterable[Mapping[str, Any]]) -> list[FieldChange]:
    """Each changed field with its values before and after, in the active language."""
    return [
        FieldChange(
            ", ".join(_said_value(field[part]) for part in ("label", "entry") if part in field),
            _said_value(field["before"]),
            _said_value(field["after"]),
            _is_secret(field["before"]) or _is_secret(field["after"]),
        )
        for field in fields
    ]


def subject_of(change: SettingChange) -> str:
    """The label of what was changed."""
    return _said_value(change.subject) if change.subject else ""


def _sentence_of(others: list[SettingChange]) -> str:
    fields = {one.label: one for other in reversed(others) for one in in_words(other.fields)}
    what = "; ".join(
        f"{one.label}: {_('changed') if one.is_secret else f'{one.before} → {one.after}'}"
        for one in fields.values()
    )
    return _(
        "%(name)s has changed this meanwhile: %(what)s. Nothing of yours was saved. Look whether it still "
        "fits; if you save it now, it takes the place of that change."
    ) % {"name": others[0].by, "what": what}


def _standing_in(thing: models.Model, name: str) -> Any:
    field: Any = thing._meta.get_field(name)
    if field.many_to_many:
        return [str(one) for one in getattr(thing, name).all()] if thing.pk else []
    value = getattr(thing, name)
    if field.is_relation:
        return None if value is None else str(value)
    return choice_of(type(thing), name, value) if field.choices else value


def _kept(value: Any, other: Any = None) -> Any:
    if isinstance(value, Secret) or isinstance(other, Secret):
        return {"secret": True}
    if isinstance(value, Promise):
        raise TypeError(f"What each reader reads in their language is kept as a cause, not as {value!s:.80}.")
    if isinstance(value, Cause):
        return value()
    if isinstance(value, BoundCause):
        return value.cause(**dict(value.data))
    if isinstance(value, Decimal):
        return {"number": str(value)}
    if isinstance(value, NamedDay):
        return {**_kept(value.day), "name": value.name}
    if isinstance(value, (date, datetime)):
        return {"day": value.strftime("%Y-%m-%d")}
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, (list, tuple)):
        return [_kept(one) for one in value]
    return value if value is None or isinstance(value, (bool, int)) else str(value)


def _said_value(value: Any) -> str:
    if isinstance(value, dict):
        if "code" in value:
            return words_of(value)
        if "number" in value:
            return str(formats.number_format(Decimal(value["number"]), use_l10n=True, force_grouping=True))
        if "day" in value:
            day = short_day(date.fromisoformat(value["day"]))
            return f"{day} {value.get('name', '')}".strip()
        return "…"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(_said_value(one) for one in value) or "–"
    return "–" if value in (None, "") else str(value)


def _is_secret(value: Any) -> bool:
    return isinstance(value, dict) and "secret" in value
