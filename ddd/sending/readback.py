"""Reads DdD back: did what was sent without an answer arrive?

DdD has no idempotency keys, so reading is the only proof.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from django.db.models import Q

from ddd.api import client
from ddd.api.http import Rejected, Unavailable, Wire
from ddd.api.wire import WireTransfer
from ddd.booking.outbox import SALES, pieces_of
from ddd.models import Connection, Posting
from ddd.sending.kinds import change

Evidence = dict[str, Any]
Row = TypeVar("Row")
CLOCKS_MAY_DIFFER = timedelta(hours=1)
DAYS_READ_AT_ONCE = 30  # DdD gives 31; one day is read twice rather than none


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
    """What must be known of DdD before the first send, so that what is new can be told afterwards.

    Rejected when DdD refuses the sender: that is not DdD being away, and nothing was sent.
    """
    if posting.kind != Posting.Kind.TRANSFER:
        return dict(posting.baseline)
    sender = int(posting.payload["ShopIdSender"])
    since = _day_before(now)
    try:
        rows = client.transfers(wire, sender, since)
    except Unavailable as error:
        if isinstance(error.__cause__, Rejected):
            raise error.__cause__ from error
        raise
    newest = max((row.transaction_number for row in rows), default=0)
    return {"since": since.isoformat(), "transaction_number": newest}


def look(posting: Posting, wire: Wire, now: datetime) -> Finding:
    """For a posting that was sent at least once. Raises Unavailable when DdD cannot be read now."""
    if posting.kind == Posting.Kind.ORDER:
        return _look_for_order(posting, wire)
    if posting.kind == Posting.Kind.CHANGE:
        return _look_for_change(posting, wire)
    find = _look_for_sale if posting.kind in SALES else _look_for_transfer
    return find(posting, wire, now)


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


def _look_for_change(posting: Posting, wire: Wire) -> Finding:
    order = change.find(wire, posting)
    if order is not None and change.is_done(posting.payload, order):
        return Found("true", {"Id": order.ddd_id})
    return Absent()


def _look_for_sale(posting: Posting, wire: Wire, now: datetime) -> Finding:
    sale = posting.payload
    first = posting.first_sent_at or posting.made_at
    rows = [
        row
        for row in _all_since(
            lambda day: client.sale_payments(wire, int(sale["ShopId"]), day), _day_before(first), now
        )
        if row.shop_id == int(sale["ShopId"])
        and row.terminal_id == int(sale["TerminalId"])
        and row.receipt_id == int(sale["ReceiptId"])
    ]
    if not rows:
        return Absent()
    paid = sum((Decimal(line["LineAmount"]) for line in sale["PaymentLines"]), Decimal(0))
    seen = sum((row.amount for row in rows), Decimal(0))
    evidence = {"payments": len(rows), "amount": str(seen)}
    # With which sign DdD shows money that is paid out is not known; nothing else has this receipt number.
    same = abs(seen) == paid if posting.kind == Posting.Kind.RETURN else seen == paid
    if same and len(rows) <= len(sale["PaymentLines"]):
        return Found("true", evidence)
    return Unclear(
        f"DdD has {len(rows)} payments of together {seen} under this receipt number; ours is {paid}.",
        evidence,
    )


def _look_for_transfer(posting: Posting, wire: Wire, now: datetime) -> Finding:
    body = posting.payload
    sender, recipient = int(body["ShopIdSender"]), int(body["ShopIdRecipient"])
    since = date.fromisoformat(posting.baseline["since"])
    known, nameless = _others_of_these_pieces(posting)
    new: defaultdict[str, Counter[int]] = defaultdict(Counter)
    for row in _all_since(lambda day: client.transfers(wire, sender, day), since, now):
        if _is_new(row, sender, recipient, posting) and row.invoice_id not in known:
            new[row.invoice_id][row.variant_id] -= row.quantity
    wanted = pieces_of(body["Items"])
    equal = sorted(invoice for invoice, pieces in new.items() if pieces == wanted)
    evidence = {"new between the two shops": sorted(new), "with the same pieces": equal}
    if len(equal) == 1 and not nameless:
        return Found(equal[0], evidence)
    if len(equal) == 1:
        return Unclear(
            "DdD has a new transfer of these pieces, but it may be one that a person has decided about.",
            evidence,
        )
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
        # What DdD's own till moved for another order carries that order's number.
        and row.order_no in ("", posting.order_no)
    )


def _others_of_these_pieces(posting: Posting) -> tuple[set[str], bool]:
    """Invoice ids of other transfers in this lane, and whether there may be more that nobody can name.

    A person who says "it arrived", or gives up what was sent, knows no invoice id.
    """
    others = Posting.objects.filter(
        Q(state=Posting.State.SENT) | Q(state=Posting.State.GIVEN_UP, first_sent_at__isnull=False),
        group_id=posting.group_id,
        kind=Posting.Kind.TRANSFER,
        lane=posting.lane,
    ).exclude(pk=posting.pk)
    known = set(others.values_list("answer", flat=True))
    return known - {""}, "" in known


def _drafts_are_listed(posting: Posting) -> bool:
    return Connection.objects.filter(group_id=posting.group_id, drafts_are_listed=True).exists()


def _all_since(read: Callable[[date], Iterable[Row]], since: date, now: datetime) -> list[Row]:
    """All rows from a day until now, however long ago that was. What two readings show counts once."""
    days = max((now.date() - since).days, 0)
    rows: Counter[Row] = Counter()
    for passed in range(0, days + 1, DAYS_READ_AT_ONCE):
        rows |= Counter(read(since + timedelta(days=passed)))
    return list(rows.elements())


def _day_before(moment: datetime) -> date:
    """DdD's dates are those of its own clock: one day more is read rather than one too few."""
    return moment.date() - timedelta(days=1)
