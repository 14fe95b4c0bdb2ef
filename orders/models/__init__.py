"""Web orders, their timeline, head office's policy, and the mails about them."""

from orders.models.event import Document, OrderEvent
from orders.models.followed import Followed, FollowedQuerySet
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
from orders.models.refund import RefundDue, RefundDueQuerySet, RefundedLine
from orders.models.tap import AppliedTap

__all__ = [
    "LONGEST_WORD",
    "AppliedTap",
    "Document",
    "Followed",
    "FollowedQuerySet",
    "ImpossibleMove",
    "Line",
    "Mail",
    "OrderEvent",
    "OrderQuerySet",
    "Policy",
    "ReceiverWord",
    "RefundDue",
    "RefundDueQuerySet",
    "RefundedLine",
    "WebOrder",
    "is_at_risk",
    "is_overdue",
    "new_pickup_code",
]
