"""The base of all forms of settings: protection against concurrent changes, the layout of the fields, and
the messages for numbers out of range. `accounts/save_setting.py` stores them."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from accounts import changes
from accounts.changes import ConcurrentChange, Values
from accounts.models import Group, User
from accounts.save_setting import Row, Setting, save_setting
from core.forms import field_with_limits

LIMIT = "limit_value"  # as Django calls it
# By the last word of the field's name, which is its unit; "" for a plain number.
LIMITS: Mapping[str, Mapping[str, Any]] = {
    "minutes": {
        "min_value": ngettext_lazy(
            "At least %(limit_value)d minute.", "At least %(limit_value)d minutes.", LIMIT
        ),
        "max_value": ngettext_lazy(
            "At most %(limit_value)d minute.", "At most %(limit_value)d minutes.", LIMIT
        ),
    },
    "days": {
        "min_value": ngettext_lazy("At least %(limit_value)d day.", "At least %(limit_value)d days.", LIMIT),
        "max_value": ngettext_lazy("At most %(limit_value)d day.", "At most %(limit_value)d days.", LIMIT),
    },
    "": {
        "min_value": _("At least %(limit_value)s."),
        "max_value": _("At most %(limit_value)s."),
    },
}


@dataclass(frozen=True)
class Section:
    """Some fields of a page under a heading. Fields in a tuple share a line, as in Django's admin. `above`
    and `below` are templates of what else is shown there."""

    key: str
    title: object
    fields: tuple[str | tuple[str, ...], ...]
    note: object = ""
    ending: object = ""
    above: str = ""
    below: str = ""

    @property
    def rows(self) -> list[tuple[str, ...]]:
        """The names of the fields, line by line."""
        return [(line,) if isinstance(line, str) else line for line in self.fields]


@dataclass(frozen=True)
class BoundSection:
    """A section with its fields, for a template."""

    section: Section
    rows: list[list[forms.BoundField]]


def fields_in(*sections: Section, but: Collection[str] = ()) -> list[str]:
    """The names of all their fields, in the order of the page, without those in `but`."""
    return [name for section in sections for row in section.rows for name in row if name not in but]


class SettingForm(forms.ModelForm):  # type: ignore[type-arg]
    """A row of settings. The hidden field `seen` has the key of its newest change when it was shown.

    Labels, limits and help come from the model; a form names only what differs.
    """

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    about: str
    subject: object = ""
    secrets: ClassVar[tuple[str, ...]] = ()
    sections: ClassVar[tuple[Section, ...]] = ()

    class Meta:
        formfield_callback = field_with_limits

    def __init__(self, data: Any, *, group: Group, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        set_limit_messages(self)
        self.group = group
        self.changes = changes.latest(group, self.about)
        self.initial["seen"] = self.changes[0].pk if self.changes else 0

    @property
    def bound_sections(self) -> list[BoundSection]:
        """The sections with their bound fields; fields that this form does not have are left out, and so is a
        section in which nothing else stands."""
        bound = [
            BoundSection(part, [[self[name] for name in row if name in self.fields] for row in part.rows])
            for part in self.sections
        ]
        return [one for one in bound if any(one.rows) or one.section.above or one.section.below]

    def current_values(self) -> Values:
        """The stored values of all fields of the form."""
        return changes.values_of(self.stored(), self.own_fields, self.secrets)

    @property
    def own_fields(self) -> list[str]:
        """The fields of the model that the form shows."""
        return [name for name in self._meta.fields or () if name in self.fields]

    def stored(self) -> Any:
        """The row as the database has it, or a new one."""
        raise NotImplementedError

    def values(self, user: User, now: datetime) -> dict[str, Any]:
        """The new values of the row, from a valid form that this user saves now."""
        return {name: self.cleaned_data[name] for name in self.own_fields}

    def setting(self, user: User, now: datetime) -> Setting:
        """What a valid form stores."""
        return Setting(
            self.about, self.subject, self.current_values, [Row(self.stored, self.values(user, now))]
        )

    def keep(self, user: User, now: datetime) -> bool:
        """Saves the setting. False when somebody else was faster: the form then shows their change, and can
        be saved again."""
        seen = self.cleaned_data.get("seen")
        return save_unless_changed(self, lambda: save_setting(self.setting(user, now), user, seen, now))


def set_limit_messages(form: forms.BaseForm) -> None:
    """Sets the messages for numbers out of range, with the limit and its unit."""
    for name, field in form.fields.items():
        unit = name.rpartition("_")[2]
        field.error_messages = {**LIMITS.get(unit, LIMITS[""]), **field.error_messages}


def save_unless_changed(form: Any, keep: Callable[[], None]) -> bool:
    """Calls `keep`; False when somebody else was faster, which the form then shows."""
    try:
        keep()
    except ConcurrentChange as other:
        form.data = form.data.copy()
        form.data[form.add_prefix("seen")] = str(other.newest)
        form.add_error(None, other.sentence)
        return False
    return True
