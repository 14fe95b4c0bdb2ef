"""The form of the hand-over."""

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
        """The data for `delivery.deliver`; `way` defaults to a hand-over in the shop. Invalid for wrong
        values."""
        if not self.is_valid():
            raise refused(self)
        data = self.cleaned_data
        way = WebOrder.Way(data["way"] or WebOrder.Way.HAND_OVER)
        shown = PresentedProof(data["pickup_code"], data["id_seen"], data["collected_by"], data["signature"])
        return delivery.HandOver(way, data["paid_by"], data["delivery_no"], shown)
