"""What head office types and chooses."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from ddd import desk, reconciling
from ddd.models import Difference, Posting
from orders.models import Policy


class DecisionForm(forms.Form):
    """What is to become of a posting."""

    decision = forms.ChoiceField(
        choices=[
            ("send again", _("Send again")),
            ("it arrived", _("It did arrive")),
            ("give up", _("Give up")),
        ]
    )
    reason = forms.CharField(required=False, max_length=500)
    to_the_order = forms.BooleanField(required=False)

    def carry_out(self, posting: Posting, user: User, now: datetime) -> None:
        """Does what was decided; Conflict when somebody was faster."""
        decision = self.cleaned_data["decision"]
        if decision == "send again":
            desk.send_again(posting, user, now)
        elif decision == "it arrived":
            desk.it_arrived(posting, user, now)
        else:
            desk.give_up(posting, self.cleaned_data["reason"], user, now)


class DifferenceForm(forms.Form):
    """What is done about a difference; `of_day` is the report on whose page it was decided."""

    decision = forms.ChoiceField(choices=[("seen to", _("Seen to")), ("send", _("Send what is missing"))])
    of_day = forms.DateField(required=False)

    def carry_out(self, difference: Difference, user: User, now: datetime) -> None:
        """Does what was decided; Conflict when somebody was faster."""
        if self.cleaned_data["decision"] == "send":
            reconciling.send_missing(difference, user, now)
        else:
            reconciling.see_to(difference, user, now)


class PolicyForm(forms.ModelForm):  # type: ignore[type-arg]
    """What head office decides about the work in its shops."""

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
            "collect_days",
            "collect_reminder_days",
            "missing_reasons",
        )
        help_texts = {
            "remind_minutes": _("Open minutes of the shop. The tablet sounds louder."),
            "manager_minutes": _("By mail; at once when no tablet of the shop would hear."),
            "head_office_minutes": _("By mail, and under Needs attention."),
            "scanning": _("A piece that has no Ean may always be tapped."),
            "proof": _("Asked for before an order is handed over; a parcel needs none."),
            "collect_days": _("After that the order is cancelled and its pieces go back on the shelf."),
            "collect_reminder_days": _("By mail, when the order came with a member's number."),
        }

    def __init__(self, *args: Any, **facts: Any) -> None:
        super().__init__(*args, **facts)
        self.initial["missing_reasons"] = "\n".join(self.instance.missing_reasons)

    def carry_out(self) -> None:
        """Keeps what was decided; it counts from now on."""
        self.save()

    def clean_missing_reasons(self) -> list[str]:
        """One reason a line, each once."""
        text = self.cleaned_data["missing_reasons"]
        reasons = list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
        if len(reasons) > 20 or any(len(reason) > 60 for reason in reasons):
            raise forms.ValidationError(_("At most 20 reasons of at most 60 characters."))
        return reasons

    def clean(self) -> dict[str, Any]:
        """Escalation goes upwards, and a reminder comes before the date."""
        found: dict[str, Any] = super().clean() or {}
        shop, manager, office = (
            found.get(name) or 0 for name in ("remind_minutes", "manager_minutes", "head_office_minutes")
        )
        if not shop <= manager <= office:
            self.add_error(
                "head_office_minutes",
                _("First the shop, then its manager, then head office: no number below the one before."),
            )
        if (found.get("collect_reminder_days") or 0) > (found.get("collect_days") or 0):
            self.add_error("collect_reminder_days", _("Remind within the days to collect."))
        return found
