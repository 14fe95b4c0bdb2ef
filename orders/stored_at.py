"""When a change of an order, or of a refund, could be read by everybody: the time by which web shops follow.

The time that an action carries (`modified_at`) is when it began. Another action may have begun later and be
readable earlier, so whoever asks for what came after the newest time they have seen would miss the first. So
each change gets a second time when it is committed. One process at a time gives them out in a Group, each
later than every one before: what a web shop has not seen yet is always later than all that it has seen.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from django.db import models, transaction
from django.utils import timezone

from accounts.models import Group
from orders.models import Followed, WebOrder

# No action takes so long. What is older is history that somebody loads, and keeps its own time.
HISTORY: Final = timedelta(days=1)
NEXT: Final = timedelta(microseconds=1)
AT_A_TIME: Final = 1000


def store_times(group_id: int, kind: type[Followed] = WebOrder) -> None:
    """Gives every change of the Group that is committed and has none its `stored_at`.

    Called by whoever reads, and every few seconds by a worker, so that a reader finds little to do.
    """
    every: models.Manager[Any] = kind._default_manager
    rows = every.filter(group_id=group_id)
    while rows.filter(stored_at_is_due=True).exists():
        with transaction.atomic():
            list(Group.objects.select_for_update(no_key=True).filter(pk=group_id).values_list("pk"))
            if _store_some(rows, timezone.now()) < AT_A_TIME:
                return


def store_all_times() -> None:
    """The same for all Groups, orders and refunds."""
    for kind in Followed.__subclasses__():
        every: models.Manager[Any] = kind._default_manager
        due = every.filter(stored_at_is_due=True).order_by()
        for group_id in due.values_list("group_id", flat=True).distinct():
            store_times(group_id, kind)


def _store_some(rows: models.QuerySet[Any], clock: datetime) -> int:
    """How many got one."""
    newest = (
        rows.filter(stored_at__isnull=False)
        .order_by("-stored_at")
        .values_list("stored_at", flat=True)
        .first()
    )
    due = rows.filter(stored_at_is_due=True)
    # Locked in the order of their keys, as everywhere.
    changed = list(due.select_for_update().order_by("pk").only("pk", "modified_at")[:AT_A_TIME])
    for row in changed:
        at = row.modified_at if clock - row.modified_at > HISTORY else clock
        row.stored_at = at if newest is None else max(at, newest + NEXT)
        row.stored_at_is_due = False
    rows.model._default_manager.bulk_update(changed, ["stored_at", "stored_at_is_due"], batch_size=200)
    return len(changed)
