"""Asks the return policy about an order: collects the data that `returns/policy.py` decides by."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from accounts.models import Shop
from orders.models import Line, WebOrder
from orders.states import Status
from returns.models import ReturnPolicy
from returns.policy import Case, Decision, Overruling, Rules, decide

LEFT_THE_SHOP = (Status.DELIVERED, Status.RETURNED)


def judge(
    order: WebOrder,
    shop: Shop,
    pieces: Sequence[Line],
    now: datetime,
    overruling: Overruling | None = None,
) -> Decision:
    """What the Group's policy says of these pieces of the order in this shop; at most 2 queries."""
    policy = ReturnPolicy.of(order.group)
    return decide(rules_in(policy, order, shop), case_of(order, pieces, now), overruling)


def rules_in(policy: ReturnPolicy, order: WebOrder, shop: Shop) -> Rules:
    """The policy for this order in this shop; 1 query where shops are chosen."""
    return rules_of(policy, taken_here=takes_back(policy, order, shop))


def rules_of(policy: ReturnPolicy, taken_here: bool) -> Rules:
    """The policy as plain data."""
    return Rules(
        register_pays=policy.register_pays,
        days=policy.days,
        money_limit=policy.money_limit,
        taken_here=taken_here,
        manager_may_overrule=policy.overruling == ReturnPolicy.Overruling.MANAGER,
    )


def takes_back(policy: ReturnPolicy, order: WebOrder, shop: Shop) -> bool:
    """Whether this shop takes pieces of this order back."""
    if shop.group_id != order.group_id or not shop.takes_orders:
        return False
    chosen = policy.shops.filter(pk=shop.pk).values_list("pk", flat=True) if _are_chosen(policy) else ()
    return is_taken_in(policy, shop.pk, order.shop_id, chosen)


def is_taken_in(policy: ReturnPolicy, shop: int, shop_of_order: int, chosen: Iterable[int]) -> bool:
    """Whether a shop that takes returns takes those of another shop's order; shops by primary key."""
    if policy.where == ReturnPolicy.Where.SAME_SHOP:
        return shop == shop_of_order
    return shop in chosen if _are_chosen(policy) else True


def _are_chosen(policy: ReturnPolicy) -> bool:
    return policy.where == ReturnPolicy.Where.CHOSEN


def case_of(order: WebOrder, pieces: Sequence[Line], now: datetime) -> Case:
    """These pieces as the policy sees them; only delivered pieces can come back."""
    delivered = order.status in LEFT_THE_SHOP and all(line.status in LEFT_THE_SHOP for line in pieces)
    return Case(
        delivered=delivered,
        day=days_since_delivery(order, now),
        paid_online=order.is_paid,
        pieces=len(pieces),
        returned_before=sum(line.status == Status.RETURNED for line in pieces),
        amount=sum((line.effective_sales_price for line in pieces), Decimal(0)),
        sold_elsewhere=order.sale_by == WebOrder.SaleBy.ELSEWHERE and not order.is_in_store,
        sale_undecided=order.sale_by == WebOrder.SaleBy.ASK,
    )


def days_since_delivery(order: WebOrder, now: datetime) -> int:
    """By the calendar where the Group is; 0 on the day itself."""
    if order.delivered_at is None:
        return 0
    return days_between(order.delivered_at, now, ZoneInfo(order.group.time_zone))


def days_between(delivered_at: datetime, now: datetime, zone: ZoneInfo) -> int:
    """By the calendar of this zone."""
    return max(0, (now.astimezone(zone).date() - delivered_at.astimezone(zone).date()).days)
