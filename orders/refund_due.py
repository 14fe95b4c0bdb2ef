"""Refunds for pieces of a paid order that the customer does not get."""

from datetime import datetime
from decimal import Decimal

from orders.events import record
from orders.models import OrderEvent, WebOrder
from orders.states import Status


def record_refund_due(order: WebOrder, now: datetime) -> None:
    """Records what the web shop has to refund for a paid order; each piece is recorded once."""
    if not order.is_paid:
        return
    recorded = {
        number
        for event in order.events.filter(kind=OrderEvent.Kind.REFUND_DUE)
        for number in event.data.get("lines", [])
    }
    lost = order.lines.filter(status__in=[Status.MISSING, Status.CANCELLED]).select_related("variant")
    due = [line for line in lost if str(line.number) not in recorded]
    if due:
        amount = sum((line.effective_sales_price for line in due), Decimal(0))
        record(
            order,
            OrderEvent.Kind.REFUND_DUE,
            now,
            lines=[str(line.number) for line in due],
            pieces=[str(line.variant) for line in due],
            variant_ids=[str(line.variant.variant_id) for line in due],
            amount=f"{amount:.2f}",
        )
