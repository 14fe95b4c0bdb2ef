"""Compares what the portal has booked with what DdD's books show. Knows no database.

A sale is known by shop, terminal and receipt number and by the order that its items name, an item transfer by
its invoice id, or by the order that it names when DdD's own till made it. Only the portal's own terminals
are compared: sales at the shops' tills, and receipts that name no order, are ignored.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from core.causes import StoredCause
from ddd.api.wire import WirePayment, WireTransfer
from ddd.words.differences import Difference, Evidence, EvidenceKey, Kind

Place = tuple[int, int, int]  # ShopId, TerminalId, ReceiptId


@dataclass(frozen=True)
class ExpectedSale:
    """A sale or a return that DdD must have; what is on its way, or was given up, only may be there."""

    subject: str
    order_no: str
    place: Place
    amount: Decimal
    is_return: bool
    is_required: bool
    posting: int
    sent_at: datetime


@dataclass(frozen=True)
class ExpectedTransfer:
    """An item transfer that DdD must have. One of DdD's own till is known by its order.

    `after` is the newest transaction of the sender before it was sent.
    """

    subject: str
    order_no: str
    sender: int
    recipient: int
    pieces: Mapping[int, int]
    is_required: bool
    sent_at: datetime
    posting: int | None = None
    invoice: str = ""
    after: int = 0
    by_till: bool = False


@dataclass
class Receipt:
    """What DdD has under one receipt number of one shop and terminal."""

    payments: list[WirePayment] = field(default_factory=list)
    order_nos: set[str] = field(default_factory=set)

    @property
    def amount(self) -> Decimal:
        return sum((payment.amount for payment in self.payments), Decimal(0))

    def booked_at(self, otherwise: datetime) -> datetime:
        return min((row.booked_at for row in self.payments if row.booked_at), default=otherwise)


@dataclass
class BookedTransfer:
    """One item transfer as its sender's books show it."""

    invoice: str
    sender: int
    recipient: int
    order_no: str
    pieces: Counter[int] = field(default_factory=Counter)
    number: int = 0
    booked_at: datetime | None = None


@dataclass(frozen=True)
class NamedReceipt:
    """A receipt of any till that names a web order, and what was paid."""

    order_no: str
    place: Place
    amount: Decimal
    booked_at: datetime | None


@dataclass(frozen=True)
class Books:
    """What DdD showed of the shops of a Group since a moment, but for what its other tills did.

    `refused` are the ShopIds that it does not take for shops of the Group, each with what DdD said; `read`
    are all others.
    """

    since: datetime
    receipts: Mapping[Place, Receipt]
    transfers: Sequence[BookedTransfer]
    refused: Mapping[int, StoredCause] = field(default_factory=dict)
    read: tuple[int, ...] = ()
    named: Sequence[NamedReceipt] = ()


def compare_sales(
    expected: Sequence[ExpectedSale], books: Books, ours: frozenset[str]
) -> Iterator[Difference]:
    """`ours` are the orders that the portal has told DdD of, or has a sale of."""
    lost: defaultdict[str, list[ExpectedSale]] = defaultdict(list)
    for sale in expected:
        receipt = books.receipts.get(sale.place)
        if receipt is None:
            if sale.is_required:
                lost[sale.order_no].append(sale)
        else:
            yield from _under_its_receipt(sale, receipt)
    known = {sale.place for sale in expected}
    sold = {sale.order_no for sale in expected}
    for place, receipt in sorted(books.receipts.items()):
        if place in known:
            continue
        for order_no in sorted(receipt.order_nos & ours):
            yield _without_a_posting(place, receipt, order_no, lost, order_no in sold, books)
    for sale in (sale for sales in lost.values() for sale in sales):
        kind = Kind.RETURN_MISSING if sale.is_return else Kind.SALE_MISSING
        yield _of_sale(kind, sale, {})


def sales_of_nobody(
    expected: Sequence[ExpectedSale],
    books: Books,
    numbered: frozenset[tuple[int, int]],
    known: frozenset[str],
    since: datetime,
) -> Iterator[Difference]:
    """Receipts that the portal never gave and that name an order which nobody has.

    `numbered` are the shops and terminals where the portal gives the numbers, `known` the orders that
    somebody has; before `since` the portal was not there.
    """
    given = {sale.place for sale in expected}
    for place, receipt in sorted(books.receipts.items()):
        booked_at = receipt.booked_at(books.since)
        if place in given or place[:2] not in numbered or booked_at < since:
            continue
        for order_no in sorted(receipt.order_nos - known):
            yield _at_its_place(Kind.SALE_OF_NOBODY, place, receipt, order_no, booked_at)


def _under_its_receipt(sale: ExpectedSale, receipt: Receipt) -> Iterator[Difference]:
    seen = [payment.amount for payment in receipt.payments]
    if receipt.order_nos and receipt.order_nos != {sale.order_no}:
        evidence: Evidence = {
            EvidenceKey.OF_THE_ORDERS: ", ".join(sorted(receipt.order_nos)),
            EvidenceKey.AMOUNT_AT_DDD: f"{sum(seen):.2f}",
        }
        yield _of_sale(Kind.SALE_AMOUNT, sale, evidence)
    elif len(seen) > 1 and all(abs(amount) == sale.amount for amount in seen):
        kind = Kind.RETURN_TWICE if sale.is_return else Kind.SALE_TWICE
        yield _of_sale(
            kind, sale, {EvidenceKey.PAYMENTS: len(seen), EvidenceKey.AMOUNT_AT_DDD: f"{receipt.amount:.2f}"}
        )
    # With which sign DdD shows money that is paid out is not known.
    elif sale.is_required and (abs(receipt.amount) if sale.is_return else receipt.amount) != sale.amount:
        yield _of_sale(
            Kind.SALE_AMOUNT,
            sale,
            {EvidenceKey.PAYMENTS: len(seen), EvidenceKey.AMOUNT_AT_DDD: f"{receipt.amount:.2f}"},
        )


def _without_a_posting(
    place: Place,
    receipt: Receipt,
    order_no: str,
    lost: Mapping[str, list[ExpectedSale]],
    is_sold: bool,
    books: Books,
) -> Difference:
    """A receipt that the portal never gave names one of its orders."""
    if lost.get(order_no):
        return _of_sale(Kind.SALE_ELSEWHERE, lost[order_no].pop(0), _found(place, receipt))
    twice = Kind.RETURN_TWICE if receipt.amount < 0 else Kind.SALE_TWICE
    kind = twice if is_sold else Kind.SALE_UNKNOWN
    return _at_its_place(kind, place, receipt, order_no, receipt.booked_at(books.since))


def _at_its_place(
    kind: Kind, place: Place, receipt: Receipt, order_no: str, booked_at: datetime
) -> Difference:
    shop_id, terminal_id, receipt_id = place
    subject = f"{shop_id} {terminal_id}/{receipt_id} {order_no}"
    return Difference(kind, subject, order_no, booked_at, shop_id, evidence=_found(place, receipt))


def _found(place: Place, receipt: Receipt) -> Evidence:
    shop_id, terminal_id, receipt_id = place
    return {
        EvidenceKey.FOUND_IN_SHOP: shop_id,
        EvidenceKey.FOUND_UNDER_RECEIPT: f"{terminal_id}/{receipt_id}",
        EvidenceKey.AMOUNT_AT_DDD: f"{receipt.amount:.2f}",
    }


def _of_sale(kind: Kind, sale: ExpectedSale, found: Mapping[str, str | int]) -> Difference:
    shop_id, terminal_id, receipt_id = sale.place
    evidence = {
        EvidenceKey.RECEIPT: f"{terminal_id}/{receipt_id}",
        EvidenceKey.AMOUNT_HERE: f"{sale.amount:.2f}",
        **found,
    }
    return Difference(kind, sale.subject, sale.order_no, sale.sent_at, shop_id, sale.posting, evidence)


def compare_transfers(
    expected: Sequence[ExpectedTransfer], books: Books, drafts_are_listed: bool
) -> Iterator[Difference]:
    """Unless DdD is known to list drafts, one of the portal's own that is not listed may be a draft still."""
    left = list(books.transfers)
    # Those that can be named come first: the others take what is left.
    for wanted in sorted(expected, key=lambda one: (not one.invoice, one.after)):
        found = _take(wanted, left)
        if found is None:
            if wanted.is_required and (drafts_are_listed or wanted.by_till):
                yield _of_transfer(Kind.TRANSFER_MISSING, wanted, {})
        elif found.pieces != Counter(wanted.pieces):
            yield _of_transfer(
                Kind.TRANSFER_PIECES,
                wanted,
                {
                    EvidenceKey.TRANSFER_AT_DDD: found.invoice,
                    EvidenceKey.PIECES_AT_DDD: in_text(found.pieces),
                },
            )
    for moved in left:
        twice = _already_moved(moved, expected)
        if twice is not None:
            yield _twice(moved, twice, books)


def _take(wanted: ExpectedTransfer, left: list[BookedTransfer]) -> BookedTransfer | None:
    """The one that is meant, taken out of what is left."""
    for moved in left:
        if wanted.by_till:
            meant = (moved.order_no, moved.recipient) == (wanted.order_no, wanted.recipient)
        elif (moved.sender, moved.recipient) != (wanted.sender, wanted.recipient):
            meant = False
        elif wanted.invoice:
            meant = moved.invoice == wanted.invoice
        else:
            is_newer = moved.number > wanted.after
            meant = not moved.order_no and is_newer and moved.pieces == Counter(wanted.pieces)
        if meant:
            left.remove(moved)
            return moved
    return None


def _already_moved(moved: BookedTransfer, expected: Iterable[ExpectedTransfer]) -> ExpectedTransfer | None:
    """The transfer of the portal, or of DdD's till, that has moved the same pieces the same way before."""
    same_way = [one for one in expected if (one.sender, one.recipient) == (moved.sender, moved.recipient)]
    if moved.order_no:
        of_the_order = (one for one in same_way if one.order_no == moved.order_no)
        return next((one for one in of_the_order if Counter(one.pieces) & moved.pieces), None)
    equal = [
        one
        for one in same_way
        if not one.by_till and one.after < moved.number and Counter(one.pieces) == moved.pieces
    ]
    return max(equal, key=lambda one: one.after, default=None)


def _twice(moved: BookedTransfer, first: ExpectedTransfer, books: Books) -> Difference:
    return Difference(
        Kind.TRANSFER_TWICE,
        f"{moved.sender}>{moved.recipient} {moved.invoice}",
        first.order_no,
        moved.booked_at or books.since,
        moved.sender,
        evidence={
            EvidenceKey.FROM_SHOP: moved.sender,
            EvidenceKey.TO_SHOP: moved.recipient,
            EvidenceKey.TRANSFER_AT_DDD: moved.invoice,
            EvidenceKey.PIECES_AT_DDD: in_text(moved.pieces),
        },
    )


def _of_transfer(kind: Kind, wanted: ExpectedTransfer, found: Mapping[str, str | int]) -> Difference:
    evidence = {
        EvidenceKey.FROM_SHOP: wanted.sender,
        EvidenceKey.TO_SHOP: wanted.recipient,
        EvidenceKey.PIECES_HERE: in_text(wanted.pieces),
        **found,
    }
    return Difference(
        kind, wanted.subject, wanted.order_no, wanted.sent_at, wanted.sender, wanted.posting, evidence
    )


def in_text(pieces: Mapping[int, int]) -> str:
    """How many of each VariantId."""
    return ", ".join(f"{count} × {variant}" for variant, count in sorted(pieces.items()))


def receipts_of(
    shop_id: int, payments: Iterable[WirePayment], orders: Mapping[tuple[int, int], set[str]]
) -> dict[Place, Receipt]:
    """The receipts of one shop; `orders` are the orders that items name, by terminal and receipt number."""
    found: defaultdict[Place, Receipt] = defaultdict(Receipt)
    for payment in payments:
        if payment.shop_id == shop_id:
            found[shop_id, payment.terminal_id, payment.receipt_id].payments.append(payment)
    for (terminal_id, receipt_id), order_nos in orders.items():
        found[shop_id, terminal_id, receipt_id].order_nos |= order_nos
    return dict(found)


def moved_from(shop_id: int, rows: Iterable[WireTransfer]) -> list[BookedTransfer]:
    """What left the shop, each transfer with its pieces."""
    found: dict[tuple[str, int, str], BookedTransfer] = {}
    for row in rows:
        if row.shop_id != shop_id or row.quantity >= 0:
            continue
        key = (row.invoice_id, row.counterpart_shop_id, row.order_no)
        moved = found.setdefault(
            key, BookedTransfer(row.invoice_id, shop_id, row.counterpart_shop_id, row.order_no)
        )
        moved.pieces[row.variant_id] -= row.quantity
        moved.number = max(moved.number, row.transaction_number)
        moved.booked_at = row.booked_at
    return list(found.values())
