"""Reads DdD's ledger: its bookings, and the balance of pieces and money."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, NamedTuple

from orders.reading import NewLine, NewOrder
from tests.factories import new_order

Ledger = dict[str, list[dict[str, Any]]]


class BookedPiece(NamedTuple):
    """One item line. Amounts with VAT; `gross` is before the discount."""

    variant_id: int
    gross: Decimal
    discount: Decimal
    item_group: int | None = None
    return_code: int | None = None


class Booked(NamedTuple):
    """One posted sale: what was sold or came back in it, and how the money went."""

    shop_id: int
    order_no: str
    word: str
    pieces: tuple[BookedPiece, ...]
    direction: str
    transaction_type: int
    amount: Decimal


class Moved(NamedTuple):
    """One item transfer."""

    sender: int
    recipient: int
    pieces: tuple[tuple[int, int], ...]


def sales_in(ledger: Ledger) -> list[Booked]:
    """Each posted sale, in order of arrival."""
    return [_booked(sale) for sale in ledger["sales"]]


def transfers_in(ledger: Ledger) -> list[Moved]:
    """Each item transfer, DdD's own too, in order of arrival."""
    return [
        moved(
            row["ShopIdSender"],
            row["ShopIdRecipient"],
            Counter({item["VariantId"]: item["Quantity"] for item in row["Items"]}).elements(),
        )
        for row in ledger["transfers"]
    ]


def moved(sender: int, recipient: int, variants: Iterable[int]) -> Moved:
    return Moved(sender, recipient, tuple(sorted(Counter(variants).items())))


def receipts_in(ledger: Ledger) -> dict[tuple[int, int], list[int]]:
    """The receipt numbers of each shop and terminal, sorted."""
    found = defaultdict(list)
    for sale in ledger["sales"]:
        found[sale["ShopId"], sale["TerminalId"]].append(sale["ReceiptId"])
    return {series: sorted(numbers) for series, numbers in found.items()}


def pieces_in_shops(ledger: Ledger) -> Counter[tuple[int, int]]:
    """By shop and variant, how many more pieces are there than before anything was booked; never 0."""
    pieces: Counter[tuple[int, int]] = Counter()
    for sale in sales_in(ledger):
        for piece in sale.pieces:
            pieces[sale.shop_id, piece.variant_id] += 1 if sale.word == "Return" else -1
    for transfer in transfers_in(ledger):
        for variant, count in transfer.pieces:
            pieces[transfer.sender, variant] -= count
            pieces[transfer.recipient, variant] += count
    return Counter({place: count for place, count in pieces.items() if count})


def money_of_orders(ledger: Ledger) -> dict[str, Decimal]:
    """By OrderNo, what was paid in less what was paid out."""
    money: defaultdict[str, Decimal] = defaultdict(Decimal)
    for sale in sales_in(ledger):
        money[sale.order_no] += sale.amount if sale.direction == "In" else -sale.amount
    return dict(money)


def turnover_of_orders(ledger: Ledger) -> dict[str, Decimal]:
    """By OrderNo, what was sold less what came back, each after its discount."""
    turnover: defaultdict[str, Decimal] = defaultdict(Decimal)
    for sale in sales_in(ledger):
        worth = sum((piece.gross - piece.discount for piece in sale.pieces), Decimal(0))
        turnover[sale.order_no] += worth if sale.word == "Sale" else -worth
    return dict(turnover)


def ordered(
    order_no: str,
    shop_id: int,
    prices: Sequence[tuple[int, str, str]],
    *,
    is_paid: bool = True,
    customer_number: int = 0,
) -> NewOrder:
    """A web order whose pieces each have their own price: variant, price on the label, price as sold."""
    new = new_order(order_no, shop_id, is_paid=is_paid, customer_number=customer_number)
    lines = tuple(
        NewLine(variant, "", Decimal(label), Decimal(sold), Decimal(label) - Decimal(sold))
        for variant, label, sold in prices
    )
    return replace(new, lines=lines)


def _booked(sale: dict[str, Any]) -> Booked:
    """A sale names one order, has lines of one type and one payment; anything else is a mistake."""
    (order_no,) = {line["WebOrderOrderNo"] for line in sale["ItemLines"]}
    (word,) = {line["Type"] for line in sale["ItemLines"]}
    (payment,) = sale["PaymentLines"]
    pieces = [
        BookedPiece(
            line["VariantId"],
            _amount(line["GrossLineAmount"]),
            _amount(line.get("PriceAlterationAmount", 0)),
            line.get("ItemGroupId"),
            line.get("ReturnCode"),
        )
        for line in sale["ItemLines"]
        for _piece in range(line["Quantity"])
    ]
    return Booked(
        sale["ShopId"],
        order_no,
        word,
        tuple(sorted(pieces)),
        payment["Direction"],
        payment["TransactionType"],
        _amount(payment["LineAmount"]),
    )


def _amount(number: Any) -> Decimal:
    return Decimal(str(number))
