"""Orders as a table for spreadsheets: which columns there are, and the rows of very many orders."""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Prefetch
from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.models import User
from office.listing.columns import RELATED, Column
from office.listing.filtering import FilterForm
from office.listing.orders import orders_of, shops_with_orders
from office.spreadsheet import Table
from orders.models import Line, OrderQuerySet, WebOrder

AT_ONCE: Final = 500


@dataclass(frozen=True)
class Listed:
    """What a list shows: its orders as they are sorted, its columns, and in words which orders these are."""

    orders: OrderQuerySet
    columns: Sequence[Column[Any]]
    said: str


def listed(user: User, query: str, now: datetime) -> Listed:
    """What the list at this address shows the person. Invalid when it has a filter that does not exist."""
    form = FilterForm(QueryDict(query), group=user.group, shops=shops_with_orders(user))
    if not form.is_valid():
        raise form.refusal()
    sort, way = form.sort_by, "-" if form.sort_by.newest_first else ""
    orders = orders_of(user, form.filters(now), now).order_by(f"{way}{sort.moment}", f"{way}pk")
    return Listed(orders, form.columns, _said(form))


def _said(form: FilterForm) -> str:
    """What was chosen, in the words of the form."""
    found = form.cleaned_data
    words = [found["q"] and f"“{found['q']}”", found["shop"] and found["shop"].name]
    for name in ("web_shop", "status", "only", "came", "happened"):
        choices = dict(form.fields[name].choices)  # type: ignore[attr-defined]
        words.append(found[name] and str(choices[found[name]]))
    for name in ("came_from", "came_until"):
        words.append(found[name] and f"{form.fields[name].label} {found[name]:%Y-%m-%d}")
    return ", ".join(word for word in words if word) or _("All orders")


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
