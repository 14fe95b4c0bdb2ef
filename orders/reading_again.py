"""Reads DdD's orders once more from long ago. Nobody knows whether `since` means changed or created
(contract, section 0): where it means created, a poll misses what DdD's till does with older orders.

Every hour a poll reads from the creation of the oldest open order on, until an answer proves that DdD lists
what has changed: an order which it had made long before.
"""

from datetime import datetime, timedelta
from typing import Final

from django.db.models import Min
from django.db.models.functions import Coalesce, Least

from ddd.api.client import OrderBatch
from ddd.models import Connection
from orders.models import WebOrder

EVERY: Final = timedelta(hours=1)
LONGEST_BACK: Final = timedelta(days=30)
# Clocks and time zones differ by less; so an order made so long before was listed because it changed.
LONG_BEFORE: Final = timedelta(days=1)


def begin(connection: Connection, cursor: datetime, now: datetime) -> datetime:
    """The moment from which this poll reads: the cursor, or earlier when it is time."""
    last = connection.read_again_at
    if connection.lists_what_changed or (last is not None and now - last < EVERY):
        return cursor
    oldest = _oldest_open(connection)
    if oldest is None:
        return cursor
    return min(cursor, max(oldest - LONG_BEFORE, now - LONGEST_BACK))


def done(connection: Connection, batch: OrderBatch, since: datetime, cursor: datetime, now: datetime) -> None:
    """Notes what this poll has read and proved."""
    if connection.lists_what_changed:
        return
    changed: dict[str, bool | datetime] = {}
    if any(order.made_on and order.made_on < since - LONG_BEFORE for order in batch.orders):
        changed["lists_what_changed"] = True
    if connection.read_again_at is None or since < cursor or now - connection.read_again_at >= EVERY:
        changed["read_again_at"] = now
    if changed:
        Connection.objects.filter(pk=connection.pk).update(**changed)


def _oldest_open(connection: Connection) -> datetime | None:
    shops = connection.group.shops.values_list("pk", flat=True)
    rows = WebOrder.objects.open().filter(shop__in=shops)
    made = Least(Coalesce("ordered_on", "created_at"), "created_at")
    found: datetime | None = rows.aggregate(oldest=Min(made))["oldest"]
    return found
