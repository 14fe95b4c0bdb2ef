"""Makes orders for a Group by the hundred thousand. The same seed, Group and time make the same orders.

DdD does not know of them: the nightly comparison says so of those of the last 30 days.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from accounts.demo_keys import is_demo_group
from accounts.models import Group, Shop, User
from core.errors import Conflict
from ddd.models import Connection, ReceiptSeries
from demo.generator.base import Batch, World
from demo.generator.copying import Numbers, copy_rows, without_triggers
from demo.generator.life import Rules, live, moment_in
from demo.generator.order import add_order
from orders.models import Policy, WebOrder
from returns.models import ReturnPolicy
from returns.reasons import offered_reasons

AT_ONCE: Final = 5000  # orders in one transaction


def make_orders(
    group: Group,
    count: int,
    days: int,
    seed: int,
    now: datetime,
    report_progress: Callable[[int], None] = lambda _: None,
) -> None:
    """So many orders, spread over the last days. Each transaction has whole orders only; `report_progress`
    gets how many there are after each. Raises Conflict, before anything is made, when the Group is unfit."""
    world = _world_of(group, now)
    _refuse_a_second_time(group, seed)
    chance, numbers = random.Random(seed), Numbers()  # noqa: S311 - made-up customers are no secret
    moments = _moments(world, count, days)
    for begin in range(0, count, AT_ONCE):
        with transaction.atomic():
            without_triggers()
            numbers.begin()
            receipts = _Receipts(world.connection.terminal_id)
            batch = Batch(numbers, receipts.take)
            for number in range(begin, min(begin + AT_ONCE, count)):
                life = live(next(moments), now, world.rules, chance)
                add_order(world, batch, order_no(seed, number), life, chance)
            for model, rows in batch.rows.items():
                copy_rows(model, rows)
            receipts.keep()
        report_progress(min(begin + AT_ONCE, count))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def order_no(seed: int, number: int) -> str:
    """M1-0000042: shows that it is made up, and by which seed."""
    return f"M{seed}-{number:07d}"


class _Receipts:
    """The receipt numbers of one transaction: without gaps, as the series want it."""

    def __init__(self, terminal_id: int) -> None:
        self._terminal_id = terminal_id
        self._series: dict[int, ReceiptSeries] = {}

    def take(self, shop: Shop) -> int:
        if shop.pk not in self._series:
            ReceiptSeries.objects.get_or_create(shop=shop, terminal_id=self._terminal_id)
            held = ReceiptSeries.objects.select_for_update()
            self._series[shop.pk] = held.get(shop=shop, terminal_id=self._terminal_id)
        series = self._series[shop.pk]
        series.last += 1
        return series.last

    def keep(self) -> None:
        for series in self._series.values():
            series.save(update_fields=["last"])


def _world_of(group: Group, now: datetime) -> World:
    if not is_demo_group(group):
        raise Conflict(f"{group} is a real Group: made-up orders are for the demo's Groups only.")
    policy, connection_ = Policy.of(group), Connection.objects.filter(group=group).first()
    web_shops = group.web_shops.select_related("turnover_shop__group").prefetch_related("shops")
    places = [
        (web_shop, shop) for web_shop in web_shops for shop in web_shop.shops.all() if shop.takes_orders
    ]
    variants = list(group.variants.order_by("variant_id"))
    people = list(User.objects.filter(group=group, is_active=True).order_by("pk"))
    if connection_ is None or not places or not variants or not people:
        raise Conflict(
            f"{group} needs a connection to DdD, a web shop with shops, people and a catalogue first."
        )
    return World(
        group=group,
        connection=connection_,
        rules=_rules_of(group, policy),
        returns=ReturnPolicy.of(group),
        reasons=[(reason.code, reason.ddd_code) for reason in offered_reasons(group)],
        places=places,
        people=_people_by_shop(group, people),
        assortment=[
            (variant, Decimal(99 + variant.variant_id * 37 % 900) - Decimal("0.05")) for variant in variants
        ],
        shops={shop.shop_id: shop for shop in group.shops.all()},
        now=now,
    )


def _rules_of(group: Group, policy: Policy) -> Rules:
    return Rules(
        zone=ZoneInfo(group.time_zone),
        collect_days=policy.collect_days,
        reminder_days=policy.collect_reminder_days,
        escalation=(policy.remind_minutes, policy.manager_minutes, policy.head_office_minutes),
    )


def _people_by_shop(group: Group, people: list[User]) -> dict[int, list[User]]:
    """The people of each shop; of the whole Group for a shop that has none."""
    found: dict[int, list[User]] = defaultdict(list)
    for person in people:
        for membership in person.memberships.all():
            found[membership.shop_id].append(person)
    anybody = [person for person in people if not person.is_head_office] or people
    return {shop.pk: found[shop.pk] or anybody for shop in group.shops.all()}


def _refuse_a_second_time(group: Group, seed: int) -> None:
    if WebOrder.objects.filter(group=group, order_no=order_no(seed, 0)).exists():
        raise Conflict(f"{group} has the orders of seed {seed} already: choose another with --seed.")


def _moments(world: World, count: int, days: int) -> Iterator[datetime]:
    """When each order came in, the oldest first."""
    zone = world.rules.zone
    today = datetime.combine(world.now.astimezone(zone).date(), time.min, zone).astimezone(UTC)
    begin = today - timedelta(days=days - 1)
    share_of_today = _share(world.now, today)
    whole = days - 1 + share_of_today
    for number in range(count):
        yield min(moment_in(whole * (number + 0.5) / count, begin), world.now)


def _share(now: datetime, today: datetime) -> float:
    """Which share of today's orders has come in by now: the inverse of `moment_in`, near enough."""
    low, high = 0.0, 1.0
    for _step in range(20):
        middle = (low + high) / 2
        low, high = (middle, high) if moment_in(middle, today) <= now else (low, middle)
    return low
