"""Reads DdD's orders with every token of a Group: where tokens are bound to a web shop, each shows its own.

A web shop whose token was not read the last time (new, mended, or refused until now) is read from further
back, so that nothing of it is missed.
"""

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from accounts.models import WebShop
from core.causes import StoredCause
from ddd.api import client
from ddd.api.client import OrderBatch
from ddd.api.http import DddError, Wire, is_refused_token, wire_to
from ddd.api.wire import WireOrder
from ddd.models import Connection, Notice
from ddd.words import causes


@dataclass
class OrderLists:
    """`all` that was read, each order once; `of_group` is what the Group's own token shows. `refused` are
    the web shops whose token DdD does not take."""

    of_group: OrderBatch
    all: OrderBatch
    tokens_read: list[str] = field(default_factory=list)
    refused: list[tuple[WebShop, StoredCause]] = field(default_factory=list)


def read_orders(connection: Connection, since: datetime, unread_since: datetime) -> OrderLists:
    """What is new `since`; with a token that was not read before, `unread_since`. DddError unless all
    answer, but for refused tokens of web shops."""
    with wire_to(connection) as wire:
        of_group = client.orders_since(wire, since)
    lists = OrderLists(of_group, OrderBatch([]))
    lists.all.add(of_group)
    for token, web_shops in _own_tokens(connection).items():
        digest = _digest(token)
        start = since if digest in connection.tokens_read else min(since, unread_since)
        try:
            with wire_to(connection, token) as wire:
                lists.all.add(client.orders_since(wire, start))
        except DddError as trouble:
            if not is_refused_token(trouble):
                raise
            lists.all.is_cut = True
            lists.refused += [(web_shop, trouble.cause) for web_shop in web_shops]
        else:
            lists.tokens_read.append(digest)
    return lists


def done(connection: Connection, lists: OrderLists, now: datetime) -> None:
    """Notes which tokens were read, once their orders are stored, and tells of those that are refused."""
    for web_shop, cause in lists.refused:
        notices = Notice.objects.filter(
            group=connection.group, kind=Notice.Kind.TOKEN_REFUSED, subject=web_shop.name
        )
        # Closed by a person it stays closed, unless the token was good meanwhile.
        if _digest(web_shop.ddd_token) in connection.tokens_read or not notices.exists():
            detail = causes.WEB_SHOP_SAID(webshop_id=web_shop.webshop_id, said=cause)
            Notice.put(connection.group, Notice.Kind.TOKEN_REFUSED, web_shop.name, detail, now)
    if set(lists.tokens_read) != set(connection.tokens_read):
        Connection.objects.filter(pk=connection.pk).update(tokens_read=lists.tokens_read)
        refused = [web_shop.name for web_shop, _cause in lists.refused]
        told = Notice.objects.filter(group=connection.group, kind=Notice.Kind.TOKEN_REFUSED, closed_at=None)
        told.exclude(subject__in=refused).update(closed_at=now)


def find_order(connection: Connection, wire: Wire, order_no: str, since: datetime) -> WireOrder | None:
    """The order with this OrderNo, whichever token shows it. DddError unless all answer that are not
    refused."""
    found = client.find_order(wire, order_no, since)
    for token in _own_tokens(connection):
        if found is not None:
            break
        try:
            with wire_to(connection, token) as own_wire:
                found = client.find_order(own_wire, order_no, since)
        except DddError as trouble:
            if not is_refused_token(trouble):
                raise
    return found


def _own_tokens(connection: Connection) -> dict[str, list[WebShop]]:
    """The tokens beside the Group's, and whose they are."""
    found: dict[str, list[WebShop]] = {}
    rows = WebShop.objects.filter(group_id=connection.group_id).exclude(ddd_token__in=["", connection.token])
    for web_shop in rows.order_by("webshop_id"):
        found.setdefault(web_shop.ddd_token, []).append(web_shop)
    return found


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()[:16]
