"""Reads DdD's orders with every token of a Group: where tokens are bound to a web shop, each shows its own.

A web shop whose token was not read the last time (new, mended, or refused until now) is read from further
back, so that nothing of it is missed.
"""

import random
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
    # Why tokens of web shops could not be read this time, and from when each of those is to be read.
    trouble: DddError | None = None
    behind: dict[str, str] = field(default_factory=dict)


def read_orders(
    connection: Connection, since: datetime, unread_since: datetime, *, may_be_behind: bool = False
) -> OrderLists:
    """What is new `since`; with a token that was not read before, `unread_since`. DddError unless all
    answer, but for refused tokens of web shops. With `may_be_behind` the Group's token must answer, and what
    another one did not show is read the next time: a busy DdD seldom answers all calls in a row."""
    with wire_to(connection) as wire:
        of_group = client.orders_since(wire, since)
    lists = OrderLists(of_group, OrderBatch([]))
    lists.all.add(of_group)
    own = list(_own_tokens(connection).items())
    random.shuffle(own)  # so that it is not always the same one that a busy DdD turns away
    for token, web_shops in own:
        digest = _digest(token)
        start = _start(connection, digest, since, unread_since)
        try:
            with wire_to(connection, token) as wire:
                lists.all.add(client.orders_since(wire, start))
        except DddError as trouble:
            lists.all.is_cut = True
            if not is_refused_token(trouble):
                if not may_be_behind:
                    raise
                lists.trouble, lists.behind[digest] = trouble, start.isoformat()
                continue
            lists.refused += [(web_shop, trouble.cause) for web_shop in web_shops]
        else:
            lists.tokens_read.append(digest)
    return lists


def _start(connection: Connection, digest: str, since: datetime, unread_since: datetime) -> datetime:
    """From when a token is to be read."""
    if digest in connection.tokens_behind:
        return min(since, datetime.fromisoformat(connection.tokens_behind[digest]))
    return since if digest in connection.tokens_read else min(since, unread_since)


def note_unread(connection: Connection, lists: OrderLists) -> None:
    """Before the orders are stored, and the cursor moves with each part of them: a poll that dies between two
    parts leaves no token behind a cursor to which it was not read."""
    known = [one for one in connection.tokens_read if one in lists.tokens_read or one in lists.behind]
    behind = {**connection.tokens_behind, **lists.behind}
    if (known, behind) != (connection.tokens_read, connection.tokens_behind):
        Connection.objects.filter(pk=connection.pk).update(tokens_read=known, tokens_behind=behind)


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
    known = [*lists.tokens_read, *(one for one in lists.behind if one in connection.tokens_read)]
    if set(known) != set(connection.tokens_read) or lists.behind != connection.tokens_behind:
        Connection.objects.filter(pk=connection.pk).update(tokens_read=known, tokens_behind=lists.behind)
        own = _own_tokens(connection).items()
        unread = [shop for token, web_shops in own if _digest(token) in lists.behind for shop in web_shops]
        refused = [web_shop.name for web_shop in (*unread, *(one for one, _cause in lists.refused))]
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
