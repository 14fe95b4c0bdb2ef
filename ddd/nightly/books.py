"""Reads DdD's books, and computes what they must show after all that the portal has sent."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar

from django.db.models import QuerySet

from accounts.models import Group
from core.causes import StoredCause
from ddd.api import client
from ddd.api.bodies import TransferBody
from ddd.api.http import Rejected, Unavailable, Wire
from ddd.api.wire import WireTransactions
from ddd.booking.outbox import pieces_of
from ddd.booking.payments import payments_total
from ddd.models import Connection, Posting, ReceiptSeries, Sale
from ddd.nightly import rehearsed
from ddd.nightly.comparing import (
    BookedTransfer,
    Books,
    ExpectedSale,
    ExpectedTransfer,
    NamedReceipt,
    Place,
    Receipt,
    moved_from,
    receipts_of,
)
from ddd.words import causes

# DdD gives 31 days at once: one reading a shop reaches so far back.
DAYS_LOOKED_AT = 30
AT_ONCE = 500
MIN_EXPECTED_ENTRIES = 5
Value = TypeVar("Value")


@dataclass(frozen=True)
class Period:
    """Books are read from `first_day` on. They must show what was sent from `since` on and settled until
    `settled_by`: what is newer may still be on its way."""

    first_day: date
    since: datetime
    settled_by: datetime


def period_until(now: datetime) -> Period:
    """DdD's days follow its own clock, so the first one is read, but nothing is expected on it."""
    first_day = now.date() - timedelta(days=DAYS_LOOKED_AT)
    since = datetime.combine(first_day + timedelta(days=1), time(), UTC) + timedelta(hours=12)
    return Period(first_day, since, now - timedelta(minutes=30))


def read_books(wire: Wire, connection: Connection, period: Period) -> Books:
    """All shops of the Group, one call each; one that DdD refuses is named and does not stop the others.

    Unavailable when DdD is away, and when it refuses every shop.
    """
    terminals = {connection.terminal_id, *_terminals_used(connection.group)}
    receipts: dict[Place, Receipt] = {}
    moved: list[BookedTransfer] = []
    named: list[NamedReceipt] = []
    refused: dict[int, StoredCause] = {}
    shops = list(connection.group.shops.values_list("shop_id", flat=True))
    for shop_id in shops:
        try:
            found = client.transactions(wire, shop_id, period.first_day)
        except Rejected as refusal:
            refused[shop_id] = refusal.cause
            continue
        payments = [row for row in found.payments if row.terminal_id in terminals]
        receipts |= receipts_of(shop_id, payments, _orders_named(found, terminals))
        moved += moved_from(shop_id, found.transfers)
        named += rehearsed.receipts_that_name_orders(shop_id, found)
    if shops and len(refused) == len(shops):
        raise Unavailable(refused[shops[0]])
    read = tuple(shop_id for shop_id in shops if shop_id not in refused)
    return Books(period.since, receipts, moved, refused, read, named)


def _terminals_used(group: Group) -> QuerySet[Sale, int]:
    series = Sale.objects.filter(group=group).order_by()
    return series.values_list("terminal_id", flat=True).distinct()


def _orders_named(found: WireTransactions, terminals: set[int]) -> dict[tuple[int, int], set[str]]:
    orders: defaultdict[tuple[int, int], set[str]] = defaultdict(set)
    for item in found.items:
        if item.terminal_id in terminals and item.order_no:
            orders[item.terminal_id, item.receipt_id].add(item.order_no)
    return orders


def expected_sales(group: Group, period: Period, books: Books) -> list[ExpectedSale]:
    """What was sent in the period; of what DdD shows also what is older, so that it is not taken for new."""
    sales = Sale.objects.filter(group=group, receipt_id__isnull=False).select_related("shop", "posting")
    found = {sale.pk: sale for sale in sales.filter(posting__first_sent_at__gte=period.since)}
    for numbers in _parts(sorted({place[2] for place in books.receipts})):
        older = sales.filter(receipt_id__in=numbers).exclude(posting__first_sent_at__gte=period.since)
        found |= {sale.pk: sale for sale in older if _place(sale) in books.receipts}
    named = {order_no for receipt in books.receipts.values() for order_no in receipt.order_nos}
    # Also of orders that an unknown receipt names: it may be theirs a second time.
    for order_nos in _parts(sorted(named)):
        found |= {sale.pk: sale for sale in sales.filter(order_no__in=order_nos)}
    return [_expected_sale(sale, period, books) for sale in found.values()]


def _place(sale: Sale) -> Place:
    return sale.shop.shop_id, sale.terminal_id, sale.receipt_id or 0


def _expected_sale(sale: Sale, period: Period, books: Books) -> ExpectedSale:
    posting = sale.posting
    return ExpectedSale(
        subject=posting.action_key,
        order_no=sale.order_no,
        place=_place(sale),
        amount=payments_total(posting.payload),
        is_return=posting.kind == Posting.Kind.RETURN,
        is_required=_must_be_there(posting, period) and sale.shop.shop_id not in books.refused,
        posting=posting.pk,
        sent_at=posting.first_sent_at or sale.made_at,
    )


def numbered_by_us(group: Group) -> frozenset[tuple[int, int]]:
    """The shops and terminals in which the portal has given receipt numbers."""
    series = ReceiptSeries.objects.filter(shop__group=group, last__gt=0)
    return frozenset(series.values_list("shop__shop_id", "terminal_id"))


def posted_orders(group: Group, books: Books) -> frozenset[str]:
    """Of the orders that DdD's receipts name, those that the portal knows by its outbox."""
    named = {order_no for receipt in books.receipts.values() for order_no in receipt.order_nos}
    postings = Posting.objects.filter(group=group).order_by()
    return frozenset(
        order_no
        for part in _parts(sorted(named))
        for order_no in postings.filter(order_no__in=part).values_list("order_no", flat=True)
    )


def sold_by_others(group: Group, told: frozenset[str]) -> frozenset[str]:
    """Of these orders, those whose sale the portal never sent, because DdD had one already."""
    ended = (Posting.State.SENT, Posting.State.GIVEN_UP, Posting.State.REHEARSED)
    never_sent = Posting.objects.filter(
        group=group, kind=Posting.Kind.SALE, state__in=ended, first_sent_at__isnull=True
    )
    return frozenset(
        order_no
        for part in _parts(sorted(told))
        for order_no in never_sent.filter(order_no__in=part).values_list("order_no", flat=True)
    )


def expected_transfers(group: Group, period: Period, books: Books) -> list[ExpectedTransfer]:
    """What was sent in the period, and what is older of what DdD shows."""
    moves = Posting.objects.filter(group=group, kind=Posting.Kind.TRANSFER, first_sent_at__isnull=False)
    found = {posting.pk: posting for posting in moves.filter(first_sent_at__gte=period.since)}
    for invoices in _parts(sorted({moved.invoice for moved in books.transfers})):
        found |= {posting.pk: posting for posting in moves.filter(answer__in=invoices)}
    return [_expected_transfer(posting, period, books) for posting in found.values()]


def _expected_transfer(posting: Posting, period: Period, books: Books) -> ExpectedTransfer:
    body: TransferBody = posting.payload
    return ExpectedTransfer(
        subject=posting.action_key,
        order_no=posting.order_no,
        sender=body["ShopIdSender"],
        recipient=body["ShopIdRecipient"],
        pieces=pieces_of(body["Items"]),
        is_required=_must_be_there(posting, period) and body["ShopIdSender"] not in books.refused,
        sent_at=posting.first_sent_at or posting.made_at,
        posting=posting.pk,
        invoice=posting.answer,
        after=int(posting.baseline.get("transaction_number", 0)),
    )


def orders_sent(group: Group, period: Period) -> Iterator[Posting]:
    """Web orders that DdD has said that it has."""
    sent = Posting.objects.filter(group=group, kind=Posting.Kind.ORDER, first_sent_at__gte=period.since)
    return (posting for posting in sent.iterator(AT_ONCE) if _must_be_there(posting, period))


def refuse_empty_books(expected: Sequence[ExpectedSale | ExpectedTransfer], books: Books) -> None:
    """Unavailable when DdD shows none of many entries: that is a failed read, not a difference."""
    due = sum(one.is_required for one in expected)
    if due >= MIN_EXPECTED_ENTRIES and not books.receipts and not books.transfers:
        raise Unavailable(causes.BOOKS_EMPTY())


def _must_be_there(posting: Posting, period: Period) -> bool:
    is_old = posting.first_sent_at is None or posting.first_sent_at < period.since
    if posting.state != Posting.State.SENT or posting.settled_at is None:
        return False
    return not is_old and posting.settled_at <= period.settled_by


def _parts(values: Sequence[Value]) -> Iterator[Sequence[Value]]:
    for start in range(0, len(values), AT_ONCE):
        yield values[start : start + AT_ONCE]
