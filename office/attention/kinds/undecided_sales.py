"""Orders that have left the shop, and whose sale nobody has booked: a person says who does, or how it was
paid."""

from typing import Any, Final

from django.db.models import OuterRef, Q, QuerySet, Subquery, Sum
from django.utils.translation import gettext_lazy, ngettext_lazy

from office.attention.kind import (
    STACKED_ROWS,
    Alarm,
    Decision,
    Decisions,
    Kind,
    PagedRows,
    Silence,
    by_key,
    by_order_no,
)
from orders import sale_decisions
from orders.models import Line, WebOrder
from orders.selling import PAYMENT_UNKNOWN, payment_is_unknown
from orders.states import Status

SOLD = Line.objects.filter(order=OuterRef("pk"), status=Status.DELIVERED).order_by().values("order")
AMOUNT: Final = Subquery(SOLD.values(amount=Sum("effective_sales_price")))
PaidBy = WebOrder.PaidBy


def _all(group_id: int) -> QuerySet[WebOrder]:
    return WebOrder.objects.filter(group=group_id).select_related("group", "shop", "web_shop")


def _who_sells(group_id: int) -> QuerySet[WebOrder]:
    return _shown(group_id).exclude(**PAYMENT_UNKNOWN)


def _how_paid(group_id: int) -> QuerySet[WebOrder]:
    return _shown(group_id).filter(**PAYMENT_UNKNOWN)


def _shown(group_id: int) -> QuerySet[WebOrder]:
    rows = sale_decisions.undecided_sales(group_id).select_related("group", "shop", "web_shop")
    return rows.annotate(sold_for=AMOUNT)


def _keys_who_sells(group_id: int) -> QuerySet[WebOrder, Any]:
    return _who_sells(group_id).order_by().values("pk")


def _keys_how_paid(group_id: int) -> QuerySet[WebOrder, Any]:
    return _how_paid(group_id).order_by().values("pk")


def _book(label: Any, paid_by: str = "") -> Decision:
    return Decision(
        label,
        gettext_lazy("The portal books the sale: %(rows)s"),
        lambda row, details: sale_decisions.book_now(row, details.actor, details.now, paid_by),
    )


ELSEWHERE: Final = Decision(
    gettext_lazy("The sale is booked elsewhere"),
    gettext_lazy("Booked elsewhere, the portal books nothing: %(rows)s"),
    lambda row, details: sale_decisions.booked_elsewhere(row, details.reason, details.actor, details.now),
)
BY_DELIVERY: Final = PagedRows("delivered_at", newest_first=False, of_shop=lambda shop: Q(shop=shop))
WHO_SELLS: Final = Kind(
    key="who-sells",
    urgency=43,
    label=gettext_lazy("Sales of which nobody has said who books them"),
    open_rows=_who_sells,
    source=BY_DELIVERY,
    template="office/attention/_undecided_sale.html",
    section_template=STACKED_ROWS,
    decisions=Decisions(
        rows=_all,
        buttons={"elsewhere": ELSEWHERE, "book": _book(gettext_lazy("Book the sale now"))},
        token=by_key,
        name=by_order_no,
    ),
    in_badge=True,
    orders_in_trouble=_keys_who_sells,
    alarm=Alarm(
        "circle-question-mark",
        ngettext_lazy(
            "%(count)s sale waits until somebody says who books it",
            "%(count)s sales wait until somebody says who books them",
            "count",
        ),
    ),
    silence=Silence.ALWAYS,
)
HOW_PAID: Final = Kind(
    key="how-paid",
    urgency=46,
    label=gettext_lazy("Delivered unpaid by DdD's till"),
    open_rows=_how_paid,
    source=BY_DELIVERY,
    template="office/attention/_undecided_sale.html",
    section_template=STACKED_ROWS,
    decisions=Decisions(
        rows=_all,
        buttons={
            "elsewhere": ELSEWHERE,
            "cash": _book(gettext_lazy("Paid in cash at the till"), PaidBy.CASH),
            "card": _book(gettext_lazy("Paid by card at the till"), PaidBy.TERMINAL),
            "web shop": _book(gettext_lazy("Paid in the web shop"), PaidBy.WEB_SHOP),
        },
        token=by_key,
        name=by_order_no,
    ),
    in_badge=True,
    orders_in_trouble=_keys_how_paid,
    alarm=Alarm(
        "banknote",
        ngettext_lazy(
            "DdD's till delivered %(count)s order that was not paid",
            "DdD's till delivered %(count)s orders that were not paid",
            "count",
        ),
    ),
    silence=Silence.ALWAYS,
)


def kind_asking_about(order: WebOrder) -> Kind | None:
    """The kind of row that asks about the sale of this order; None when it is decided, or not due yet."""
    if order.delivered_at is None or order.sale_by != WebOrder.SaleBy.ASK:
        return None
    return HOW_PAID if payment_is_unknown(order) else WHO_SELLS
