"""What all forms of settings share: one person at a time keeps one, where its fields stand on the page, and
in which words a number is refused. `accounts/save_setting.py` stores it."""

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
    """Some fields of a page under a heading. Fields in brackets of their own stand beside one another, as in
    Django's admin. `above` and `below` are templates of what else stands there."""

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
    """The names of all their fields, in the order of the page; `but` are not fields of the row."""
    return [name for section in sections for row in section.rows for name in row if name not in but]


class SettingForm(forms.ModelForm):  # type: ignore[type-arg]
    """A row of settings. It carries along which change of it was the newest when it was shown.

    Labels, limits and help are the model's: a form says only what it says otherwise.
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
        """The page as its sections say it, without the fields that this form has not."""
        return [
            BoundSection(part, [[self[name] for name in row if name in self.fields] for row in part.rows])
            for part in self.sections
        ]

    def current_values(self) -> Values:
        """What stands there now, in all fields of the form."""
        return changes.values_of(self.stored(), self.own_fields, self.secrets)

    @property
    def own_fields(self) -> list[str]:
        """The fields of the row itself that the form shows."""
        return [name for name in self._meta.fields or () if name in self.fields]

    def stored(self) -> Any:
        """The row as the database has it; one that is to be made, when it has none."""
        raise NotImplementedError

    def values(self, user: User, now: datetime) -> dict[str, Any]:
        """What is to stand in the row, of a valid form that this person keeps now."""
        return {name: self.cleaned_data[name] for name in self.own_fields}

    def setting(self, user: User, now: datetime) -> Setting:
        """What a valid form wants stored."""
        return Setting(
            self.about, self.subject, self.current_values, [Row(self.stored, self.values(user, now))]
        )

    def keep(self, user: User, now: datetime) -> bool:
        """It counts from now on. False when somebody else was faster: their change stands at the form, and
        the form may be kept once more."""
        seen = self.cleaned_data.get("seen")
        return save_unless_changed(self, lambda: save_setting(self.setting(user, now), user, seen, now))


def set_limit_messages(form: forms.BaseForm) -> None:
    """A number beyond the limits of its field is refused with the limit and its unit."""
    for name, field in form.fields.items():
        unit = name.rpartition("_")[2]
        field.error_messages = {**LIMITS.get(unit, LIMITS[""]), **field.error_messages}


def save_unless_changed(form: Any, keep: Callable[[], None]) -> bool:
    """Keeps; False when somebody else was faster, which the form then says."""
    try:
        keep()
    except ConcurrentChange as other:
        form.data = form.data.copy()
        form.data[form.add_prefix("seen")] = str(other.newest)
        form.add_error(None, other.sentence)
        return False
    return True
