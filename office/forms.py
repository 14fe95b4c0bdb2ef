"""What head office types and chooses."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Shop, User
from ddd import desk, reconciling
from ddd.models import Difference, Posting
from office.happenings import Happened, Span
from office.listing import Filters, Only
from orders.models import Policy
from orders.states import Phase


class FilterForm(forms.Form):
    """Which orders the list shows."""

    q = forms.CharField(label=_("OrderNo"), required=False, max_length=50, strip=True)
    shop = forms.ModelChoiceField(
        Shop.objects.none(),
        label=_("Shop"),
        required=False,
        empty_label=_("All shops"),
        to_field_name="shop_id",
    )
    status = forms.ChoiceField(label=_("Status"), required=False)
    only = forms.ChoiceField(
        label=_("What is the matter"), required=False, choices=[("", _("Whatever it is")), *Only.choices]
    )
    # Set by the links of the overview, and kept while other filters are changed.
    happened = forms.ChoiceField(required=False, choices=[("", ""), *Happened.choices])
    since = forms.DateTimeField(required=False)
    until = forms.DateTimeField(required=False)

    def __init__(self, *args: Any, shops: QuerySet[Shop], **facts: Any) -> None:
        super().__init__(*args, **facts)
        shop: forms.ModelChoiceField = self.fields["shop"]  # type: ignore[assignment,type-arg]
        shop.queryset = shops
        status: forms.ChoiceField = self.fields["status"]  # type: ignore[assignment]
        status.choices = [("", _("Every status")), *Phase.choices]

    def clean_since(self) -> datetime | None:
        return _in_utc(self.cleaned_data["since"])

    def clean_until(self) -> datetime | None:
        return _in_utc(self.cleaned_data["until"])

    def clean(self) -> None:
        """What happened is asked for with the span in which it did."""
        given = [bool(self.cleaned_data.get(name)) for name in ("happened", "since", "until")]
        if any(given) and not all(given):
            raise forms.ValidationError(_("What happened needs a beginning and an end."))

    def filters(self) -> Filters:
        """What was asked for; everything when a filter has a value that does not exist."""
        if not self.is_valid():
            return Filters()
        found = self.cleaned_data
        return Filters(
            order_no=found["q"],
            shop=found["shop"].pk if found["shop"] else None,
            phase=found["status"],
            only=found["only"],
            happened=found["happened"],
            span=Span(found["since"], found["until"]) if found["happened"] else None,
        )


def _in_utc(moment: datetime | None) -> datetime | None:
    try:
        return moment and moment.astimezone(UTC)
    except OverflowError as error:
        raise forms.ValidationError(_("There is no such moment.")) from error


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
