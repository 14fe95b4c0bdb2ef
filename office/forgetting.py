"""Removes who the customer was from orders that finished long ago. Numbers, money and books stay.

Any number of workers may run at once, and any of them may die: what one night does not reach, the next one
does. An order that DdD or the web shop still waits for is not touched.
"""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from accounts.models import Group
from core.paging import behind, place_of
from ddd.models import Attempt, Posting
from orders.models import Line, Mail, OrderEvent, Policy, ReceiverWord, RefundDue, WebOrder
from orders.states import Status
from returns.models import Return

Kind = OrderEvent.Kind
BATCH = 200
LONGEST_RUN = timedelta(minutes=20)
FINISHED = (Status.DELIVERED, Status.RETURNED, Status.CANCELLED)
SETTLED = (
    Posting.State.SENT,
    Posting.State.GIVEN_UP,
    Posting.State.WITHDRAWN,
    Posting.State.REHEARSED,
)
# What was sent to DdD about a person, and what staff wrote about them, at any depth.
OF_A_PERSON: Final[dict[str, Any]] = {
    "ReceiveAddress": "",
    "ReturnAddress": "",
    "Notes": "",
    "CustomerNumber": 0,
    "overrule_reason": "",
    "why": "",
}


def forget(group_id: int, clock: Callable[[], datetime] = timezone.now) -> int:
    """Forgets the customers of a Group's orders that are old enough, in batches; returns how many orders."""
    started = clock()
    days = Policy.of(Group.objects.get(pk=group_id)).personal_data_days
    if days is None:
        return 0
    forgotten, after = 0, ""
    old = _old_enough(group_id, started - timedelta(days=days))
    while clock() - started < LONGEST_RUN:
        rows = old.filter(behind(after, "modified_at", newest_first=False)) if after else old
        batch = list(rows.values_list("pk", "order_no", "modified_at")[:BATCH])
        if not batch:
            break
        forgotten += _forget(group_id, old, [pk for pk, _order_no, _at in batch], clock())
        pk, _order_no, at = batch[-1]
        after = place_of(at, pk)
    return forgotten


def _old_enough(group_id: int, before: datetime) -> QuerySet[WebOrder]:
    """Finished orders, unchanged since then, with nothing left for DdD or the web shop; the oldest first."""
    orders = WebOrder.objects.filter(
        group_id=group_id, modified_at__lt=before, forgotten_at=None, status__in=FINISHED
    )
    on_the_way = Posting.objects.filter(group_id=group_id, order_no=OuterRef("order_no"))
    owed = RefundDue.objects.open().filter(order=OuterRef("pk"))
    waited_for = Exists(on_the_way.exclude(state__in=SETTLED)) | Exists(owed)
    return orders.exclude(waited_for).order_by("modified_at", "pk")


@transaction.atomic
def _forget(group_id: int, old: QuerySet[WebOrder], keys: Collection[int], now: datetime) -> int:
    """All of these orders or none, but without those that were changed meanwhile."""
    held = WebOrder.objects.select_for_update(of=("self",)).filter(
        pk__in=old.filter(pk__in=keys).values("pk")
    )
    orders = dict(held.order_by("pk").values_list("pk", "order_no"))
    nothing = dict.fromkeys(("receive_address", "return_address", "collected_by", "signature"), "")
    WebOrder.objects.filter(pk__in=orders).update(**nothing, customer_number=0, forgotten_at=now)
    Line.objects.filter(order__in=orders).exclude(notes="").update(notes="")
    ReceiverWord.objects.filter(order__in=orders).delete()
    Mail.objects.filter(order__in=orders).exclude(to="").update(to="")
    Return.objects.filter(order__in=orders).update(overrule_reason="", ended_why="")
    postings = Posting.objects.filter(group_id=group_id, order_no__in=orders.values())
    Attempt.objects.filter(posting__in=postings).update(detail={}, calls=[])
    _blank(postings, "payload")
    postings.exclude(reason={}).update(reason={})
    of_returns = (Kind.TAKEN_BACK, Kind.RETURN_CANCELLED, Kind.RETURN_REVERSED)
    _blank(OrderEvent.objects.filter(order__in=orders, kind__in=of_returns), "data")
    return len(orders)


def _blank(rows: QuerySet[Any], column: str) -> None:
    changed = []
    for row in rows.only("pk", column):
        kept = getattr(row, column)
        blanked = without_a_person(kept)
        if blanked != kept:
            setattr(row, column, blanked)
            changed.append(row)
    rows.model._default_manager.bulk_update(changed, [column], batch_size=BATCH)


def without_a_person(value: Any) -> Any:
    """The same, with nothing in it that says who the customer is."""
    if isinstance(value, dict):
        return {name: OF_A_PERSON.get(name, without_a_person(one)) for name, one in value.items()}
    return [without_a_person(one) for one in value] if isinstance(value, list) else value
