"""How many pieces a shop has: workers ask DdD, screens read the stored answers and never wait."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts.models import Shop
from core.wakeups import call_worker
from ddd.api import client
from ddd.api.http import DddError, Rejected, Wire, wire_to
from ddd.models import Connection, StockLevel, Variant

log = logging.getLogger(__name__)

FRESH_FOR = timedelta(minutes=5)
# When no answer came in this time, the screen requests it again.
ASKED_AGAIN_AFTER = timedelta(seconds=30)
SECONDS_FOR_A_STEP = 5.0
LONGEST_RUN = timedelta(seconds=60)
FAILURES_IN_A_ROW = 3
Levels = dict[tuple[int, int], StockLevel]


def levels(shops: Iterable[Shop], variants: Iterable[Variant], now: datetime) -> Levels:
    """The stored levels, by primary keys of shop and variant; those that are missing or old are requested.

    An old answer stays until there is a new one. 1 query when all are fresh, 3 when some are requested.
    """
    shops, variants = list(shops), list(variants)
    rows = StockLevel.objects.filter(shop__in=shops, variant__in=variants)
    known = {(row.shop_id, row.variant_id): row for row in rows}
    due = [
        (shop, variant)
        for shop in shops
        for variant in variants
        if _is_due(known.get((shop.pk, variant.pk)), now)
    ]
    if due:
        asked = [StockLevel(shop=shop, variant=variant, asked_at=now) for shop, variant in due]
        StockLevel.objects.bulk_create(
            asked, update_conflicts=True, unique_fields=["shop", "variant"], update_fields=["asked_at"]
        )
        transaction.on_commit(partial(call_worker, "ddd.tasks.ask_for_stock", due[0][0].group_id))
        known = {(row.shop_id, row.variant_id): row for row in rows.all()}
    return known


def is_asked(level: StockLevel, now: datetime) -> bool:
    """Whether somebody waits for DdD's answer, and it may still come."""
    unanswered = level.answered_at is None or level.answered_at < level.asked_at
    return unanswered and level.asked_at > now - ASKED_AGAIN_AFTER


def ask_ddd(group_id: int, clock: Callable[[], datetime] = timezone.now) -> int:
    """Asks one Group's DdD for all requested levels; returns how many it answered. Stops on silence."""
    connection = Connection.objects.filter(group_id=group_id).first()
    started = clock()
    due = list(_due(started).filter(shop__group_id=group_id).select_related("shop", "variant"))
    if connection is None or not due or connection.rests("send", started):
        return 0
    answers = failures = 0
    try:
        with wire_to(connection, timeout=SECONDS_FOR_A_STEP) as wire:
            for level in due:
                if clock() - started > LONGEST_RUN or failures == FAILURES_IN_A_ROW:
                    break
                answered = _ask(wire, level, clock())
                answers += bool(answered)
                failures = failures + 1 if answered is None else 0
    except DddError as trouble:
        log.warning("stock of Group %s cannot be asked for: %s", group_id, trouble.sentence)
    return answers


def groups_that_wait(now: datetime) -> list[int]:
    """The Groups in which somebody waits for an answer."""
    return list(_due(now).order_by().values_list("shop__group_id", flat=True).distinct())


def _ask(wire: Wire, level: StockLevel, now: datetime) -> bool | None:
    """Whether DdD answered: False when it refuses the shop, None when it is silent."""
    try:
        pieces = client.stock_of(wire, level.shop.shop_id, level.variant.variant_id)
    except DddError as trouble:
        log.warning("stock of %s in %s: %s", level.variant.variant_id, level.shop.shop_id, trouble.sentence)
        return False if isinstance(trouble, Rejected) else None
    StockLevel.objects.filter(pk=level.pk).update(pieces=pieces, answered_at=max(now, level.asked_at))
    return True


def _due(now: datetime) -> QuerySet[StockLevel]:
    unanswered = Q(answered_at=None) | Q(answered_at__lt=F("asked_at"))
    return StockLevel.objects.filter(unanswered, asked_at__gt=now - ASKED_AGAIN_AFTER).order_by("pk")


def _is_due(level: StockLevel | None, now: datetime) -> bool:
    if level is None:
        return True
    if level.asked_at > now - ASKED_AGAIN_AFTER:
        return False
    return level.answered_at is None or level.answered_at < now - FRESH_FOR
