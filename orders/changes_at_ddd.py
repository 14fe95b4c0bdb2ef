"""What DdD says otherwise of an open order than before: its prices, its addresses, and whether it is paid.

An order that came from DdD is as DdD has it, because its sale is booked with these prices. One that came
through the Public API is as its web shop has sent it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import Conflict
from ddd.models import Connection, Notice, Posting
from ddd.sending import decisions
from orders.events import record
from orders.locking import locked
from orders.models import Line, OrderEvent, WebOrder
from orders.reading import NewLine, NewOrder
from orders.receivers import replace_words
from orders.refund_due import settle_refunds
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
        is_open = current.status in (Status.RESERVED, Status.PICKED)
        if not is_open or (_was_changed_here(current) and not current.follows_ddd):
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
        if current.status == Status.PICKED:
            # Whether it is paid and what a piece costs may be other by now.
            settle_refunds(current, now)
        return True


def take_over(notice: Notice, actor: User, now: datetime) -> None:
    """The order that the notice is about follows DdD from the next poll on, until its web shop changes it.
    Conflict when it has left the shop: its sale is booked with the prices that it had."""
    order = WebOrder.objects.filter(group_id=notice.group_id, order_no=notice.subject).first()
    if order is None:
        raise Conflict(_("The portal does not have this order any more."), code="moved-on")
    with locked(order) as current:
        if current.status not in (Status.RESERVED, Status.PICKED):
            sentence = _("This order is %(status)s already, and its sale is booked as it was.")
            raise Conflict(sentence % {"status": current.get_status_display()}, code="moved-on")
        WebOrder.objects.filter(pk=current.pk).update(follows_ddd=True)
        # So that the next poll reads it again, however long ago DdD changed it.
        Connection.objects.filter(group=notice.group_id).update(polled_until=None)
        decisions.close_notice(notice, actor, now)


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
