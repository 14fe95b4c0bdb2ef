"""Who books the sale of an order that has left the shop, and how it is booked."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _

from ddd.booking.bookkeeping import Delivery, SoldPiece, book_delivery
from orders.models import Line, OrderEvent, WebOrder

AT_THE_REGISTER: Final = (WebOrder.PaidBy.CASH, WebOrder.PaidBy.TERMINAL)
SaleBy = WebOrder.SaleBy


def sale_by(order: WebOrder) -> WebOrder.SaleBy:
    """Who books the sale of an order that is being delivered.

    DdD's till makes that of an order which it had before the portal: a second one could not be taken back.
    """
    return SaleBy.ELSEWHERE if order.older_than_portal else SaleBy.PORTAL


def book(order: WebOrder, lines: Sequence[Line], now: datetime) -> None:
    """Books the delivery of these lines as far as `order.sale_by` says so; the order is delivered already."""
    if order.sale_by == SaleBy.PORTAL:
        book_delivery(delivery_to_book(order, lines, now), now)


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
    return ""
