"""Whom another alert policy would have notified of the orders that came in, if every shop had an alert."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, DurationField, ExpressionWrapper, F, Value, When
from django.db.models.functions import Coalesce

from accounts.calendars import calendars_of
from accounts.models import Group, Membership
from office.models import DryRun
from orders.escalation import Level, arrived_in_shop_at, levels_due
from orders.models import Policy, WebOrder
from orders.states import Status

EXAMPLES = 20
DAY = timedelta(days=1)


@dataclass(frozen=True)
class WaitingOrder:
    """An order that was not taken for a while; `minutes` are open minutes."""

    pk: int
    order_no: str
    shop: int
    came_at: datetime
    minutes: float


def simulate_alert(run: DryRun, since: datetime, step: Callable[[int], None]) -> dict[str, Any]:
    """How many orders of each shop would have got how far: by the policy that holds, and by the one tried."""
    group, old = run.group, Policy.of(run.group)
    new = Policy(group=group, **run.wanted)
    managed, names = _managed_shops(group), dict(group.shops.values_list("pk", "name"))
    before: dict[int, Counter[Level]] = defaultdict(Counter)
    after: dict[int, Counter[Level]] = defaultdict(Counter)
    changed, examples = 0, list[dict[str, Any]]()
    for order in _that_waited(group, since, run.made_at, min(old.remind_minutes, new.remind_minutes), step):
        was = levels_of(old, order.minutes, order.shop in managed)
        would_be = levels_of(new, order.minutes, order.shop in managed)
        before[order.shop].update(was)
        after[order.shop].update(would_be)
        if was != would_be:
            changed += 1
            examples = [_example(order, names[order.shop], was, would_be), *examples[: EXAMPLES - 1]]
    orders = WebOrder.objects.filter(group=group, created_at__gte=since, created_at__lt=run.made_at)
    came = dict(orders.order_by().values_list("shop").annotate(Count("pk")))
    shops = [
        {
            "shop": shop.name,
            "orders": came[shop.pk],
            "old": [before[shop.pk][level] for level in Level],
            "new": [after[shop.pk][level] for level in Level],
        }
        for shop in group.shops.all()
        if shop.pk in came
    ]
    return {
        "orders": sum(came.values()),
        "shops": shops,
        "old": [sum(counts[level] for counts in before.values()) for level in Level],
        "new": [sum(counts[level] for counts in after.values()) for level in Level],
        "changed": changed,
        "examples": examples,
    }


def levels_of(policy: Policy, minutes: float, has_manager: bool) -> set[Level]:
    """Who would have been notified. A shop without a manager notifies head office instead."""
    levels = set(levels_due(policy, minutes, no_alert=False))
    if Level.MANAGER in levels and not has_manager:
        return (levels - {Level.MANAGER}) | {Level.HEAD_OFFICE}
    return levels


def _that_waited(
    group: Group, since: datetime, until: datetime, at_least: int, step: Callable[[int], None]
) -> Iterator[WaitingOrder]:
    """Day by day, the oldest first. Open minutes are never more than minutes, so most orders are not read."""
    calendars = calendars_of(group.shops.select_related("group"))
    begin, days = since, (until - since).days
    for number in range(days):
        end = until if number == days - 1 else begin + DAY
        for pk, order_no, shop, came_at, ended_at in _waiting_on(group, begin, end, until, at_least):
            minutes = calendars[shop].open_minutes(came_at, ended_at)
            yield WaitingOrder(pk, order_no, shop, came_at, minutes)
        step(100 * (number + 1) // (days + 1))
        begin = end


def _waiting_on(
    group: Group, begin: datetime, end: datetime, until: datetime, at_least: int
) -> Iterator[tuple[int, str, int, datetime, datetime]]:
    cancelled_at = Case(When(status=Status.CANCELLED, then="modified_at"))
    # DdD's tills deliver what nobody has taken here.
    ended = Coalesce("taken_at", "picked_at", "delivered_at", cancelled_at, Value(until))
    orders = WebOrder.objects.filter(group=group, created_at__gte=begin, created_at__lt=end)
    waited = ExpressionWrapper(F("ended_at") - F("created_at"), output_field=DurationField())
    waiting = orders.annotate(ended_at=ended).annotate(waited=waited, since=arrived_in_shop_at())
    slow = waiting.filter(waited__gte=timedelta(minutes=at_least))
    found = slow.order_by("created_at", "pk")
    yield from found.values_list("pk", "order_no", "shop_id", "since", "ended_at").iterator(2000)


def _managed_shops(group: Group) -> set[int]:
    managers = Membership.objects.filter(
        shop__group=group, role=Membership.Role.MANAGER, user__is_active=True
    )
    return set(managers.values_list("shop", flat=True))


def _example(order: WaitingOrder, shop: str, was: set[Level], would_be: set[Level]) -> dict[str, Any]:
    return {
        "pk": order.pk,
        "order_no": order.order_no,
        "shop": shop,
        "at": order.came_at.isoformat(),
        "minutes": int(order.minutes),
        "old": max(was, default=0),
        "new": max(would_be, default=0),
    }
