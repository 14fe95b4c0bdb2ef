"""What head office filters and decides on its work list."""

from datetime import datetime
from typing import Any, cast
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.choices import Choices, label_of
from ddd.models import Notice
from ddd.models.connection import OrderType
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
    """What DdD's word means, for a line or for the type of an order. What makes the portal book or cancel is
    confirmed."""

    status = forms.ChoiceField()
    sure = forms.BooleanField(required=False)

    def __init__(self, data: Any, notice: Notice) -> None:
        super().__init__(data)
        self.notice, self.meanings = notice, meanings_of(notice)
        self._field.choices = self.meanings

    def clean(self) -> None:
        """Sales cannot be taken out of DdD again, and a cancelled order does not come back."""
        if self.cleaned_data.get("status") in WITH_CONSEQUENCES and not self.cleaned_data.get("sure"):
            raise forms.ValidationError(
                _("Tick that you are sure: the portal books or cancels every order that has this word.")
            )

    def carry_out(self, user: User, now: datetime) -> str:
        """Orders that were read with it are read once more. Answers what the word means, in words."""
        meaning = self.cleaned_data["status"]
        decisions.map_word(self.notice, meaning, self.meanings, user, now)
        return label_of(self.meanings, meaning)

    @property
    def _field(self) -> forms.ChoiceField:
        return cast("forms.ChoiceField", self.fields["status"])


def meanings_of(notice: Notice) -> Choices:
    """What the word of a notice may mean."""
    return OrderType.choices if notice.kind == Notice.Kind.UNKNOWN_TYPE else Status.choices
