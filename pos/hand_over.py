"""The part of the order's page to hand the order over, or to undo that."""

from datetime import datetime
from typing import Any

from accounts.access import is_manager
from accounts.models import User
from orders import delivery
from orders.models import Policy, WebOrder
from orders.proof import LONGEST_SIGNATURE, Proof, accepted_proofs
from orders.selling import AT_THE_REGISTER
from orders.states import Status


def hand_over_context(order: WebOrder, policy: Policy, user: User, now: datetime) -> dict[str, Any]:
    """The template context; at most 1 query."""
    pay_ways = [choice for choice in WebOrder.PaidBy.choices if choice[0] in AT_THE_REGISTER]
    context: dict[str, Any] = {"pay_ways": pay_ways}
    if order.status == Status.PICKED:
        accepted = accepted_proofs(policy.proof, is_manager(user, order.shop))
        context |= {"proof": accepted[0], "name_stands_in": len(accepted) > 1 and Proof.NAME in accepted}
        context["longest_signature"] = str(LONGEST_SIGNATURE)
    elif order.status == Status.DELIVERED:
        context["undo_seconds"] = delivery.seconds_to_undo(order, user, now)
    return context
