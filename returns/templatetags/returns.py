"""Template tags of an order's pages: the return policy's answer today, and earlier returns."""

from dataclasses import dataclass
from typing import Any

from django import template
from django.db.models import Prefetch
from django.template import Context
from django.utils import timezone

from accounts.access import sees_the_whole_group
from accounts.models import Shop
from orders.models import WebOrder
from orders.states import Status
from returns.judging import LEFT_THE_SHOP, case_of, judge
from returns.models import Return, ReturnedPiece
from returns.policy import Decision, ReasonCode
from returns.sentences import words_of
from returns.slip import how_it_is_paid

register = template.Library()


@dataclass(frozen=True)
class ReturnSummary:
    """A return as an order's page shows it."""

    taken_back: Return
    pieces: list[ReturnedPiece]
    how: str
    is_mine: bool


@register.inclusion_tag("returns/_today.html", takes_context=True)
def return_today(context: Context, order: WebOrder, shop: Shop) -> dict[str, Any]:
    """The policy's answer for all pieces that the customer has; at most 3 queries, none before delivery."""
    if order.status != Status.DELIVERED:
        return {}
    now = timezone.now()
    left = list(order.lines.filter(status=Status.DELIVERED))
    decision = judge(order, shop, left, now)
    return {
        "decision": decision,
        "order": order,
        "shop": shop,
        "amount": case_of(order, left, now).amount,
        "currency": order.group.currency,
        "why": words_of(decision.why, order.group),
        "may_start": _may_start(decision),
        "at_work": "shops" in context,
    }


@register.inclusion_tag("returns/_returns_of.html", takes_context=True)
def returns_of(context: Context, order: WebOrder) -> dict[str, Any]:
    """All returns of the order, the oldest first; at most 2 queries, none before delivery."""
    if order.status not in LEFT_THE_SHOP:
        return {}
    pieces = ReturnedPiece.objects.select_related("line__variant")
    found = order.returns.select_related(
        "group", "shop", "taken_by", "overruled_by", "ended_by", "refund_due__closed_by"
    ).prefetch_related(Prefetch("pieces", pieces))
    mine = {shop.pk for shop in context.get("shops") or ()}
    sees_all = sees_the_whole_group(context["identity"].viewer)
    return {
        "order": order,
        "at_work": "shops" in context,
        "returns": [
            ReturnSummary(one, list(one.pieces.all()), how_it_is_paid(one), sees_all or one.shop_id in mine)
            for one in found
        ],
    }


def _may_start(decision: Decision) -> bool:
    """Whether a return is possible at all: as it is, by the shop manager, or with fewer pieces."""
    codes = {why.code for why in decision.why}
    fewer_might = ReasonCode.OVER_THE_LIMIT in codes and ReasonCode.TOO_LATE not in codes
    return decision.allowed or bool(decision.manager_may) or fewer_might
