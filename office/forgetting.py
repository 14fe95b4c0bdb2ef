"""Removes who the customer was from orders that finished long ago. Numbers, money and books stay.

Any number of workers may run at once, and any of them may die: what one night does not reach, the next one
does. An order that DdD or the web shop still waits for is not touched.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from accounts.models import Group
from core import stopping
from core.paging import behind, place_of
from ddd.models import Attempt, Difference, Notice, Posting
from office.listing import kept_searches
from office.models import MissingReport
from orders.content import keyed
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
    "OrderReference": "",
    "DeliveryNo": "",
    "delivery_no": "",
    "overrule_reason": "",
    "why": "",
}
# Events whose `reason` is what somebody typed; that of others is a code.
WITH_A_TYPED_REASON: Final = (Kind.MAIL_AGAIN, Kind.MAIL_SEEN_TO, Kind.SOLD_ELSEWHERE)
OF_A_PERSON_IN_EVENTS: Final = (
    Kind.DELIVERED,
    Kind.TAKEN_BACK,
    Kind.RETURN_CANCELLED,
    Kind.RETURN_REVERSED,
)


def forget(group_id: int, clock: Callable[[], datetime] = timezone.now) -> int:
    """Forgets the customers of a Group's orders that are old enough, in batches; returns how many orders."""
    started = clock()
    days = Policy.of(Group.objects.get(pk=group_id)).personal_data_days
    if days is None:
        return 0
    forgotten, after = 0, ""
    old = _old_enough(group_id, started - timedelta(days=days))
    while clock() - started < LONGEST_RUN and not stopping.is_asked():
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
    rows = list(held.order_by("pk"))
    orders = {order.pk: order.order_no for order in rows}
    searched_for = kept_searches.finding(group_id, rows)
    _forget_orders(rows, now)
    Line.objects.filter(order__in=orders).update(notes="", delivery_no="")
    ReceiverWord.objects.filter(order__in=orders).delete()
    Mail.objects.filter(order__in=orders).update(to="", reason={})
    Return.objects.filter(order__in=orders).update(overrule_reason="", ended_why="")
    MissingReport.objects.filter(order__in=orders).exclude(closed_why="").update(closed_why="")
    _forget_postings(Posting.objects.filter(group_id=group_id, order_no__in=orders.values()))
    Difference.objects.filter(group_id=group_id, order_no__in=orders.values()).update(note="")
    Notice.objects.filter(group_id=group_id, subject__in=orders.values()).update(note="")
    events = OrderEvent.objects.filter(order__in=orders)
    _blank(events.filter(kind__in=OF_A_PERSON_IN_EVENTS), "data")
    _blank(events.filter(kind__in=WITH_A_TYPED_REASON), "data", {"reason": ""})
    kept_searches.delete_those_in_vain(searched_for)
    return len(orders)


def _forget_orders(orders: list[WebOrder], now: datetime) -> None:
    for order in orders:
        order.content = keyed(order.content)
    WebOrder.objects.bulk_update(orders, ["content"], batch_size=BATCH)
    texts = ("order_reference", "receive_address", "return_address", "collected_by", "signature")
    WebOrder.objects.filter(pk__in=[order.pk for order in orders]).update(
        **dict.fromkeys(texts, ""), customer_number=0, forgotten_at=now
    )


def _forget_postings(postings: QuerySet[Posting]) -> None:
    """What was sent and what DdD answered. DdD's numbers of an item transfer stay: by them it is told from
    others that are read back later."""
    Attempt.objects.filter(posting__in=postings).update(detail={}, calls=[])
    _blank(postings, "payload")
    postings.update(reason={}, evidence={})
    postings.exclude(kind=Posting.Kind.TRANSFER).update(baseline={}, answer="")


def _blank(rows: QuerySet[Any], column: str, also: Mapping[str, Any] | None = None) -> None:
    names = OF_A_PERSON | dict(also or {})
    changed = []
    for row in rows.only("pk", column):
        kept = getattr(row, column)
        blanked = without_a_person(kept, names)
        if blanked != kept:
            setattr(row, column, blanked)
            changed.append(row)
    rows.model._default_manager.bulk_update(changed, [column], batch_size=BATCH)


def without_a_person(value: Any, names: Mapping[str, Any] = OF_A_PERSON) -> Any:
    """The same, with nothing in it that says who the customer is."""
    if isinstance(value, dict):
        return {name: names.get(name, without_a_person(one, names)) for name, one in value.items()}
    return [without_a_person(one, names) for one in value] if isinstance(value, list) else value
