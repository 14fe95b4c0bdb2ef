"""What people can do with an order that cannot be picked: exactly what the rules allow."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from orders.cancel_reasons import CANCEL_REASONS
from orders.models import Line, WebOrder
from orders.states import Status, may_cancel, may_move
from pos.elsewhere import other_shops


def next_actions(order: WebOrder, lines: Sequence[Line], asked: bool, now: datetime) -> dict[str, Any]:
    """The context of the panel. DdD is asked about other shops once a piece is missing, or when they
    `asked`."""
    missing = [line for line in lines if line.status == Status.MISSING]
    trouble = may_move(order.status) and (bool(missing) or asked)
    return {
        "trouble": trouble,
        "missing_lines": missing,
        "in_basket": sum(line.status == Status.PICKED for line in lines),
        "may_cancel": may_cancel(order.status),
        "may_move": may_move(order.status),
        "cancel_reasons": CANCEL_REASONS.choices,
        **(elsewhere(order, now) if trouble else {}),
    }


def elsewhere(order: WebOrder, now: datetime) -> dict[str, Any]:
    """The other shops, and whether DdD's answer is still to come."""
    others = other_shops(order, now)
    return {"others": others, "asking": any(other.asking for other in others)}
