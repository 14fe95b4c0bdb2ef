"""How a return stands in DdD's books, and its reversal. The turnover rule is that of `bookkeeping`.

Guide 7.1 of the contract: the return sale goes to the turnover shop where one is set, and the pieces move
from there to the shop that took them. What was booked is never deleted: a wrong return gets an opposite
booking.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from accounts.models import Group, Shop, WebShop
from ddd.api.bodies import ItemLine, PaymentLine, SaleBody
from ddd.booking import outbox
from ddd.booking.bookkeeping import (
    SoldPiece,
    Turnover,
    Way,
    connection_of,
    item_line,
    items_of,
    keep_sale,
    move_pieces,
    turnover_of,
    web_shop_transaction_type,
)
from ddd.models import Connection, Posting, Sale


@dataclass(frozen=True)
class ReturnedPiece:
    """One piece as it was sold, and why it came back, by DdD's ReturnCode."""

    sold: SoldPiece
    return_code: int


@dataclass(frozen=True)
class TakenBack:
    """All that the books need to know of a return; `deed` names it for ever, so that it is booked once.

    `shop` took the pieces. `paid_by` is cash or terminal when its register paid the customer, else empty: the
    web shop does. Nothing is sent during `time_to_cancel`.
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

    @property
    def amount(self) -> Decimal:
        return sum((piece.sold.effective_price for piece in self.pieces), Decimal(0))


def book_return(taken_back: TakenBack, now: datetime) -> Sale:
    """The return sale, the item transfer where one is due, and their outbox rows; in the caller's
    transaction. DdD hears of them after the sale itself.

    Conflict when the Group is not connected to DdD.
    """
    connection, group, order_no = connection_of(taken_back.group), taken_back.group, taken_back.order_no
    # Also of what DdD's till delivered: it moved the pieces to the turnover shop, but nobody moves them back.
    turnover = turnover_of(taken_back.web_shop, taken_back.shop, by_ddd=False)
    due = max(now + taken_back.time_to_cancel, outbox.sales_wait_until(group, order_no) or now)
    body = return_body(taken_back, turnover, connection)
    posting = outbox.post_return(group, taken_back.action_key, order_no, body, now, due)
    if turnover.transfer:
        way = Way(turnover.shop, taken_back.shop)
        items = items_of([piece.sold for piece in taken_back.pieces])
        move_pieces(group, taken_back.action_key, order_no, way, items, now, due)
    return keep_sale(posting, turnover.shop, -taken_back.amount, group.currency, now)


def book_reversal(group: Group, action_key: str, reversal_key: str, paid_by: str, now: datetime) -> None:
    """The opposite of all that DdD has of a return, to the øre, whatever has been set otherwise since.

    What a person gave up does not stand in DdD's books, so it has no opposite.
    """
    connection = connection_of(group)
    booked = outbox.postings_of(group, action_key).filter(state=Posting.State.SENT).order_by("pk")
    for posting in booked.select_related("sale__shop", "item_transfer__sender", "item_transfer__recipient"):
        if posting.kind == Posting.Kind.RETURN:
            body, sale = opposite_of(posting.payload, paid_by, connection), posting.sale
            made = outbox.post_sale(group, reversal_key, posting.order_no, body, now)
            keep_sale(made, sale.shop, -sale.amount, sale.currency, now)
        elif posting.kind == Posting.Kind.TRANSFER:
            moved, items = posting.item_transfer, posting.payload["Items"]
            way = Way(moved.recipient, moved.sender)
            move_pieces(group, reversal_key, posting.order_no, way, items, now, now)
        else:
            raise NotImplementedError(f"Nobody has said what the opposite of a {posting.kind} is.")


def return_body(taken_back: TakenBack, turnover: Turnover, connection: Connection) -> SaleBody:
    """A return sale but for its ReceiptId. All amounts are positive: the Group's words for a
    returned line and for money out say the direction."""
    body: SaleBody = {
        "ShopId": turnover.shop.shop_id,
        "TerminalId": connection.terminal_id,
        "ClerkId": connection.clerk_id,
        "ItemLines": [_return_line(piece, taken_back, turnover, connection) for piece in taken_back.pieces],
        "PaymentLines": [
            {
                "Direction": connection.payment_out_word,
                "TransactionType": _type_of_paying_out(taken_back, connection),
                "LineAmount": f"{taken_back.amount:.2f}",
            }
        ],
    }
    if taken_back.customer_number:
        body["CustomerNumber"] = taken_back.customer_number
    return body


def opposite_of(booked: SaleBody, paid_by: str, connection: Connection) -> SaleBody:
    """The same lines as a sale, the same money in; without the ReceiptId, for it gets its own."""
    types = {"cash": connection.cash_transaction_type, "terminal": connection.terminal_transaction_type}
    lines: list[ItemLine] = [{**line, "Type": connection.sale_word} for line in booked["ItemLines"]]
    for line in lines:
        line.pop("ReturnCode", None)
    payments: list[PaymentLine] = [
        {
            **line,
            "Direction": connection.payment_in_word,
            "TransactionType": types.get(paid_by, line["TransactionType"]),
        }
        for line in booked["PaymentLines"]
    ]
    body: SaleBody = {**booked, "ItemLines": lines, "PaymentLines": payments}
    body.pop("ReceiptId", None)
    return body


def _return_line(
    piece: ReturnedPiece, taken_back: TakenBack, turnover: Turnover, connection: Connection
) -> ItemLine:
    word, order_no = connection.return_word, taken_back.order_no
    line = item_line(word, piece.sold, order_no, turnover.item_group, connection)
    return {**line, "ReturnCode": piece.return_code}


def _type_of_paying_out(taken_back: TakenBack, connection: Connection) -> int:
    """When the web shop pays, its own type balances the books."""
    types = {
        "cash": connection.cash_out_transaction_type,
        "terminal": connection.terminal_out_transaction_type,
    }
    return types.get(taken_back.paid_by, web_shop_transaction_type(taken_back.web_shop))
