"""Orders as a table for spreadsheets: which columns there are, and the rows of very many orders."""

from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from django.db.models import Prefetch
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from office.listing.arranging import Column
from office.spreadsheet import Cell, Table
from orders.models import Line, OrderQuerySet, WebOrder

AT_ONCE: Final = 500
Value = Callable[[WebOrder], Cell]

VALUES: Final[Mapping[Column, Value]] = {
    Column.STATUS: lambda order: str(order.phase.label),
    Column.SHOP: lambda order: order.shop.name,
    Column.WEB_SHOP: lambda order: order.web_shop.name if order.web_shop else "DdD",
    Column.PIECES: lambda order: order.piece_count,
    Column.AMOUNT: lambda order: order.total,
    Column.CUSTOMER: lambda order: order.receiver,
    # As text: nobody adds numbers of people.
    Column.CUSTOMER_NUMBER: lambda order: str(order.customer_number) if order.customer_number else None,
    Column.REFERENCE: lambda order: order.order_reference,
    Column.CAME_IN: lambda order: order.created_at,
    Column.PROMISED: lambda order: order.promised_at,
    Column.TAKEN_BY: lambda order: order.taken_by.name if order.taken_by else None,
    Column.READY: lambda order: order.picked_at,
    Column.COLLECT_BY: lambda order: order.collect_by,
    Column.DELIVERED: lambda order: order.delivered_at,
    Column.CHANGED: lambda order: order.modified_at,
}
# What the list shows in the same place.
BESIDE: Final[Mapping[Column, tuple[Promise, Value]]] = {
    Column.SHOP: (gettext_lazy("ShopId"), lambda order: order.shop.shop_id),
    Column.PIECES: (gettext_lazy("Missing"), lambda order: order.missing_count),
}


def keys_of(orders: OrderQuerySet, at_most: int | None = None) -> "array[int]":
    """The keys of the orders as they are sorted, all in one query: 8 bytes each, a million is no burden."""
    keys = orders.values_list("pk", flat=True)
    return array("q", keys[:at_most] if at_most else keys.iterator(chunk_size=5000))


def table_of(orders: OrderQuerySet, keys: "array[int]", columns: Sequence[Column]) -> Table:
    """The orders with these keys in this sequence, read 500 at a time by 2 queries; `orders` are those that
    the reader may see."""
    heads: list[tuple[object, Value]] = [(_("OrderNo"), lambda order: order.order_no)]
    for column in columns:
        heads += [(column.label, VALUES[column]), *([BESIDE[column]] if column in BESIDE else [])]
    rows = ([value(order) for _title, value in heads] for some in _in_turn(orders, keys) for order in some)
    return Table(_("Orders"), [str(title) for title, _value in heads], rows)


def _in_turn(orders: OrderQuerySet, keys: "array[int]") -> Iterator[list[WebOrder]]:
    lines = Line.objects.only("order_id", "number", "status", "effective_sales_price")
    full = orders.select_related("shop", "web_shop", "taken_by").defer("signature", "return_address")
    full = full.prefetch_related(Prefetch("lines", lines))
    for begin in range(0, len(keys), AT_ONCE):
        wanted = keys[begin : begin + AT_ONCE]
        found = {order.pk: order for order in full.filter(pk__in=wanted.tolist())}
        yield [found[key] for key in wanted if key in found]
