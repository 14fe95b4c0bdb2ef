"""Address labels with an old address: printed before the web shop changed it, and not again since."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Q

from orders.models import Document, OrderEvent, WebOrder
from orders.states import Status

Kind = OrderEvent.Kind
ON_THE_LABEL: Final = {"ReceiveAddress", "ReturnAddress"}


@dataclass(frozen=True)
class OldLabel:
    """The order, and when an address on its label changed last."""

    order: WebOrder
    changed_at: datetime


def old_labels_of(orders: Sequence[WebOrder]) -> list[OldLabel]:
    """Only of orders still in the shop; 1 query, none when there are no such orders."""
    here = {order.pk: order for order in orders if order.status in (Status.RESERVED, Status.PICKED)}
    printed = Q(kind=Kind.PRINTED, data__document=Document.ADDRESS_LABEL.value)
    events = OrderEvent.objects.filter(printed | Q(kind=Kind.CHANGED), order__in=here).order_by("at", "pk")
    has_label, changed = set[int](), dict[int, datetime]()
    for key, kind, at, data in events.values_list("order_id", "kind", "at", "data") if here else ():
        if kind == Kind.PRINTED:
            has_label.add(key)
            changed.pop(key, None)
        elif key in has_label and ON_THE_LABEL.intersection(data.get("fields", ())):
            changed[key] = at
    return [OldLabel(order, changed[key]) for key, order in here.items() if key in changed]
