"""What head office types and chooses about the work in its shops."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import changes
from accounts.changes import Facts
from accounts.models import Group
from accounts.setting_forms import SettingForm
from orders.models import Policy
from returns.models import ReturnPolicy

LONGEST_MINUTES = 7 * 24 * 60
LONGEST_DAYS = 365
# Every night 30 days are compared with DdD, and what is in trouble takes its time.
SHORTEST_MEMORY, LONGEST_MEMORY = 60, 3650
GROUPS_OWN = ("promise_minutes",)
ALERT = ("remind_minutes", "manager_minutes", "head_office_minutes")


class WorkForm(SettingForm):
    """Alert, picking, proof, promise and collecting. The promise is the Group's own."""

    about = "work"
    subject = _("Work in the shops")

    promise_minutes = forms.IntegerField(
        label=_("promised within (minutes)"),
        min_value=1,
        max_value=LONGEST_MINUTES,
        help_text=_(
            "Open minutes from the order until it is ready. It holds for orders that come from now on."
        ),
    )
    remind_minutes = forms.IntegerField(
        label=_("remind the shop after (minutes)"),
        min_value=0,
        max_value=LONGEST_MINUTES,
        help_text=_("Open minutes of the shop. The tablet sounds louder."),
    )
    manager_minutes = forms.IntegerField(
        label=_("tell the shop manager after (minutes)"),
        min_value=0,
        max_value=LONGEST_MINUTES,
        help_text=_("By mail; at once when no tablet of the shop would hear."),
    )
    head_office_minutes = forms.IntegerField(
        label=_("tell head office after (minutes)"),
        min_value=0,
        max_value=LONGEST_MINUTES,
        help_text=_("By mail, and under Needs attention."),
    )
    collect_days = forms.IntegerField(
        label=_("to be collected within (days)"),
        min_value=1,
        max_value=LONGEST_DAYS,
        help_text=_("After that the order is cancelled and its pieces go back on the shelf."),
    )
    collect_reminder_days = forms.IntegerField(
        label=_("remind the customer before that (days)"),
        min_value=0,
        max_value=LONGEST_DAYS,
        help_text=_("By mail, when the order came with a member's number. 0: no reminder."),
    )
    missing_reasons = forms.CharField(
        label=_("more reasons for missing pieces"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One on each line, beside the usual ones."),
    )

    class Meta:
        model = Policy
        fields = (
            "remind_minutes",
            "manager_minutes",
            "head_office_minutes",
            "scanning",
            "proof",
            "missing_reasons",
            "collect_days",
            "collect_reminder_days",
        )
        help_texts = {
            "scanning": _("A piece that has no Ean may always be tapped."),
            "proof": _("Asked for before an order is handed over; a parcel needs none."),
        }

    def __init__(self, data: Any, group: Group) -> None:
        super().__init__(data, group=group, instance=Policy.of(group))
        self.initial["missing_reasons"] = "\n".join(self.instance.missing_reasons)
        self.initial["promise_minutes"] = group.promise_minutes

    def look(self) -> Facts:
        """The policy, and what the Group itself keeps."""
        group = Group.objects.get(pk=self.group.pk)
        return {**super().look(), **changes.facts_of(group, GROUPS_OWN)}

    def stored(self) -> Policy:
        return Policy.of(self.group)

    def store(self) -> None:
        """Both rows."""
        super().store()
        Group.objects.filter(pk=self.group.pk).update(promise_minutes=self.cleaned_data["promise_minutes"])

    def tried(self) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """The alert policy of a valid form, for a dry run, and how it differs from the one that holds."""
        before, after = (changes.facts_of(policy, ALERT) for policy in (self.stored(), self.instance))
        return {name: self.cleaned_data[name] for name in ALERT}, changes.differing(before, after)

    def rehearsed(self) -> list[dict[str, Any]]:
        """All that keeping the valid form would change."""
        return changes.rehearsed(self.look, self.store)

    def clean_missing_reasons(self) -> list[str]:
        """One reason a line, each once."""
        text = self.cleaned_data["missing_reasons"]
        reasons = list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
        if len(reasons) > 20 or any(len(reason) > 60 for reason in reasons):
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
        if (found.get("collect_reminder_days") or 0) > (found.get("collect_days") or LONGEST_DAYS):
            self.add_error("collect_reminder_days", _("Remind within the days to collect."))
        return found


class PersonalDataForm(SettingForm):
    """How long it is kept who a customer was."""

    about = "personal-data"
    subject = _("Personal data")

    personal_data_days = forms.IntegerField(
        label=_("personal data is forgotten after (days)"),
        required=False,
        min_value=SHORTEST_MEMORY,
        max_value=LONGEST_MEMORY,
        help_text=_("Counted from what last happened to a finished order. Empty: it is never forgotten."),
    )

    class Meta:
        model = Policy
        fields = ("personal_data_days",)

    def __init__(self, data: Any, group: Group) -> None:
        super().__init__(data, group=group, instance=Policy.of(group))

    def stored(self) -> Policy:
        return Policy.of(self.group)

    def clean_personal_data_days(self) -> int | None:
        """Whoever may still bring something back is found by her name."""
        days: int | None = self.cleaned_data["personal_data_days"]
        returned_for = ReturnPolicy.of(self.group).days
        if days is not None and returned_for is not None and days < returned_for:
            sentence = _("Customers may return for %(days)s days: keep it at least as long.")
            raise forms.ValidationError(sentence % {"days": returned_for})
        return days
