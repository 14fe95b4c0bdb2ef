"""The order leaves the shop. One verb, one transaction."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import Conflict, Fault, Invalid
from ddd.bookkeeping import Delivery, SoldPiece, book_delivery
from orders.events import record
from orders.holding import held, must_be, name_of
from orders.models import Line, OrderEvent, WebOrder
from orders.states import Status

Kind = OrderEvent.Kind
AT_THE_REGISTER = (WebOrder.PaidBy.CASH, WebOrder.PaidBy.TERMINAL)


@dataclass(frozen=True)
class HandOver:
    """How the order leaves the shop: `way`, the carrier's number when it is sent, and who was paid."""

    way: WebOrder.Way
    paid_by: str = ""
    delivery_no: str = ""


def deliver(order: WebOrder, hand_over: HandOver, actor: User, now: datetime) -> None:
    """The customer has it, or the carrier: order, lines, sale, transfer, outbox rows and events, or none."""
    with held(order) as current:
        if current.status == Status.DELIVERED:
            if current.delivered_by_id == actor.pk:
                return
            raise Conflict(
                _("%(name)s has delivered this order already.") % {"name": name_of(current.delivered_by)},
                code="delivered-already",
            )
        must_be(current, Status.PICKED)
        paid_by = _how_it_was_paid(current, hand_over)
        delivery_no = _carriers_number(hand_over)
        lines = list(current.lines.filter(status=Status.PICKED).select_related("variant"))
        for line in lines:
            line.move(Status.DELIVERED, now, **({"delivery_no": delivery_no} if delivery_no else {}))
        current.move(
            Status.DELIVERED,
            now,
            delivered_at=now,
            delivered_by=actor,
            way=hand_over.way,
            paid_by=paid_by,
        )
        sale = book_delivery(for_the_books(current, lines, paid_by, by_ddd=False), now)
        record(
            current,
            Kind.DELIVERED,
            now,
            actor,
            way=hand_over.way,
            paid_by=paid_by,
            delivery_no=delivery_no,
            receipt=sale.receipt_id or 0,
        )


def for_the_books(order: WebOrder, lines: list[Line], paid_by: str, by_ddd: bool) -> Delivery:
    """What the books need to know of an order that has left the shop."""
    return Delivery(
        deed=f"delivery:{order.pk}",
        order_no=order.order_no,
        group=order.group,
        web_shop=order.web_shop,
        shop=order.shop,
        pieces=[
            SoldPiece(line.variant.variant_id, line.sales_price, line.effective_sales_price) for line in lines
        ],
        customer_number=order.customer_number,
        paid_at_register=paid_by if paid_by in AT_THE_REGISTER else "",
        by_ddd=by_ddd,
    )


def _how_it_was_paid(order: WebOrder, hand_over: HandOver) -> str:
    if order.is_paid:
        return WebOrder.PaidBy.WEB_SHOP
    if hand_over.paid_by not in AT_THE_REGISTER:
        detail = _("This order is not paid: take %(amount)s %(currency)s and say how it was paid.") % {
            "amount": order.total,
            "currency": order.group.currency,
        }
        raise Invalid(detail, [Fault("/paid_by", detail, "not-paid")])
    return hand_over.paid_by


def _carriers_number(hand_over: HandOver) -> str:
    number = hand_over.delivery_no.strip()
    if hand_over.way != WebOrder.Way.SEND:
        return ""
    if not 1 <= len(number) <= 50:
        detail = _("Type or scan the carrier's DeliveryNo, at most 50 characters.")
        raise Invalid(detail, [Fault("/delivery_no", detail, "required")])
    return number
