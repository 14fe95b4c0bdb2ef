"""Reads the last 30 days of a Group's DdD for the page on which its connection is set up, and lets the Group
go live once all words of these days have a meaning.

A worker reads: the list of orders, and the sales of a few shops. It takes a minute at most.
"""

import logging
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import changes
from accounts.models import Group, User
from core import leases
from core.errors import Conflict
from core.leases import LeaseLost
from core.stopping import Stopped
from core.wakeups import call_worker
from ddd.api import client
from ddd.api.client import OrderBatch
from ddd.api.http import DddError, wire_to
from ddd.lookup import order_lists
from ddd.models import Connection, FirstLook
from ddd.words import causes
from ddd.words.tables import folded_word, meaning_of

log = logging.getLogger(__name__)
DAYS: Final = 30
LONGEST: Final = timedelta(minutes=5)
SHOPS_READ: Final = 5  # those with the most orders; clerks and types are a Group's, not a shop's
SECONDS_FOR_SALES: Final = 45.0
MOST_WORDS, MOST_SHOPS, MOST_NUMBERS = 40, 200, 12


def request(group: Group, now: datetime) -> None:
    """A worker reads as soon as it can; asked twice, it is read once."""
    FirstLook.objects.update_or_create(group=group, defaults={"wanted_at": now})
    transaction.on_commit(partial(call_worker, "ddd.tasks.take_a_first_look", group.pk))


def waiting() -> list[int]:
    """The Groups that want it and have no worker."""
    rows = FirstLook.objects.filter(leases.free(), wanted_at__isnull=False)
    return list(rows.values_list("group_id", flat=True))


def look(group_id: int, now: datetime) -> bool:
    """Reads and stores what was found; False when nobody wants it, or another worker does it."""
    row = FirstLook.objects.filter(group_id=group_id, wanted_at__isnull=False).first()
    connection = Connection.objects.select_related("group").filter(group_id=group_id).first()
    if row is None or connection is None or not leases.take(row, LONGEST, percent=0):
        return False
    wanted_at = row.wanted_at
    try:
        try:
            found = _read(row, connection, now)
        except DddError as error:
            leases.release(row, trouble=error.cause)
        except Stopped:
            leases.release(row)  # the next worker begins at once
            raise
        else:
            leases.release(row, trouble={}, read_at=now, found=found, percent=100)
    except LeaseLost as lost:
        log.warning("what DdD has shown is not kept: %s", lost)
        return False
    # Whoever asks meanwhile has another address or token: it is read once more.
    FirstLook.objects.filter(pk=row.pk, wanted_at=wanted_at).update(wanted_at=None)
    return True


def unanswered(connection: Connection, look: FirstLook) -> tuple[list[str], list[str]]:
    """The words of statuses, and those of types, that were seen and have no meaning yet."""
    statuses = [
        word for word, _n in look.found.get("statuses", ()) if not meaning_of(connection.status_words, word)
    ]
    types = [word for word, _n in look.found.get("types", ()) if not meaning_of(connection.order_types, word)]
    return statuses, types


def go_live(group: Group, user: User, now: datetime) -> None:
    """From now on DdD's orders come in; what it has made before is never booked here. Conflict while
    something of the last 30 days is not answered."""
    with transaction.atomic():
        connection = Connection.objects.select_for_update().filter(group=group).first()
        seen = FirstLook.objects.filter(group=group).first()
        if connection is not None and connection.live_at is not None:
            return  # their second tap, or somebody who was faster
        if connection is None or seen is None or seen.read_at is None:
            raise Conflict(_("DdD has to be read first."), code="not-read-yet")
        if any(unanswered(connection, seen)):
            raise Conflict(_("Some words of DdD have no meaning yet."), code="not-answered-yet")
        connection.live_at = connection.started_at = now
        connection.polled_until = None
        connection.save(update_fields=["live_at", "started_at", "polled_until"])
        changes.record(user, "ddd", {causes.IS_LIVE: False}, {causes.IS_LIVE: True}, now)


def _read(row: FirstLook, connection: Connection, now: datetime) -> dict[str, Any]:
    since = now - timedelta(days=DAYS)
    lists = order_lists.read_orders(connection, since, since)
    leases.renew(row, LONGEST, percent=50)
    found = _of_orders(lists.all)
    found["refused_tokens"] = [web_shop.name for web_shop, _cause in lists.refused]
    known = connection.group.shops.order_by("shop_id").values_list("shop_id", flat=True)
    seen = [shop_id for shop_id, _count in found["shops"]]
    found["sales"] = _of_sales(row, connection, list(dict.fromkeys([*seen, *known[:SHOPS_READ]])), since)
    return found


def _of_orders(batch: OrderBatch) -> dict[str, Any]:
    statuses: Counter[str] = Counter()
    for order in batch.orders:
        statuses.update({line.status for line in order.lines})
    return {
        "orders": len(batch.orders),
        "unreadable": len(batch.unreadable),
        "statuses": _as_one_word(statuses),
        "types": _as_one_word(Counter(order.order_type for order in batch.orders)),
        "shops": _most(Counter(order.shop_id for order in batch.orders), MOST_SHOPS),
        "web_shops": _most(Counter(order.webshop_id for order in batch.orders if order.webshop_id)),
    }


def _of_sales(
    row: FirstLook, connection: Connection, shop_ids: Iterable[int], since: datetime
) -> dict[str, Any]:
    """The numbers in sales of the first shops that DdD takes; without any when it does not answer."""
    until = time.monotonic() + SECONDS_FOR_SALES
    numbers: dict[str, Counter[int]] = {name: Counter() for name in client.NUMBERS_IN_SALES}
    read: list[int] = []
    refused: list[int] = []
    with wire_to(connection) as wire:
        for shop_id in shop_ids:
            if len(read) >= SHOPS_READ or len(refused) >= SHOPS_READ or time.monotonic() > until:
                break
            try:
                for name, seen in client.numbers_in_sales(wire, shop_id, since.date()).items():
                    numbers[name] += seen
            except DddError as error:
                log.info("sales of shop %s are not read: %s", shop_id, error)
                refused.append(shop_id)
                continue
            read.append(shop_id)
            leases.renew(row, LONGEST, percent=50 + 50 * len(read) // (SHOPS_READ + 1))
    most = {name: _most(seen, MOST_NUMBERS) for name, seen in numbers.items()}
    return {"read": read, "refused": refused, **most}


def _as_one_word(seen: Mapping[str, int]) -> list[list[Any]]:
    """Counted without regard to case, under the spelling that was seen first."""
    names: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for word, count in seen.items():
        if word.strip():
            counts[names.setdefault(folded_word(word), word.strip())] += count
    return _most(counts, MOST_WORDS)


def _most(seen: "Counter[Any]", limit: int = MOST_NUMBERS) -> list[list[Any]]:
    return [[what, count] for what, count in seen.most_common(limit)]
