"""A shop's cash of one day as a table for a spreadsheet."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from core.choices import label_of
from office.spreadsheet import Cell, Table
from orders.models import WebOrder
from returns.cash_day import CashDay, Payment


def cash_table(cash: CashDay) -> Table:
    """A row for each payment; money that went out is negative."""
    header = [
        _("Time"),
        _("Shop"),
        _("OrderNo"),
        _("What"),
        _("Return number"),
        _("Who"),
        _("How"),
        _("Amount"),
        _("Rounding"),
        _("Changed hands"),
        _("ShopId in DdD"),
        _("Terminal in DdD"),
        _("Receipt number"),
        _("Payment told to DdD"),
    ]
    return Table(_("Cash"), header, _rows(cash))


def _rows(cash: CashDay) -> Iterator[Sequence[Cell]]:
    for payment in cash.payments:
        sign = 1 if payment.is_in else -1
        yield [
            payment.at,
            cash.shop.shop_id,
            payment.order.order_no,
            str(payment.what.label),
            payment.number,
            payment.person,
            label_of(WebOrder.PaidBy.choices, payment.paid_by),
            payment.amount * sign,
            payment.rounding * sign,
            payment.signed,
            *_booked(payment, sign),
        ]


def _booked(payment: Payment, sign: int) -> Sequence[Cell]:
    booking = payment.booking
    if booking is None:
        return [None, None, None, None]
    return [booking.shop_id, booking.terminal_id, booking.receipt_id, booking.told * sign]
