"""Web orders, their timeline, head office's policy, and the mails about them."""

from orders.models.event import Document, OrderEvent
from orders.models.mail import Mail
from orders.models.order import (
    ImpossibleMove,
    Line,
    OrderQuerySet,
    WebOrder,
    is_at_risk,
    is_overdue,
    new_pickup_code,
)
from orders.models.policy import Policy
from orders.models.receiver import LONGEST_WORD, ReceiverWord
from orders.models.tap import AppliedTap

__all__ = [
    "LONGEST_WORD",
    "AppliedTap",
    "Document",
    "ImpossibleMove",
    "Line",
    "Mail",
    "OrderEvent",
    "OrderQuerySet",
    "Policy",
    "ReceiverWord",
    "WebOrder",
    "is_at_risk",
    "is_overdue",
    "new_pickup_code",
]
