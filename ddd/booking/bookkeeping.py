"""How a delivery is booked in DdD. The turnover rule is here, and only here.

Guide 7.1 of the contract: with a turnover shop every web-order sale is posted to it, with the turnover item
group, and delivery moves the pieces there from the delivering shop; without one the shop has the turnover.
What comes back is booked in `ddd/booking/returning.py`.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from accounts.models import Group, Shop, WebShop
from core.errors import Conflict
from ddd.api.bodies import Item, ItemLine, SaleBody, TransferBody
from ddd.booking import outbox
from ddd.booking.payments import payment_lines, todays_payments
from ddd.models import Connection, ItemTransfer, Posting, ReceiptSeries, Sale


@dataclass(frozen=True)
class SoldPiece:
    """One piece as it was sold; prices with VAT, in the Group's currency."""

    variant_id: int
    sales_price: Decimal
    effective_price: Decimal


@dataclass(frozen=True)
class Delivery:
    """All that the booking needs. `action_key` identifies it permanently, so that it is booked once.

    `cash_rounding` is what was added to the prices of the pieces when cash was rounded. Nothing is sent
    during `undo_time`, in which it can be undone.
    """

    action_key: str
    order_no: str
    group: Group
    web_shop: WebShop | None
    shop: Shop
    pieces: Sequence[SoldPiece]
    customer_number: int
    paid_at_register: str
    by_ddd: bool
    undo_time: timedelta = timedelta()
    # Nobody can have sold it before.
    ordered_at: datetime | None = None
    cash_rounding: Decimal = Decimal(0)


@dataclass(frozen=True)
class Turnover:
    """Where a sale is booked, under which item group, and whether the pieces move there."""

    shop: Shop
    item_group: int | None
    transfer: bool


@dataclass(frozen=True)
class TransferRoute:
    """Between which shops pieces move."""

    sender: Shop
    recipient: Shop


def turnover_of(web_shop: WebShop | None, shop: Shop, by_ddd: bool) -> Turnover:
    """The turnover rule. DdD's own till makes its own transfer; a shop sends nothing to itself."""
    if web_shop is None or web_shop.turnover_shop is None:
        return Turnover(shop, None, transfer=False)
    by_portal = web_shop.transfers_by == WebShop.TransfersBy.PORTAL and not by_ddd
    elsewhere = web_shop.turnover_shop != shop
    return Turnover(web_shop.turnover_shop, web_shop.turnover_item_group, transfer=by_portal and elsewhere)


def book_delivery(delivery: Delivery, now: datetime) -> Sale:
    """The sale, the item transfer where one is due, and their outbox rows; in the caller's transaction.

    Conflict when the Group is not connected to DdD.
    """
    connection = connection_of(delivery.group)
    turnover = turnover_of(delivery.web_shop, delivery.shop, delivery.by_ddd)
    sale = book_sale(delivery, turnover, connection, now)
    book_transfer(delivery, now)
    return sale


def book_transfer(delivery: Delivery, now: datetime) -> None:
    """The item transfer where one is due, and its outbox row; also when somebody else books the sale."""
    turnover = turnover_of(delivery.web_shop, delivery.shop, delivery.by_ddd)
    if turnover.transfer:
        way, items = TransferRoute(delivery.shop, turnover.shop), items_of(delivery.pieces)
        move_pieces(
            delivery.group, delivery.action_key, delivery.order_no, way, items, now, now + delivery.undo_time
        )


def connection_of(group: Group) -> Connection:
    """The Group's connection to DdD; Conflict when it has none."""
    connection = Connection.objects.filter(group=group).first()
    if connection is None:
        sentence = _("%(group)s is not connected to DdD yet, so nothing can be booked.")
        raise Conflict(sentence % {"group": group.name}, code="not-connected")
    return connection


def book_sale(delivery: Delivery, turnover: Turnover, connection: Connection, now: datetime) -> Sale:
    """The sale and its outbox row. It has no receipt number yet: `number_sale` gives it when it is sent."""
    group, body = delivery.group, sale_body(delivery, turnover, connection)
    due = now + delivery.undo_time
    posting = outbox.post_sale(group, delivery.action_key, delivery.order_no, body, now, due)
    amount = sum((piece.effective_price for piece in delivery.pieces), Decimal(0))
    sale = Sale(
        shop=turnover.shop,
        amount=amount,
        currency=group.currency,
        delivered_in=delivery.shop,
        ordered_at=delivery.ordered_at,
        paid_at=delivery.paid_at_register,
        cash_rounding=delivery.cash_rounding,
        web_shop=delivery.web_shop,
    )
    return record_sale(posting, sale, now)


def record_sale(posting: Posting, sale: Sale, now: datetime) -> Sale:
    """Stores the sale that belongs to the posting; money paid to the customer is negative."""
    sale.group, sale.posting, sale.order_no = posting.group, posting, posting.order_no
    sale.terminal_id, sale.made_at = posting.payload["TerminalId"], now
    sale.save(force_insert=True)
    return sale


def number_sale(posting: Posting) -> None:
    """Gives the sale its receipt number and today's words and numbers, in the transaction that stores its
    first send.

    So a sale that is undone before leaves no gap in the series, and one that is sent again keeps its number.
    """
    if "ReceiptId" in posting.payload:
        return
    connection = connection_of(posting.group)
    sale = Sale.objects.select_related("shop", "web_shop").get(posting=posting)
    body = todays_sale(sale, posting.payload, connection, is_return=posting.kind == Posting.Kind.RETURN)
    terminal_id = body["TerminalId"]
    body["ReceiptId"] = ReceiptSeries.take(sale.shop, terminal_id, connection.first_receipt)
    Sale.objects.filter(pk=sale.pk).update(terminal_id=terminal_id, receipt_id=body["ReceiptId"])
    posting.payload = body
    Posting.objects.filter(pk=posting.pk).update(payload=posting.payload)


def todays_sale(sale: Sale, body: SaleBody, connection: Connection, *, is_return: bool) -> SaleBody:
    """The same booking with the words and numbers that the Group uses for DdD today: when DdD refused one,
    head office mends it and sends it again.

    A ReceiptId belongs to its terminal: with another terminal there is none, and it gets a new one.
    """
    word = connection.return_word if is_return else connection.sale_word
    renewed: SaleBody = {
        **body,
        "TerminalId": connection.terminal_id,
        "ClerkId": connection.clerk_id,
        "ItemLines": [_todays_line(line, word, sale.web_shop, connection) for line in body["ItemLines"]],
        "PaymentLines": todays_payments(sale, body, connection, is_return=is_return),
    }
    if body["TerminalId"] != connection.terminal_id:
        renewed.pop("ReceiptId", None)
    return renewed


def _todays_line(line: ItemLine, word: str, web_shop: WebShop | None, connection: Connection) -> ItemLine:
    renewed: ItemLine = {**line, "Type": word}
    if "PriceAlteration" in line:
        renewed["PriceAlteration"] = connection.discount_word
    if "ItemGroupId" in line and web_shop is not None and web_shop.turnover_item_group is not None:
        renewed["ItemGroupId"] = web_shop.turnover_item_group
    return renewed


def withdraw(group: Group, action_key: str, now: datetime) -> bool:
    """Withdraws all postings of an undone action. False when one of them is being sent.

    The withdrawn postings stay as history; their sales and item transfers are deleted.
    """
    if not outbox.withdraw(group, action_key, now):
        return False
    withdrawn = outbox.postings_of(group, action_key)
    Sale.objects.filter(posting__in=withdrawn).delete()
    ItemTransfer.objects.filter(posting__in=withdrawn).delete()
    return True


def sale_body(delivery: Delivery, turnover: Turnover, connection: Connection) -> SaleBody:
    """A sale but for its ReceiptId: each piece a line marked with the OrderNo, and how it was paid."""
    amount = sum((piece.effective_price for piece in delivery.pieces), Decimal(0))
    body: SaleBody = {
        "ShopId": turnover.shop.shop_id,
        "TerminalId": connection.terminal_id,
        "ClerkId": connection.clerk_id,
        "ItemLines": [
            item_line(connection.sale_word, piece, delivery.order_no, turnover.item_group, connection)
            for piece in delivery.pieces
        ],
        "PaymentLines": payment_lines(
            amount,
            delivery.cash_rounding,
            delivery.paid_at_register,
            delivery.web_shop,
            connection,
            is_return=False,
        ),
    }
    if delivery.customer_number:
        body["CustomerNumber"] = delivery.customer_number
    return body


def item_line(
    word: str, piece: SoldPiece, order_no: str, item_group: int | None, connection: Connection
) -> ItemLine:
    """One piece, marked with the OrderNo; `word` says whether it goes or comes back."""
    discount = max(piece.sales_price - piece.effective_price, Decimal(0))
    gross = piece.effective_price + (discount if connection.gross_before_discount else 0)
    line: ItemLine = {
        "Type": word,
        "VariantId": piece.variant_id,
        "Quantity": 1,
        "GrossLineAmount": f"{gross:.2f}",
        "WebOrderOrderNo": order_no,
    }
    if item_group is not None:
        line["ItemGroupId"] = item_group
    if discount:
        line["PriceAlteration"] = connection.discount_word
        line["PriceAlterationAmount"] = f"{discount:.2f}"
    return line


def items_of(pieces: Sequence[SoldPiece]) -> list[Item]:
    """Pieces of the same variant as one item with their number."""
    counted = Counter(piece.variant_id for piece in pieces)
    return [{"VariantId": variant, "Quantity": count} for variant, count in sorted(counted.items())]


def move_pieces(
    group: Group,
    action_key: str,
    order_no: str,
    way: TransferRoute,
    items: Sequence[Item],
    now: datetime,
    due: datetime,
) -> None:
    """The item transfer and its outbox row, which is not sent before it is due."""
    body: TransferBody = {
        "ShopIdSender": way.sender.shop_id,
        "ShopIdRecipient": way.recipient.shop_id,
        "Items": list(items),
    }
    ItemTransfer.objects.create(
        group=group,
        sender=way.sender,
        recipient=way.recipient,
        order_no=order_no,
        pieces=sum(item["Quantity"] for item in items),
        posting=outbox.post_transfer(group, action_key, order_no, body, now, due),
        made_at=now,
    )
