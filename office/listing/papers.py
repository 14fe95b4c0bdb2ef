"""Pick lists and address labels of many orders, in parts: each is printed by a request of its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from accounts.models import User
from accounts.viewer import Viewer
from office.models import BulkAction, BulkOrder
from orders import events
from orders.models import Document, WebOrder
from pos import documents

Printed = tuple[bytes, str]
Action, Outcome = BulkAction.Action, BulkOrder.Outcome


@dataclass(frozen=True)
class Paper:
    """What is printed, and of how many orders a process draws it in two seconds."""

    document: Document
    draw: Callable[[Sequence[WebOrder]], bytes]
    at_once: int


PAPERS: Final = {
    Action.PICK_LISTS: Paper(Document.PICK_LIST, documents.pick_list, 50),
    Action.LABELS: Paper(Document.ADDRESS_LABEL, documents.address_label, 100),
}


@dataclass(frozen=True)
class Part:
    """From which order to which, counted from 1, of which shops, and whether all of it was printed."""

    first: int
    last: int
    shops: tuple[str, ...]
    printed: bool


def print_orders(paper: Paper, orders: Sequence[WebOrder], user: User, now: datetime) -> Printed:
    """The PDF and its name; noted on the timeline of each order."""
    pdf = paper.draw(orders)
    events.record_prints(orders, paper.document, user, now)
    return pdf, f"{paper.document.value} {orders[0].order_no} {len(orders)}"


def parts_of(action: BulkAction) -> list[Part]:
    """All that was chosen, shop by shop; 1 query."""
    size = PAPERS[Action(action.action)].at_once
    rows = list(_sorted(action).values_list("shop__name", "outcome"))
    pieces = [(start, rows[start : start + size]) for start in range(0, len(rows), size)]
    return [
        Part(
            first=start + 1,
            last=start + len(piece),
            shops=tuple(dict.fromkeys(shop for shop, _outcome in piece)),
            printed=all(outcome == Outcome.DONE for _shop, outcome in piece),
        )
        for start, piece in pieces
    ]


def print_part(action: BulkAction, first: int, viewer: Viewer, now: datetime) -> Printed | None:
    """The part that begins with this order; None when there is none. Printed again, it is noted again."""
    paper = PAPERS[Action(action.action)]
    start = first - 1
    if start < 0 or start % paper.at_once:
        return None
    keys = list(_sorted(action).values_list("order", flat=True)[start : start + paper.at_once])
    found = WebOrder.objects.visible_to(viewer).select_related("group", "shop", "taken_by").in_bulk(keys)
    if not found:
        return None
    printed = print_orders(paper, [found[key] for key in keys if key in found], viewer.user, now)
    # Last: what dies before it is offered once more.
    action.orders.filter(order__in=keys).update(outcome=Outcome.DONE)
    return printed


def _sorted(action: BulkAction) -> QuerySet[BulkOrder]:
    """As a person carries them out: shop by shop, the oldest first."""
    return action.orders.order_by("shop__name", "order__created_at", "order_id")
