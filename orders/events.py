"""Writes the timeline. The same row wakes the tablets of the order's shop once it is committed."""

from datetime import datetime
from functools import partial

from django.db import transaction

from accounts.models import User
from core import doorbell
from orders.models import Document, OrderEvent, WebOrder


def record(
    order: WebOrder,
    kind: OrderEvent.Kind,
    now: datetime,
    actor: User | None = None,
    by_ddd: bool = False,
    **facts: str | int | list[str],
) -> OrderEvent:
    """One row of the order's timeline, inside the transaction of the deed."""
    event = OrderEvent.objects.create(
        group_id=order.group_id,
        shop_id=order.shop_id,
        order=order,
        kind=kind,
        actor=actor,
        by_ddd=by_ddd,
        facts=facts,
        at=now,
    )
    transaction.on_commit(partial(doorbell.ring, doorbell.EVENTS, str(event.pk)))
    return event


def note_print(order: WebOrder, document: Document, actor: User, now: datetime) -> None:
    """A document of the order was printed; printed again, it is noted again."""
    with transaction.atomic():
        record(order, OrderEvent.Kind.PRINTED, now, actor, document=document)
