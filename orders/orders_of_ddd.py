"""An order of DdD's as the portal would store it."""

from collections import Counter, defaultdict

from django.db.models import Exists, OuterRef, Q

from core.causes import StoredCause
from ddd.api.wire import WireLine, WireOrder
from ddd.lookup import catalogue
from ddd.models import Connection, Posting
from ddd.words import causes
from orders.models import WebOrder
from orders.order_no import folded
from orders.reading import (
    HIGHEST_PRICE,
    INT32_MAX,
    INT64_MAX,
    LONGEST_ORDER_NO,
    Model,
    NewLine,
    NewOrder,
    can_be_shown,
)
from orders.states import Status


def unusable(wire: WireOrder, in_store: bool = False) -> StoredCause:
    """What makes it impossible to store or to sell the order; empty when nothing does."""
    prices = [price for line in wire.lines for price in (line.sales_price, line.effective_sales_price)]
    if not wire.lines:
        return causes.NO_LINES()
    if wire.is_paid is None and not in_store:
        return causes.NO_IS_PAID()
    if len(wire.order_no) > LONGEST_ORDER_NO:
        return causes.LONG_ORDER_NO(count=len(wire.order_no))
    if not all(0 < line.variant_id <= catalogue.LARGEST_SOLD_VARIANT for line in wire.lines):
        return causes.IMPOSSIBLE_VARIANT()
    if any(line.quantity != 1 for line in wire.lines):
        return causes.NOT_ONE_PIECE()
    if not all(line.has_price for line in wire.lines) and not in_store:
        return causes.NO_PRICE()
    if not all(0 <= price <= HIGHEST_PRICE for price in prices):
        return causes.IMPOSSIBLE_PRICE()
    if not (0 <= wire.customer_number <= INT64_MAX and 0 <= wire.ddd_id <= INT32_MAX):
        return causes.IMPOSSIBLE_NUMBER()
    return {}


def as_new(wire: WireOrder, in_store: bool = False) -> NewOrder:
    """As a web shop would have sent it. What was ordered in a store is paid, whatever DdD says of it."""
    return NewOrder(
        order_no=wire.order_no,
        shop_id=wire.shop_id,
        is_paid=in_store or bool(wire.is_paid),  # `unusable` has refused an order that does not say it
        customer_number=wire.customer_number,
        lines=tuple(_as_new_line(line) for line in wire.lines),
        order_reference=wire.order_reference[:255],
        ordered_on=wire.ordered_on if wire.ordered_on and can_be_shown(wire.ordered_on) else None,
        receive_address=wire.receive_address[:255],
        return_address=wire.return_address,
        model=Model.IN_STORE if in_store else Model.COLLECT,
    )


def _as_new_line(line: WireLine) -> NewLine:
    return NewLine(
        variant_id=line.variant_id,
        ean="",
        sales_price=line.sales_price,
        effective_sales_price=line.effective_sales_price,
        discount_amount=min(abs(line.discount_amount), HIGHEST_PRICE),
        delivery_no=line.delivery_no[:50],
        notes=line.notes[:250],
    )


def has_same_pieces(order: WebOrder, wire: WireOrder) -> bool:
    """False when DdD's order with this OrderNo must be another one."""
    ours = Counter(order.lines.values_list("variant__variant_id", flat=True))
    return ours == Counter(line.variant_id for line in wire.lines)


def written_otherwise(connection: Connection, wire: WireOrder) -> WebOrder | None:
    """The order that DdD has from the portal, and writes in another case: it is not picked and sold twice.

    None when it may be another one: not sent yet, at DdD under another Id, or with other pieces.
    """
    orders = WebOrder.objects.filter(group=connection.group_id, order_no_folded=folded(wire.order_no))
    creates = Posting.objects.filter(kind=Posting.Kind.ORDER, order_no=OuterRef("order_no"))
    was_sent = Exists(creates.filter(group=connection.group_id, first_sent_at__isnull=False))
    same_id = Q(ddd_id=None) | Q(ddd_id=wire.ddd_id)
    ours = orders.filter(was_sent, same_id, source=WebOrder.Source.API).exclude(order_no=wire.order_no)
    return next((order for order in ours[:2] if has_same_pieces(order, wire)), None)


def read_alike(connection: Connection, order_no: str) -> str:
    """The OrderNo of another order from which people cannot tell this one; empty when there is none."""
    orders = WebOrder.objects.filter(group=connection.group, order_no_folded=folded(order_no))
    return orders.exclude(order_no=order_no).values_list("order_no", flat=True).first() or ""


def lines_in(
    statuses: tuple[Status, ...], connection: Connection, order: WebOrder, wire: WireOrder
) -> list[int]:
    """Primary keys of our lines that DdD has in one of these statuses; pieces of one variant are
    interchangeable."""
    ours: defaultdict[int, list[int]] = defaultdict(list)
    missing_last = sorted(
        order.lines.select_related("variant"), key=lambda line: line.status == Status.MISSING
    )
    for line in missing_last:
        ours[line.variant.variant_id].append(line.pk)
    found = []
    for wire_line in wire.lines:
        fits = connection.status_for(wire_line.status) in statuses
        if fits and ours[wire_line.variant_id]:
            found.append(ours[wire_line.variant_id].pop(0))
    return found
