"""What DdD says otherwise of an open order than before: its prices, its addresses, and whether it is paid.

An order that came from DdD is as DdD has it, because its sale is booked with these prices. One that came
through the Public API is as its web shop has sent it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from ddd.models import Posting
from orders.events import record
from orders.locking import locked
from orders.models import Line, OrderEvent, WebOrder
from orders.reading import NewLine, NewOrder
from orders.receivers import replace_words
from orders.states import Status

# Our columns, and DdD's names of them.
HEADER: Final = {
    "is_paid": "IsPaid",
    "receive_address": "ReceiveAddress",
    "return_address": "ReturnAddress",
}
PRICES: Final = {
    "sales_price": "SalesPrice",
    "effective_sales_price": "EffectiveSalesPrice",
    "discount_amount": "DiscountAmount",
}
Changes = dict[str, Any]


def follow(order: WebOrder, new: NewOrder, now: datetime) -> bool:
    """Takes over what DdD has changed; the event tells the shop. False when nothing differs, or it is too
    late, or the web shop has changed the order here: that may still be on its way to DdD."""
    with locked(order) as current:
        if current.status not in (Status.RESERVED, Status.PICKED) or _was_changed_here(current):
            return False
        header = {column: getattr(new, column) for column in HEADER if _differs(current, new, column)}
        lines = list(current.lines.select_related("variant"))
        repriced = _repriced(lines, new.lines)
        if not header and not repriced:
            return False
        receiver = current.receiver
        for pk, prices in repriced.items():
            Line.objects.filter(pk=pk).update(modified_at=now, **prices)
        WebOrder.objects.filter(pk=current.pk).update(modified_at=now, **header)
        current.refresh_from_db()
        if current.receiver != receiver:
            replace_words(current)
        fields = [HEADER[column] for column in header] + _names_in(repriced)
        pieces = [str(line.variant) for line in lines if line.pk in repriced]
        record(current, OrderEvent.Kind.CHANGED_AT_DDD, now, by_ddd=True, fields=fields, pieces=pieces)
        return True


def other_than_told(order: WebOrder, new: NewOrder) -> list[str]:
    """DdD's names of what the sale depends on and DdD has otherwise; empty when the web shop has changed the
    order here."""
    if _was_changed_here(order):
        return []
    names = [HEADER["is_paid"]] if order.is_paid != new.is_paid else []
    repriced = _repriced(list(order.lines.select_related("variant")), new.lines)
    return names + _names_in(repriced)


def _was_changed_here(order: WebOrder) -> bool:
    changes = Posting.objects.filter(group=order.group_id, order_no=order.order_no, kind=Posting.Kind.CHANGE)
    return changes.exists()


def _names_in(repriced: Mapping[int, Changes]) -> list[str]:
    return [name for column, name in PRICES.items() if any(column in one for one in repriced.values())]


def _differs(order: WebOrder, new: NewOrder, column: str) -> bool:
    """What DdD leaves empty is not taken away here."""
    value = getattr(new, column)
    return bool(value != "" and value != getattr(order, column))


def _repriced(ours: Iterable[Line], theirs: Iterable[NewLine]) -> dict[int, Changes]:
    """The new prices of our lines, by primary key. Pieces of one variant are interchangeable, so they change
    only when their prices do not come out equal in any order."""
    found: dict[int, Changes] = {}
    by_variant: defaultdict[int, list[NewLine]] = defaultdict(list)
    for new in theirs:
        by_variant[new.variant_id].append(new)
    lines: defaultdict[int, list[Line]] = defaultdict(list)
    for line in ours:
        lines[line.variant.variant_id].append(line)
    for variant_id, mine in lines.items():
        if Counter(map(_prices, mine)) == Counter(map(_prices, by_variant[variant_id])):
            continue
        for line, new in zip(mine, by_variant[variant_id], strict=False):
            changed = {
                name: getattr(new, name) for name in PRICES if getattr(line, name) != getattr(new, name)
            }
            if changed:
                found[line.pk] = changed
    return found


def _prices(line: Line | NewLine) -> tuple[Decimal, ...]:
    return tuple(getattr(line, name) for name in PRICES)
