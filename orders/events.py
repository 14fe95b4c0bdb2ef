"""Writes the timeline. Each row also wakes the tablets of the order's shop once it is committed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Final

from django.db import transaction

from accounts.models import User
from core import wakeups
from orders.models import Document, OrderEvent, WebOrder

Fact = str | int | list[str]
EventData = dict[str, Fact]
NOTHING_MORE: Final[Mapping[str, int]] = {}


def record(
    order: WebOrder,
    kind: OrderEvent.Kind,
    now: datetime,
    actor: User | None = None,
    by_ddd: bool = False,
    **data: Fact,
) -> OrderEvent:
    """One row of the order's timeline, inside the transaction of the action."""
    event = _row(order, kind, now, actor, by_ddd, data)
    event.save()
    transaction.on_commit(partial(wakeups.wake, wakeups.EVENTS, str(event.pk)))
    return event


def record_imports(orders: Sequence[WebOrder], now: datetime) -> None:
    """These new orders of one Group came from DdD; 1 query, and tablets are woken once."""
    OrderEvent.objects.bulk_create(
        _row(order, OrderEvent.Kind.IMPORTED, now, None, True, {}) for order in orders
    )
    transaction.on_commit(partial(wakeups.wake, wakeups.EVENTS))


def record_print(
    order: WebOrder, document: Document, actor: User, now: datetime, return_number: int | None = None
) -> None:
    """A document of the order was printed; a second time is recorded as a reprint.

    Each return of the order has its own slip.
    """
    record_prints([order], document, actor, now, {"return": return_number} if return_number else {})


def record_prints(
    orders: Sequence[WebOrder],
    document: Document,
    actor: User,
    now: datetime,
    about: Mapping[str, int] = NOTHING_MORE,
) -> None:
    """The same for many orders in one PDF; 3 queries. `reprint` counts from 1; a first print has none."""
    with transaction.atomic():
        # Locked, so that of two prints at the same moment one is counted as a reprint.
        locked = WebOrder.objects.filter(pk__in=[order.pk for order in orders])
        list(locked.select_for_update().order_by("pk").values_list("pk"))
        before = Counter(
            OrderEvent.objects.filter(
                order__in=orders,
                kind=OrderEvent.Kind.PRINTED,
                data__document=document.value,
                **{f"data__{name}": value for name, value in about.items()},
            ).values_list("order_id", flat=True)
        )
        rows = [
            _row(order, OrderEvent.Kind.PRINTED, now, actor, False, _print(document, about, before[order.pk]))
            for order in orders
        ]
        OrderEvent.objects.bulk_create(rows)
        transaction.on_commit(partial(wakeups.wake, wakeups.EVENTS))


def _print(document: Document, about: Mapping[str, int], before: int) -> EventData:
    return {"document": document.value, **about, **({"reprint": before} if before else {})}


def _row(
    order: WebOrder, kind: OrderEvent.Kind, now: datetime, actor: User | None, by_ddd: bool, data: EventData
) -> OrderEvent:
    return OrderEvent(
        group_id=order.group_id,
        shop_id=order.shop_id,
        order=order,
        kind=kind,
        actor=actor,
        by_ddd=by_ddd,
        data=data,
        at=now,
    )
