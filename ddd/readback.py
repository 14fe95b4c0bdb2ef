"""Reads DdD back: did what was sent without an answer arrive?

DdD has no idempotency keys, so reading is the only proof.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from ddd import client
from ddd.http import Wire
from ddd.models import Connection, Posting
from ddd.outbox import pieces_of
from ddd.wire import WireTransfer

Evidence = dict[str, Any]
CLOCKS_MAY_DIFFER = timedelta(hours=1)


@dataclass(frozen=True)
class Found:
    """It is there: done."""

    answer: str
    evidence: Evidence = field(default_factory=dict)


@dataclass(frozen=True)
class Absent:
    """It is surely not there: it may be sent again."""

    evidence: Evidence = field(default_factory=dict)


@dataclass(frozen=True)
class Unclear:
    """Reading does not decide: a person does, with this evidence."""

    reason: str
    evidence: Evidence


Finding = Found | Absent | Unclear


def mark_before_sending(posting: Posting, wire: Wire, now: datetime) -> Evidence:
    """What must be known of DdD before the first send, so that what is new can be told afterwards."""
    if posting.kind != Posting.Kind.TRANSFER:
        return {}
    sender = int(posting.payload["ShopIdSender"])
    since = _day_before(now)
    newest = max((row.transaction_number for row in client.transfers(wire, sender, since)), default=0)
    return {"since": since.isoformat(), "transaction_number": newest}


def look(posting: Posting, wire: Wire) -> Finding:
    """For a posting that was sent at least once. Raises Unavailable when DdD cannot be read now."""
    looks = {
        Posting.Kind.ORDER: _look_for_order,
        Posting.Kind.SALE: _look_for_sale,
        Posting.Kind.TRANSFER: _look_for_transfer,
    }
    return looks[Posting.Kind(posting.kind)](posting, wire)


def _look_for_order(posting: Posting, wire: Wire) -> Finding:
    first = posting.first_sent_at or posting.made_at
    order = client.find_order(wire, posting.order_no, first - CLOCKS_MAY_DIFFER)
    if order is None:
        return Absent()
    ours = Counter(int(line["VariantId"]) for line in posting.payload["WebOrderLines"])
    theirs = Counter(line.variant_id for line in order.lines)
    if order.shop_id == int(posting.payload["ShopId"]) and theirs == ours:
        return Found("true", {"Id": order.ddd_id})
    return Unclear(
        "DdD has another order with this OrderNo.",
        {"Id": order.ddd_id, "ShopId": order.shop_id, "VariantIds": sorted(theirs.elements())},
    )


def _look_for_sale(posting: Posting, wire: Wire) -> Finding:
    sale = posting.payload
    first = posting.first_sent_at or posting.made_at
    rows = [
        row
        for row in client.sale_payments(wire, int(sale["ShopId"]), _day_before(first))
        if row.shop_id == int(sale["ShopId"])
        and row.terminal_id == int(sale["TerminalId"])
        and row.receipt_id == int(sale["ReceiptId"])
    ]
    if not rows:
        return Absent()
    paid = sum((Decimal(line["LineAmount"]) for line in sale["PaymentLines"]), Decimal(0))
    seen = sum((row.amount for row in rows), Decimal(0))
    evidence = {"receipts": len(rows), "amount": str(seen)}
    if seen == paid:
        return Found("true", evidence)
    return Unclear(
        f"DdD has a sale under this receipt number with the amount {seen}; ours is {paid}.", evidence
    )


def _look_for_transfer(posting: Posting, wire: Wire) -> Finding:
    body = posting.payload
    sender, recipient = int(body["ShopIdSender"]), int(body["ShopIdRecipient"])
    since = date.fromisoformat(posting.baseline["since"])
    known = _invoices_known(posting)
    new: defaultdict[str, Counter[int]] = defaultdict(Counter)
    for row in client.transfers(wire, sender, since):
        if _is_new(row, sender, recipient, posting) and row.invoice_id not in known:
            new[row.invoice_id][row.variant_id] -= row.quantity
    wanted = pieces_of(body["Items"])
    equal = sorted(invoice for invoice, pieces in new.items() if pieces == wanted)
    evidence = {"new between the two shops": sorted(new), "with the same pieces": equal}
    if len(equal) == 1:
        return Found(equal[0], evidence)
    if equal:
        return Unclear("DdD has several new transfers of these pieces between the two shops.", evidence)
    if not _drafts_are_listed(posting):
        return Unclear(
            "DdD lists no such transfer, but it is not confirmed that it lists drafts at all.", evidence
        )
    return Absent(evidence)


def _is_new(row: WireTransfer, sender: int, recipient: int, posting: Posting) -> bool:
    return (
        row.shop_id == sender
        and row.counterpart_shop_id == recipient
        and row.quantity < 0
        and row.transaction_number > int(posting.baseline["transaction_number"])
    )


def _invoices_known(posting: Posting) -> set[str]:
    """Invoice ids that already belong to other transfers of this Group."""
    others = Posting.objects.filter(
        group_id=posting.group_id, kind=Posting.Kind.TRANSFER, state=Posting.State.SENT, lane=posting.lane
    )
    return set(others.exclude(pk=posting.pk).values_list("answer", flat=True))


def _drafts_are_listed(posting: Posting) -> bool:
    return Connection.objects.filter(group_id=posting.group_id, drafts_are_listed=True).exists()


def _day_before(moment: datetime) -> date:
    """DdD's dates are those of its own clock: one day more is read rather than one too few."""
    return moment.date() - timedelta(days=1)
