"""What head office types and chooses."""

from datetime import datetime
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Shop, User
from ddd import desk
from ddd.models import Posting
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

    def __init__(self, *args: Any, shops: QuerySet[Shop], **facts: Any) -> None:
        super().__init__(*args, **facts)
        shop: forms.ModelChoiceField = self.fields["shop"]  # type: ignore[assignment,type-arg]
        shop.queryset = shops
        status: forms.ChoiceField = self.fields["status"]  # type: ignore[assignment]
        status.choices = [("", _("Every status")), *Phase.choices]


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

    def what_is_wrong(self) -> str:
        """All faults in one sentence."""
        return " ".join(str(text) for texts in self.errors.values() for text in texts)

    def carry_out(self, posting: Posting, user: User, now: datetime) -> None:
        """Does what was decided; Conflict when somebody was faster."""
        decision = self.cleaned_data["decision"]
        if decision == "send again":
            desk.send_again(posting, user, now)
        elif decision == "it arrived":
            desk.it_arrived(posting, user, now)
        else:
            desk.give_up(posting, self.cleaned_data["reason"], user, now)
