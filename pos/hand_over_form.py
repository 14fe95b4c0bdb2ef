"""What is asked when an order leaves the shop, and what the order's page shows of it."""

from datetime import datetime
from typing import Any

from django import forms

from accounts.access import is_manager
from accounts.models import User
from core.forms import refused
from orders import delivery
from orders.models import Policy, WebOrder
from orders.proof import LONGEST_SIGNATURE, Proof, Shown, accepted_proofs
from orders.states import Status


class HandOverForm(forms.Form):
    """How an order leaves the shop."""

    way = forms.ChoiceField(choices=WebOrder.Way.choices, required=False)
    paid_by = forms.ChoiceField(choices=WebOrder.PaidBy.choices, required=False)
    delivery_no = forms.CharField(required=False)
    pickup_code = forms.CharField(required=False)
    id_seen = forms.BooleanField(required=False)
    collected_by = forms.CharField(required=False)
    signature = forms.CharField(required=False, max_length=LONGEST_SIGNATURE)

    def facts(self) -> delivery.HandOver:
        """As the verb takes it; what is not said is a hand-over in the shop. Invalid for words it has not."""
        if not self.is_valid():
            raise refused(self)
        found = self.cleaned_data
        way = WebOrder.Way(found["way"] or WebOrder.Way.HAND_OVER)
        shown = Shown(found["pickup_code"], found["id_seen"], found["collected_by"], found["signature"])
        return delivery.HandOver(way, found["paid_by"], found["delivery_no"], shown)


def leaving(order: WebOrder, policy: Policy, user: User, now: datetime) -> dict[str, Any]:
    """The facts of the hand-over, or of its undoing; at most 1 query."""
    pay_ways = [choice for choice in WebOrder.PaidBy.choices if choice[0] in delivery.AT_THE_REGISTER]
    facts: dict[str, Any] = {"pay_ways": pay_ways}
    if order.status == Status.PICKED:
        accepted = accepted_proofs(policy.proof, is_manager(user, order.shop))
        facts |= {"proof": accepted[0], "name_stands_in": len(accepted) > 1 and Proof.NAME in accepted}
    elif order.status == Status.DELIVERED:
        facts["undo_seconds"] = delivery.seconds_to_undo(order, user, now)
    return facts
