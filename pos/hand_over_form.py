"""What is asked when an order leaves the shop."""

from django import forms

from core.forms import refused
from orders import delivery
from orders.models import WebOrder
from orders.proof import LONGEST_SIGNATURE, PresentedProof


class HandOverForm(forms.Form):
    """How an order leaves the shop."""

    way = forms.ChoiceField(choices=WebOrder.Way.choices, required=False)
    paid_by = forms.ChoiceField(choices=WebOrder.PaidBy.choices, required=False)
    delivery_no = forms.CharField(required=False)
    pickup_code = forms.CharField(required=False)
    id_seen = forms.BooleanField(required=False)
    collected_by = forms.CharField(required=False)
    signature = forms.CharField(required=False, max_length=LONGEST_SIGNATURE)

    def hand_over(self) -> delivery.HandOver:
        """As the verb takes it; what is not said is a hand-over in the shop. Invalid for words it has not."""
        if not self.is_valid():
            raise refused(self)
        found = self.cleaned_data
        way = WebOrder.Way(found["way"] or WebOrder.Way.HAND_OVER)
        shown = PresentedProof(
            found["pickup_code"], found["id_seen"], found["collected_by"], found["signature"]
        )
        return delivery.HandOver(way, found["paid_by"], found["delivery_no"], shown)
