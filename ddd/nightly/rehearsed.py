"""What the portal would have posted on a day of a rehearsal, beside what DdD has by then."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from accounts.models import Group
from ddd.api.bodies import SaleBody, TransferBody
from ddd.api.wire import WireTransactions
from ddd.booking.outbox import pieces_of
from ddd.booking.payments import payments_total
from ddd.models import Posting
from ddd.nightly.comparing import BookedTransfer, Books, NamedReceipt

SHOWN: Final = 500
ONLY_AT_DDD: Final = "only at ddd"
Row = Mapping[str, Any]


def receipts_that_name_orders(shop_id: int, found: WireTransactions) -> list[NamedReceipt]:
    """Those of all tills: in a rehearsal others sell."""
    orders = {(item.terminal_id, item.receipt_id, item.order_no.strip()) for item in found.items}
    paid: defaultdict[tuple[int, int], Decimal] = defaultdict(Decimal)
    booked_at: dict[tuple[int, int], datetime | None] = {}
    for payment in found.payments:
        if payment.shop_id == shop_id:
            receipt = (payment.terminal_id, payment.receipt_id)
            paid[receipt] += payment.amount
            booked_at[receipt] = payment.booked_at
    return [
        NamedReceipt(
            order_no,
            (shop_id, terminal_id, receipt_id),
            paid[terminal_id, receipt_id],
            booked_at.get((terminal_id, receipt_id)),
        )
        for terminal_id, receipt_id, order_no in sorted(orders)
        if order_no
    ]


def rows(group: Group, shown: Books, known: frozenset[str], now: datetime) -> list[Row]:
    """Of yesterday and today, by the Group's own clock; `known` are the orders that the portal has. What does
    not agree comes first."""
    today = now.astimezone(ZoneInfo(group.time_zone)).date()
    since = datetime.combine(today - timedelta(days=1), time(), ZoneInfo(group.time_zone))
    receipts: defaultdict[str, list[NamedReceipt]] = defaultdict(list)
    for receipt in shown.named:
        receipts[receipt.order_no].append(receipt)
    rehearsed = Posting.objects.filter(group=group, state=Posting.State.REHEARSED)
    money = (Posting.Kind.SALE, Posting.Kind.RETURN)
    made = rehearsed.filter(made_at__gte=since).order_by("pk")
    found = [_of_receipt(posting, receipts[posting.order_no]) for posting in made.filter(kind__in=money)]
    found += [_of_transfer(one, shown.transfers) for one in made.filter(kind=Posting.Kind.TRANSFER)]
    sold_here = set(rehearsed.filter(kind__in=money).values_list("order_no", flat=True))
    found += _only_at_ddd(receipts, known - sold_here, since)
    return sorted(found, key=lambda row: (row["agrees"], row["order_no"]))[:SHOWN]


def _of_receipt(posting: Posting, receipts: Sequence[NamedReceipt]) -> Row:
    body: SaleBody = posting.payload
    amount = payments_total(body)
    agrees = any(receipt.place[0] == body["ShopId"] and abs(receipt.amount) == amount for receipt in receipts)
    would = f"{body['ShopId']} · {amount:.2f}"
    return _row(posting.order_no, posting.kind, would, [_said(receipt) for receipt in receipts], agrees)


def _of_transfer(posting: Posting, transfers: Sequence[BookedTransfer]) -> Row:
    body: TransferBody = posting.payload
    way, pieces = (body["ShopIdSender"], body["ShopIdRecipient"]), pieces_of(body["Items"])
    theirs = [moved for moved in transfers if moved.order_no.strip() == posting.order_no]
    theirs = theirs or [
        moved
        for moved in transfers
        if not moved.order_no.strip() and (moved.sender, moved.recipient, moved.pieces) == (*way, pieces)
    ]
    agrees = any((moved.sender, moved.recipient, moved.pieces) == (*way, pieces) for moved in theirs)
    said = [f"{moved.sender} → {moved.recipient} · {moved.pieces.total()}" for moved in theirs[:3]]
    return _row(posting.order_no, posting.kind, f"{way[0]} → {way[1]} · {pieces.total()}", said, agrees)


def _only_at_ddd(
    receipts: Mapping[str, Sequence[NamedReceipt]], others: frozenset[str] | set[str], since: datetime
) -> Iterator[Row]:
    for order_no in sorted(others & receipts.keys()):
        new = [one for one in receipts[order_no] if one.booked_at is None or one.booked_at >= since]
        if new:
            yield _row(order_no, ONLY_AT_DDD, "", [_said(one) for one in new], agrees=False)


def _said(receipt: NamedReceipt) -> str:
    shop_id, terminal_id, receipt_id = receipt.place
    return f"{shop_id} {terminal_id}/{receipt_id} · {receipt.amount:.2f}"


def _row(order_no: str, kind: str, would: str, theirs: list[str], agrees: bool) -> Row:
    return {"order_no": order_no, "kind": kind, "would": would, "ddd": theirs, "agrees": agrees}
