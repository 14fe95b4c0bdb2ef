"""Who books the sale of an order that has left the shop, and how it is booked."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import SoldBy
from ddd.booking.bookkeeping import Delivery, SoldPiece, book_delivery, book_transfer, connection_of
from orders.models import Line, OrderEvent, WebOrder

AT_THE_REGISTER: Final = (WebOrder.PaidBy.CASH, WebOrder.PaidBy.TERMINAL)
# The columns of an order that DdD's till delivered unpaid, as long as nobody has said how it was paid there.
PAYMENT_UNKNOWN: Final = {"delivered_by_ddd": True, "is_paid": False, "paid_by": ""}
SaleBy = WebOrder.SaleBy


def sale_by(order: WebOrder, by_ddd: bool) -> WebOrder.SaleBy:
    """Who books the sale of an order that is being delivered, by DdD's own till or here.

    DdD's till makes that of an order which it had before the portal: a second one could not be taken back.
    It has made that of an order in store (contract 7.2).
    Conflict when it depends on the Group's connection and there is none.
    """
    if order.older_than_portal or order.is_in_store:
        return SaleBy.ELSEWHERE
    seller = _seller_of(order)
    if seller == SoldBy.WEB_SHOP:
        return SaleBy.ELSEWHERE
    # How the customer paid at DdD's till, and with that the transaction type, is not known here.
    is_asked = seller == SoldBy.ASK or (by_ddd and not order.is_paid)
    return SaleBy.ASK if is_asked else SaleBy.PORTAL


def _seller_of(order: WebOrder) -> str:
    """The Group's settings hold for orders that came from DdD, unless their web shop's says otherwise."""
    if order.web_shop is None:
        return connection_of(order.group).unknown_web_shops_sold_by
    if order.source == WebOrder.Source.DDD and order.web_shop.sold_by == SoldBy.PORTAL:
        return connection_of(order.group).ddd_orders_sold_by
    return order.web_shop.sold_by


def payment_is_unknown(order: WebOrder) -> bool:
    """Whether DdD's till has delivered it unpaid, and nobody has said how it was paid there."""
    return all(getattr(order, column) == value for column, value in PAYMENT_UNKNOWN.items())


def book(order: WebOrder, lines: Sequence[Line], now: datetime) -> None:
    """Books the delivery of these lines as far as `order.sale_by` says so; the order is delivered already.

    Who makes the item transfer is a setting of its own, so it is made also when somebody else books the sale.
    """
    if order.sale_by == SaleBy.PORTAL:
        book_delivery(delivery_to_book(order, lines, now), now)
    elif order.sale_by == SaleBy.ELSEWHERE and not order.older_than_portal and not order.is_in_store:
        book_transfer(delivery_to_book(order, lines, now), now)


def delivery_to_book(order: WebOrder, lines: Sequence[Line], now: datetime) -> Delivery:
    """The booking data of an order that has left the shop; nothing is sent while that can be undone."""
    until = (order.delivered_at or now) + timedelta(seconds=settings.UNDO_SECONDS)
    return Delivery(
        action_key=action_key_of(order),
        order_no=order.order_no,
        group=order.group,
        web_shop=order.web_shop,
        shop=order.shop,
        pieces=[
            SoldPiece(line.variant.variant_id, line.sales_price, line.effective_sales_price) for line in lines
        ],
        customer_number=order.customer_number,
        paid_at_register=order.paid_by if order.paid_by in AT_THE_REGISTER else "",
        by_ddd=order.delivered_by_ddd,
        cash_rounding=order.cash_rounding,
        ordered_at=order.ordered_on or order.created_at,
        undo_time=timedelta() if order.delivered_by_ddd else max(until - now, timedelta()),
    )


def action_key_of(order: WebOrder) -> str:
    """Unique per delivery: each one that was undone keeps its own number."""
    undone = order.events.filter(kind=OrderEvent.Kind.DELIVERY_UNDONE).count()
    return f"delivery:{order.pk}:{undone + 1}"


def sale_in_words(order: WebOrder) -> str:
    """Where the sale is, when the portal does not book it; empty when it does."""
    if order.older_than_portal:
        return _(
            "DdD had this order before you began with the portal: its sale is made at DdD's till, and the "
            "portal books nothing of it."
        )
    if order.is_in_store:
        return _(
            "It was sold at DdD's till when it was ordered in the store: the portal books neither a sale nor "
            "an item transfer of it. What is not found or is cancelled is paid back at that till."
        )
    if order.delivered_at is None or order.sale_by == SaleBy.PORTAL:
        return ""
    if order.sale_by == SaleBy.ELSEWHERE:
        return _("Its sale is booked elsewhere: the portal has booked none, and takes no pieces of it back.")
    if payment_is_unknown(order):
        return _(
            "DdD's till has delivered it, and it had come unpaid. Nothing is booked before head office has "
            "said how it was paid."
        )
    return _("Nothing of its sale is booked before head office has said who books it.")
