"""Orders as a table for spreadsheets: which columns there are, and the rows of very many orders."""

from array import array
from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from office.listing.columns import RELATED, Column
from office.spreadsheet import Table
from orders.models import Line, OrderQuerySet, WebOrder

AT_ONCE: Final = 500


def keys_of(orders: OrderQuerySet, at_most: int | None = None) -> "array[int]":
    """The keys of the orders as they are sorted, all in one query: 8 bytes each, a million is no burden."""
    keys = orders.values_list("pk", flat=True)
    return array("q", keys[:at_most] if at_most else keys.iterator(chunk_size=5000))


def table_of(orders: OrderQuerySet, keys: "array[int]", columns: Sequence[Column[Any]]) -> Table:
    """The orders with these keys in this sequence, read 500 at a time by 2 queries; `orders` are those that
    the reader may see."""
    shown = [part for column in columns for part in column.in_files]
    rows = (
        [order.order_no, *(part.value(order) for part in shown)]
        for some in _in_turn(orders, keys)
        for order in some
    )
    return Table(_("Orders"), [_("OrderNo"), *(str(part.label) for part in shown)], rows)


def _in_turn(orders: OrderQuerySet, keys: "array[int]") -> Iterator[list[WebOrder]]:
    lines = Line.objects.only("order_id", "number", "status", "effective_sales_price")
    full = orders.select_related(*RELATED).defer("signature", "return_address")
    full = full.prefetch_related(Prefetch("lines", lines))
    for begin in range(0, len(keys), AT_ONCE):
        wanted = keys[begin : begin + AT_ONCE]
        found = {order.pk: order for order in full.filter(pk__in=wanted.tolist())}
        yield [found[key] for key in wanted if key in found]
