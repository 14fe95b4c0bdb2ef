"""What head office types and chooses."""

from datetime import datetime
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Shop, User
from ddd.models import Difference, Posting
from office.deciding import OF_A_POSTING, OF_DIFFERENCES, Asked


class OfShops(forms.Form):
    """Asks for one of the shops that its door offers, or for all."""

    shop = forms.ModelChoiceField(
        Shop.objects.none(),
        label=_("Shop"),
        required=False,
        empty_label=_("All shops"),
        to_field_name="shop_id",
    )

    def __init__(self, *args: Any, shops: QuerySet[Shop], **facts: Any) -> None:
        super().__init__(*args, **facts)
        shop: forms.ModelChoiceField = self.fields["shop"]  # type: ignore[assignment,type-arg]
        shop.queryset = shops


class DecisionForm(forms.Form):
    """What is to become of a posting."""

    decision = forms.ChoiceField(choices=[(name, one.label) for name, one in OF_A_POSTING.items()])
    reason = forms.CharField(required=False, max_length=500)
    to_the_order = forms.BooleanField(required=False)
    here = forms.CharField(required=False, max_length=200)

    def carry_out(self, posting: Posting, user: User, now: datetime) -> None:
        """Does what was decided; Conflict when somebody was faster."""
        decision = OF_A_POSTING[self.cleaned_data["decision"]]
        decision.carry_out(posting, Asked(user, now, self.cleaned_data["reason"]))


class DifferenceForm(forms.Form):
    """What is done about a difference; `of_day` is the report on whose page it was decided."""

    decision = forms.ChoiceField(choices=[(name, one.label) for name, one in OF_DIFFERENCES.items()])
    of_day = forms.DateField(required=False)
    reason = forms.CharField(required=False, max_length=500)
    here = forms.CharField(required=False, max_length=200)

    def carry_out(self, difference: Difference, user: User, now: datetime) -> None:
        """Does what was decided; Conflict when somebody was faster."""
        decision = OF_DIFFERENCES[self.cleaned_data["decision"]]
        decision.carry_out(difference, Asked(user, now, self.cleaned_data["reason"]))
