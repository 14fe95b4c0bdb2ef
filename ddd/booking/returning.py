"""How a return and its reversal are booked in DdD. The turnover rule is that of `bookkeeping`.

Guide 7.1 of the contract: the return sale goes to the turnover shop where one is set, and the pieces move
from there to the shop that took them. What was booked is never deleted: a wrong return gets an opposite
booking.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from accounts.models import Group, Shop, WebShop
from ddd.api.bodies import ItemLine, SaleBody
from ddd.booking import outbox
from ddd.booking.bookkeeping import (
    SoldPiece,
    TransferRoute,
    Turnover,
    connection_of,
    item_line,
    items_of,
    move_pieces,
    record_sale,
    turnover_of,
)
from ddd.booking.payments import directions, payment_lines, redirected
from ddd.models import Connection, Posting, Sale


@dataclass(frozen=True)
class ReturnedPiece:
    """One piece as it was sold, and why it came back, by DdD's ReturnCode."""

    sold: SoldPiece
    return_code: int


@dataclass(frozen=True)
class ReturnBooking:
    """All that booking a return needs. `action_key` identifies it permanently, so that it is booked once.

    `shop` took the pieces. `paid_by` is cash or terminal when its register paid the customer, else empty: the
    web shop does; `cash_rounding` is what was added when cash was rounded. Nothing is sent during
    `time_to_cancel`.
    """

    action_key: str
    order_no: str
    group: Group
    web_shop: WebShop | None
    shop: Shop
    pieces: Sequence[ReturnedPiece]
    customer_number: int
    paid_by: str
    time_to_cancel: timedelta
    was_transferred: bool = True  # where a turnover shop is set; if not, nothing comes back from there
    cash_rounding: Decimal = Decimal(0)

    @property
    def amount(self) -> Decimal:
        return sum((piece.sold.effective_price for piece in self.pieces), Decimal(0))


def book_return(booking: ReturnBooking, now: datetime) -> Sale:
    """The return sale, the item transfer where one is due, and their outbox rows; in the caller's
    transaction.

    Conflict when the Group is not connected to DdD.
    """
    connection, group, order_no = connection_of(booking.group), booking.group, booking.order_no
    # by_ddd=False also when DdD's till delivered: it moved the pieces to the turnover shop, but not back.
    turnover = turnover_of(booking.web_shop, booking.shop, by_ddd=False)
    due = now + booking.time_to_cancel
    body = return_body(booking, turnover, connection)
    posting = outbox.post_return(group, booking.action_key, order_no, body, now, due)
    if turnover.transfer and booking.was_transferred:
        way = TransferRoute(turnover.shop, booking.shop)
        items = items_of([piece.sold for piece in booking.pieces])
        move_pieces(group, booking.action_key, order_no, way, items, now, due)
    sale = Sale(
        shop=turnover.shop,
        amount=-booking.amount,
        currency=group.currency,
        paid_at=booking.paid_by,
        cash_rounding=booking.cash_rounding,
        web_shop=booking.web_shop,
    )
    return record_sale(posting, sale, now)


def book_reversal(group: Group, action_key: str, reversal_key: str, paid_by: str, now: datetime) -> None:
    """Books the exact opposite of all that DdD has of a return, regardless of settings changed since.

    Postings that a person gave up are not in DdD's books, so they have no opposite.
    """
    connection = connection_of(group)
    booked = outbox.postings_of(group, action_key).filter(state=Posting.State.SENT).order_by("pk")
    for posting in booked.select_related("sale__shop", "item_transfer__sender", "item_transfer__recipient"):
        if posting.kind == Posting.Kind.RETURN:
            body, sale = opposite_of(posting.payload, paid_by, connection), posting.sale
            made = outbox.post_sale(group, reversal_key, posting.order_no, body, now)
            opposite = Sale(
                shop=sale.shop,
                amount=-sale.amount,
                currency=sale.currency,
                cash_rounding=sale.cash_rounding,
            )
            record_sale(made, opposite, now)
        elif posting.kind == Posting.Kind.TRANSFER:
            moved, items = posting.item_transfer, posting.payload["Items"]
            way = TransferRoute(moved.recipient, moved.sender)
            move_pieces(group, reversal_key, posting.order_no, way, items, now, now)
        else:
            raise NotImplementedError(f"Nobody has said what the opposite of a {posting.kind} is.")


def return_body(booking: ReturnBooking, turnover: Turnover, connection: Connection) -> SaleBody:
    """A return sale but for its ReceiptId. All amounts are positive: the Group's words for a
    returned line and for money out say the direction."""
    body: SaleBody = {
        "ShopId": turnover.shop.shop_id,
        "TerminalId": connection.terminal_id,
        "ClerkId": connection.clerk_id,
        "ItemLines": [_return_line(piece, booking, turnover, connection) for piece in booking.pieces],
        "PaymentLines": payment_lines(
            booking.amount,
            booking.cash_rounding,
            booking.paid_by,
            booking.web_shop,
            connection,
            is_return=True,
        ),
    }
    if booking.customer_number:
        body["CustomerNumber"] = booking.customer_number
    return body


def opposite_of(booked: SaleBody, paid_by: str, connection: Connection) -> SaleBody:
    """The same lines as a sale, the same money in; without the ReceiptId, for it gets its own."""
    types = {"cash": connection.cash_transaction_type, "terminal": connection.terminal_transaction_type}
    lines: list[ItemLine] = [{**line, "Type": connection.sale_word} for line in booked["ItemLines"]]
    for line in lines:
        line.pop("ReturnCode", None)
    payments = redirected(booked["PaymentLines"], *directions(connection, is_return=False))
    for payment in payments[:1]:  # after it comes how its rounding was booked
        payment["TransactionType"] = types.get(paid_by, payment["TransactionType"])
    body: SaleBody = {**booked, "ItemLines": lines, "PaymentLines": payments}
    body.pop("ReceiptId", None)
    return body


def _return_line(
    piece: ReturnedPiece, booking: ReturnBooking, turnover: Turnover, connection: Connection
) -> ItemLine:
    word, order_no = connection.return_word, booking.order_no
    line = item_line(word, piece.sold, order_no, turnover.item_group, connection)
    return {**line, "ReturnCode": piece.return_code}
