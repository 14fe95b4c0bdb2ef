"""Refunds for pieces of a paid order that the customer does not get: missing, cancelled, not collected."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from accounts.models import User
from orders.events import EventData, record
from orders.models import Line, OrderEvent, RefundDue, RefundedLine, WebOrder
from orders.states import Status

Cause = RefundedLine.Cause
State = RefundDue.State


def settle_refunds(
    order: WebOrder, now: datetime, cancelled_as: RefundedLine.Cause = Cause.CANCELLED, reason: str = ""
) -> None:
    """For a locked order: the web shop owes each piece that was paid for and that the customer does not get,
    once. What turned out to be owed no longer is withdrawn.

    `cancelled_as` and `reason` say why pieces were cancelled that were not refunded before.
    """
    lost = _lost(order)
    counted = _still_right(order, lost, now) | _told_by_older_versions(order)
    due = [line for line in lost if line.pk not in counted]
    if due:
        _owe(order, due, now, cancelled_as, reason)


def end_refund(refund: RefundDue, now: datetime, by: User | None) -> None:
    """It is owed no longer: withdrawn, or to be claimed back when it was paid already."""
    row = RefundDue.objects.filter(pk=refund.pk)
    ended = {"modified_at": now, "closed_at": now, "closed_by": by}
    if not row.filter(state=State.DUE).update(state=State.WITHDRAWN, **ended):
        opened = {"modified_at": now, "closed_at": None, "closed_by": None}
        row.filter(state=State.REFUNDED).update(state=State.RECLAIM, **opened)


def _lost(order: WebOrder) -> list[Line]:
    if not order.is_paid or order.is_in_store:  # of the latter DdD's till has the money
        return []
    lost = order.lines.filter(status__in=[Status.MISSING, Status.CANCELLED])
    return list(lost.select_related("variant"))


def _still_right(order: WebOrder, lost: Sequence[Line], now: datetime) -> set[int]:
    """Withdraws refunds with a piece that is not lost any more, and unpaid ones with another price than the
    piece has now; their other pieces are owed by a new one. The lines of those that are right."""
    prices = {line.pk: line.effective_sales_price for line in lost}
    rows = RefundedLine.objects.filter(refund__order=order, counts=True).select_related("refund")
    counted = {row.line_id: row.refund_id for row in rows}
    wrong = {row.refund_id for row in rows if _is_wrong(row, prices.get(row.line_id))}
    for refund in order.refunds.filter(pk__in=wrong):
        refund.lines.update(counts=False)
        end_refund(refund, now, None)
        data: EventData = {"amount": f"{refund.amount:.2f}", "refund": refund.pk}
        record(order, OrderEvent.Kind.REFUND_WITHDRAWN, now, None, False, **data)
    return {line for line, refund in counted.items() if refund not in wrong}


def _is_wrong(row: RefundedLine, price: Decimal | None) -> bool:
    return price is None or (price != row.amount and row.refund.state == State.DUE)


def _told_by_older_versions(order: WebOrder) -> set[int]:
    """Older versions only wrote it in the timeline; so does what costs nothing."""
    events = order.events.filter(kind=OrderEvent.Kind.REFUND_DUE)
    numbers = {
        number for event in events if "refund" not in event.data for number in event.data.get("lines", [])
    }
    return set(order.lines.filter(number__in=numbers).values_list("pk", flat=True)) if numbers else set()


def _owe(
    order: WebOrder, due: Sequence[Line], now: datetime, cancelled_as: RefundedLine.Cause, reason: str
) -> None:
    amount = sum((line.effective_sales_price for line in due), Decimal(0))
    data: EventData = {
        "lines": [str(line.number) for line in due],
        "pieces": [str(line.variant) for line in due],
        "variant_ids": [str(line.variant.variant_id) for line in due],
        "amount": f"{amount:.2f}",
    }
    if amount > 0:
        refund = RefundDue.objects.create(
            group_id=order.group_id,
            web_shop_id=order.web_shop_id,
            order=order,
            shop_id=order.shop_id,
            amount=amount,
            currency=order.group.currency,
            made_at=now,
            modified_at=now,
        )
        RefundedLine.objects.bulk_create(
            RefundedLine(
                refund=refund,
                line=line,
                amount=line.effective_sales_price,
                **_why(line, cancelled_as, reason),
            )
            for line in due
        )
        data["refund"] = refund.pk
    record(order, OrderEvent.Kind.REFUND_DUE, now, None, False, **data)


def _why(line: Line, cancelled_as: RefundedLine.Cause, reason: str) -> dict[str, str]:
    if line.status == Status.MISSING:
        return {"cause": Cause.MISSING, "reason": line.missing_reason}
    return {"cause": cancelled_as, "reason": reason}
