"""What head office types and chooses about the work in its shops."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import changes
from accounts.changes import Values
from accounts.models import Group, User
from accounts.save_setting import Row, Setting
from accounts.setting_forms import Section, SettingForm, fields_in
from core.forms import field_with_limits
from office import causes
from orders import missing_reasons
from orders.models import Policy
from orders.models.policy import YEAR_IN_DAYS
from returns.models import ReturnPolicy

MOST_REASONS = 20
GROUPS_OWN = ("promise_minutes", "cash_step")
ALERT = ("remind_minutes", "manager_minutes", "head_office_minutes")
SECTIONS = (
    Section("promise", _("What the customer is promised"), ("promise_minutes",)),
    Section(
        "alert",
        _("When nobody takes an order"),
        (ALERT,),
        note=_("Minutes count while the shop is open: nobody is told at night."),
        below="office/policies/_try_alert.html",
    ),
    Section("picking", _("Picking and handing over"), (("scanning", "proof"), "missing_reasons")),
    Section(
        "cash",
        _("Cash"),
        ("cash_step",),
        ending=_("How DdD is told of the rounding stands under DdD. What was paid before stays as it is."),
    ),
    Section("collecting", _("When nobody collects an order"), (("collect_days", "collect_reminder_days"),)),
)


class LinesField(forms.CharField):
    """A list of texts, one on each line, without duplicates."""

    widget = forms.Textarea(attrs={"rows": 3})

    def __init__(self, **options: Any) -> None:
        # What a model's JSONField says for a field of its own kind.
        for name in ("encoder", "decoder", "show_hidden_initial"):
            options.pop(name, None)
        super().__init__(**options)

    def prepare_value(self, value: Any) -> Any:
        """As it is typed."""
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        """The lines that say something."""
        lines = (line.strip() for line in super().clean(value).splitlines())
        return list(dict.fromkeys(line for line in lines if line))


class WorkForm(SettingForm):
    """Alert, picking, proof, promise and collecting. The promise is the Group's own."""

    about = "work"
    subject = causes.WORK
    sections = SECTIONS

    promise_minutes = field_with_limits(Group._meta.get_field("promise_minutes"))
    cash_step = field_with_limits(Group._meta.get_field("cash_step"))

    class Meta(SettingForm.Meta):
        model = Policy
        fields = fields_in(*SECTIONS, but=GROUPS_OWN)
        field_classes = {"missing_reasons": LinesField}

    def __init__(self, data: Any, group: Group) -> None:
        super().__init__(data, group=group, instance=Policy.of(group))
        self.initial.update({name: getattr(group, name) for name in GROUPS_OWN})

    def current_values(self) -> Values:
        """The policy, and what the Group itself keeps."""
        return {**super().current_values(), **changes.values_of(self._groups_row(), GROUPS_OWN)}

    def stored(self) -> Policy:
        return Policy.of(self.group)

    def setting(self, user: User, now: datetime) -> Setting:
        """Both rows."""
        setting, own = super().setting(user, now), {name: self.cleaned_data[name] for name in GROUPS_OWN}
        return replace(setting, rows=[*setting.rows, Row(self._groups_row, own)])

    def for_dry_run(self) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """The alert policy of a valid form, for a dry run, and how it differs from the one that holds."""
        before, after = (changes.values_of(policy, ALERT) for policy in (self.stored(), self.instance))
        return {name: self.cleaned_data[name] for name in ALERT}, changes.differing(before, after)

    def clean_missing_reasons(self) -> list[str]:
        """Not more than people read through, and as long as one can be stored."""
        reasons: list[str] = self.cleaned_data["missing_reasons"]
        if len(reasons) > MOST_REASONS or any(len(reason) > missing_reasons.LONGEST for reason in reasons):
            raise forms.ValidationError(_("At most 20 reasons of at most 60 characters."))
        return reasons

    def clean(self) -> dict[str, Any]:
        """Escalation goes upwards and begins before the order is late; a reminder comes before the date."""
        found: dict[str, Any] = super().clean() or {}
        shop, manager, office = (found.get(name) for name in ALERT)
        if None not in (shop, manager, office) and not shop <= manager <= office:  # type: ignore[operator]
            self.add_error(
                "head_office_minutes",
                _("First the shop, then its manager, then head office: no number below the one before."),
            )
        promise = found.get("promise_minutes")
        if shop is not None and promise is not None and shop >= promise:
            self.add_error(
                "remind_minutes", _("Remind the shop before its time to get the order ready is over.")
            )
        if (found.get("collect_reminder_days") or 0) > (found.get("collect_days") or YEAR_IN_DAYS):
            self.add_error("collect_reminder_days", _("Remind within the days to collect."))
        return found

    def _groups_row(self) -> Group:
        return Group.objects.get(pk=self.group.pk)


MEMORY = Section(
    "memory",
    _("How long it is kept who a customer was"),
    ("personal_data_days",),
    ending=_(
        "Two years are usual. A night is enough for many thousands of orders; what it does not reach, the "
        "next one does."
    ),
)


class PersonalDataForm(SettingForm):
    """How long it is kept who a customer was."""

    about = "personal-data"
    subject = causes.PERSONAL_DATA
    sections = (MEMORY,)

    class Meta(SettingForm.Meta):
        model = Policy
        fields = fields_in(MEMORY)

    def __init__(self, data: Any, group: Group) -> None:
        super().__init__(data, group=group, instance=Policy.of(group))

    def stored(self) -> Policy:
        return Policy.of(self.group)

    def clean_personal_data_days(self) -> int | None:
        """Customers who may still return something must be found by their name."""
        days: int | None = self.cleaned_data["personal_data_days"]
        returned_for = ReturnPolicy.of(self.group).days
        if days is not None and returned_for is not None and days < returned_for:
            sentence = _("Customers may return for %(days)s days: keep it at least as long.")
            raise forms.ValidationError(sentence % {"days": returned_for})
        return days
