"""What head office filters and decides on its work list."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from ddd.models import Notice
from ddd.sending import decisions
from office.attention.deciding import ChosenRow, Outcome, decide_each, read_chosen
from office.attention.kind import Decision, Details, Kind
from office.attention.kinds import KINDS
from office.attention.work_list import Filters
from office.shop_forms import ShopFilterForm
from orders.states import Status

WITH_CONSEQUENCES = (Status.DELIVERED, Status.RETURNED, Status.CANCELLED)


class ListForm(ShopFilterForm):
    """Which rows the work list shows."""

    kind = forms.ChoiceField(
        label=_("What is the matter"),
        required=False,
        choices=[("", _("Everything")), *((kind.key, kind.label) for kind in KINDS.values())],
    )

    def filters(self) -> Filters:
        """The filters; none of them when one has a value that does not exist."""
        if not self.is_valid():
            return Filters()
        found = self.cleaned_data
        return Filters(KINDS.get(found["kind"]), found["shop"])

    @property
    def query(self) -> str:
        """The filters for an address."""
        if not self.is_valid():
            return ""
        found = {"kind": self.cleaned_data["kind"], "shop": getattr(self.cleaned_data["shop"], "shop_id", "")}
        return urlencode({name: value for name, value in found.items() if value})


class DecideForm(ShopFilterForm):
    """A decision about the chosen rows of one kind, or about all that were shown. `here` is the query of the
    list, `order` the order on whose page it was decided."""

    decision = forms.ChoiceField()
    which = forms.ChoiceField(choices=[("chosen", ""), ("shown", "")], required=False)
    reason = forms.CharField(required=False, max_length=500)
    here = forms.CharField(required=False, max_length=200)
    order = forms.IntegerField(required=False)

    def __init__(self, *args: Any, kind: Kind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        decision: forms.ChoiceField = self.fields["decision"]  # type: ignore[assignment]
        decision.choices = [(name, button.label) for name, button in kind.buttons.items()]
        self.chosen: list[ChosenRow] = []

    def clean(self) -> None:
        """At least one row, and a shop where one is needed."""
        given: QueryDict = self.data  # type: ignore[assignment]  # always built from a request
        named = given.getlist("shown" if self.cleaned_data.get("which") == "shown" else "chosen")
        self.chosen = read_chosen(named) or []
        if not self.chosen:
            raise forms.ValidationError(_("Choose at least one row, and 50 at most."))
        decision = self.kind.buttons.get(self.cleaned_data.get("decision", ""))
        if decision and decision.wants_shop and self.cleaned_data.get("shop") is None:
            raise forms.ValidationError(_("Choose the shop that is to have it."))
        if decision and decision.wants_reason and not self.cleaned_data.get("reason"):
            raise forms.ValidationError(_("Write a reason."))

    def carry_out(self, user: User, now: datetime) -> Outcome:
        """Does what was decided, row by row."""
        found = self.cleaned_data
        details = Details(user, now, found["reason"], found["shop"])
        return decide_each(self.kind, self._button, self.chosen, details)

    @property
    def done_words(self) -> str:
        """The message for the rows that were done."""
        return str(self._button.done)

    @property
    def _button(self) -> Decision:
        return self.kind.buttons[self.cleaned_data["decision"]]


class WordForm(forms.Form):
    """What DdD's word for a piece means. What makes the portal book or cancel is confirmed."""

    status = forms.ChoiceField(choices=Status.choices)
    sure = forms.BooleanField(required=False)

    def clean(self) -> None:
        """Sales cannot be taken out of DdD again, and a cancelled order does not come back."""
        if self.cleaned_data.get("status") in WITH_CONSEQUENCES and not self.cleaned_data.get("sure"):
            raise forms.ValidationError(
                _("Tick that you are sure: the portal books or cancels every order that has this word.")
            )

    def carry_out(self, notice: Notice, user: User, now: datetime) -> None:
        """Orders that were read with it are read once more."""
        decisions.map_status_word(notice, self.cleaned_data["status"], Status.choices, user, now)
