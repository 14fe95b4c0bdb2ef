"""What all forms of settings share: one person at a time keeps one, who changed what is kept with it, and in
which words a number is refused."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from accounts import changes
from accounts.changes import ChangedMeanwhile, Facts
from accounts.models import Group, User

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


class SettingForm(forms.ModelForm):  # type: ignore[type-arg]
    """A row of settings. It carries along which change of it was the newest when it was shown."""

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    about: str
    subject: object = ""
    secrets: ClassVar[tuple[str, ...]] = ()

    def __init__(self, data: Any, *, group: Group, **facts: Any) -> None:
        super().__init__(data, **facts)
        say_limits(self)
        self.group = group
        self.changes = changes.latest(group, self.about)
        self.initial["seen"] = self.changes[0].pk if self.changes else 0

    def look(self) -> Facts:
        """What stands there now, in all fields of the form."""
        names = [name for name in self._meta.fields or () if name in self.fields]
        kept = self.stored()
        return changes.facts_of(kept, names, self.secrets)

    def stored(self) -> Any:
        """The row as the database has it."""
        raise NotImplementedError

    def keep(self, user: User, now: datetime) -> bool:
        """It counts from now on. False when somebody else was faster: her change stands at the form, and the
        form may be kept once more."""
        with_whom = (user, self.about, self.cleaned_data.get("seen"))
        return kept_alone(self, lambda: self._keep(*with_whom, now))

    def store(self) -> None:
        """Writes what the form shows, in the transaction of the change; the rest is another form's."""
        row = self.save(commit=False)
        columns = [column.name for column in row._meta.concrete_fields]
        row.save(update_fields=[name for name in columns if name in self.fields] if row.pk else None)
        self.save_m2m()

    def _keep(self, user: User, about: str, seen: int | None, now: datetime) -> None:
        with changes.changing(user, about, seen, self.look, now, self.subject):
            self.store()


def say_limits(form: forms.BaseForm) -> None:
    """A number beyond the limits of its field is refused with the limit and its unit."""
    for name, field in form.fields.items():
        unit = name.rpartition("_")[2]
        field.error_messages = {**LIMITS.get(unit, LIMITS[""]), **field.error_messages}


def kept_alone(form: Any, keep: Callable[[], None]) -> bool:
    """Keeps; False when somebody else was faster, which the form then says."""
    try:
        keep()
    except ChangedMeanwhile as other:
        form.data = form.data.copy()
        form.data[form.add_prefix("seen")] = str(other.newest)
        form.add_error(None, other.sentence)
        return False
    return True
