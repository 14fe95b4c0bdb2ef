"""Saved views that search for a customer: when their order is forgotten, the search names them still."""

from collections.abc import Iterable, Sequence
from urllib.parse import parse_qs

from office.listing.searching import search
from office.models import SavedView
from orders.models import WebOrder
from orders.receivers import words_in


def finding(group_id: int, orders: Sequence[WebOrder]) -> list[SavedView]:
    """Saved views that search for one of these by name, CustomerNumber or OrderReference; 1 query.

    The orders still have them. An OrderNo is not forgotten, and a search for it stays.
    """
    views = SavedView.objects.filter(group_id=group_id, query__contains="q=").select_related("group")
    return [view for view in views if _names_one(_text_of(view), orders)]


def delete_those_in_vain(views: Iterable[SavedView]) -> None:
    """Those that find no order any more, with their names: who is searched for often stands there too. A
    search that also finds others (a common name) stays. At most 7 queries for each view."""
    for view in views:
        found = WebOrder.objects.filter(search(view.group, _text_of(view)), group=view.group)
        if not found.exists():
            view.delete()


def _text_of(view: SavedView) -> str:
    return " ".join(parse_qs(view.query).get("q", [""])[0].split())


def _names_one(text: str, orders: Iterable[WebOrder]) -> bool:
    return bool(text) and any(_names(text, order) for order in orders)


def _names(text: str, order: WebOrder) -> bool:
    is_customer = order.customer_number > 0 and text == str(order.customer_number)
    if is_customer or text.casefold() == order.order_reference.casefold():
        return True
    beginnings, words = words_in(text), words_in(order.receiver)
    return bool(beginnings) and all(any(word.startswith(part) for word in words) for part in beginnings)
