"""Orders that nobody takes, although everybody was notified."""

from typing import Any, Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from core.errors import Invalid
from office.attention.kind import Alarm, ComputedRows, Decision, Decisions, Details, Kind, Silence
from orders import escalation, trouble
from orders.escalation import UntakenOrder, escalated_to_head_office, untaken_orders
from orders.models import OrderQuerySet, WebOrder


def _orders(group_id: int) -> OrderQuerySet:
    return WebOrder.objects.filter(group=group_id).select_related("group", "shop")


def _keys(group_id: int) -> QuerySet[WebOrder, Any]:
    return escalated_to_head_office(group_id).order_by().values("pk")


def _token(row: UntakenOrder) -> str:
    return str(row.order.pk)


def _move(order: WebOrder, details: Details) -> None:
    if details.shop is None:
        raise Invalid(_("Choose the shop that is to have it."))
    trouble.move_to_shop(order, details.shop, details.actor, details.now)


NOT_TAKEN: Final = Kind(
    key="not-taken",
    urgency=10,
    label=gettext_lazy("Orders that nobody takes"),
    open_rows=escalated_to_head_office,
    source=ComputedRows(find=untaken_orders, shop_of=lambda row: row.order.shop),
    template="office/attention/_not_taken.html",
    section_template="office/attention/_not_taken_table.html",
    decisions=Decisions(
        rows=_orders,
        buttons={
            "remind": Decision(
                gettext_lazy("Remind now"),
                gettext_lazy("The shop is reminded: %(rows)s"),
                lambda order, details: escalation.remind(order, details.actor, details.now),
            ),
            "move": Decision(
                gettext_lazy("Move"),
                gettext_lazy(
                    "Moved to another shop: %(rows)s. DdD is not told: the till in the old shop still shows "
                    "it, and must not deliver it."
                ),
                _move,
                wants_shop=True,
            ),
        },
        token=_token,
        name=lambda order: order.order_no,
    ),
    in_badge=True,
    orders_in_trouble=_keys,
    alarm=Alarm(
        "megaphone",
        ngettext_lazy(
            "Nobody takes %(count)s order, although everybody was told",
            "Nobody takes %(count)s orders, although everybody was told",
            "count",
        ),
    ),
    silence=Silence.ALWAYS,
)
