"""What head office types and chooses."""

from datetime import datetime
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Shop, User
from ddd import desk, reconciling
from ddd.models import Difference, Posting
from orders import taking_over


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

    decision = forms.ChoiceField(
        choices=[
            ("send again", _("Send again")),
            ("try now", _("Try now")),
            ("it arrived", _("It did arrive")),
            ("give up", _("Give up")),
        ]
    )
    reason = forms.CharField(required=False, max_length=500)
    to_the_order = forms.BooleanField(required=False)
    here = forms.CharField(required=False, max_length=200)

    def carry_out(self, posting: Posting, user: User, now: datetime) -> None:
        """Does what was decided; Conflict when somebody was faster."""
        decision = self.cleaned_data["decision"]
        if decision == "send again":
            desk.send_again(posting, user, now)
        elif decision == "try now":
            desk.try_now(posting, now)
        elif decision == "it arrived":
            desk.it_arrived(posting, user, now)
        else:
            desk.give_up(posting, self.cleaned_data["reason"], user, now)


class DifferenceForm(forms.Form):
    """What is done about a difference; `of_day` is the report on whose page it was decided."""

    decision = forms.ChoiceField(choices=[("seen to", _("Seen to")), ("send", _("Send what is missing"))])
    of_day = forms.DateField(required=False)
    reason = forms.CharField(required=False, max_length=500)
    here = forms.CharField(required=False, max_length=200)

    def carry_out(self, difference: Difference, user: User, now: datetime) -> None:
        """Does what was decided; Conflict when somebody was faster."""
        if self.cleaned_data["decision"] == "send":
            taking_over.mend(difference, user, now)
        else:
            reconciling.see_to(difference, user, now, self.cleaned_data["reason"])
