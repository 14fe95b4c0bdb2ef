"""Stores the plain new orders of a part of a poll at once: the first poll of a chain brings thousands.

Plain is an order of which nothing has to be told or asked: it is collected in a shop, nothing has happened to
it yet, and the portal knows all that it names. All others go one by one, and so do these when the database
refuses one of them.
"""

import logging
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from functools import cache

from django.db import DataError, IntegrityError, transaction

from accounts.calendars import calendars_of
from accounts.models import Shop, WebShop
from ddd.api.wire import WireOrder
from ddd.models import Connection, Variant
from ddd.models.connection import OrderType
from orders.events import record_imports
from orders.intake import lines_of, unsaved_order
from orders.models import Line, ReceiverWord, WebOrder
from orders.order_no import folded
from orders.orders_of_ddd import as_new, unusable
from orders.pickup_codes import free_pickup_codes
from orders.receivers import words_of
from orders.states import Status

log = logging.getLogger(__name__)
# What a value that nobody expected raises; a database that is away is no such thing.
UNEXPECTED = (ArithmeticError, LookupError, TypeError, ValueError, DataError)


def store_plain_orders(connection: Connection, orders: Sequence[WireOrder], now: datetime) -> set[str]:
    """Stores those that are plain, with lines and events, in one transaction; returns their OrderNos."""
    try:
        usable = [wire for wire in orders if not unusable(wire)]
        known = _Known(connection, usable)
        plain = [wire for wire in usable if known.makes_plain(wire)]
        if plain:
            with transaction.atomic():
                _store(connection, plain, known, now)
    except (IntegrityError, *UNEXPECTED) as error:
        log.info("%s orders are stored one by one: %s", len(orders), type(error).__name__)
        return set()
    return {wire.order_no for wire in plain}


class _Known:
    """What the portal has of all that these orders name; 5 queries."""

    def __init__(self, connection: Connection, orders: Sequence[WireOrder]) -> None:
        group = connection.group
        wanted = {line.variant_id for wire in orders for line in wire.lines}
        self.connection = connection
        self.shops = {shop.shop_id: shop for shop in Shop.objects.filter(group=group).select_related("group")}
        self.web_shops = {one.webshop_id: one for one in WebShop.objects.filter(group=group)}
        variants = Variant.objects.filter(group=group, variant_id__in=wanted)
        self.variants = {variant.variant_id: variant for variant in variants}
        self._forms = Counter(folded(wire.order_no) for wire in orders)
        alike = WebOrder.objects.filter(group=group, order_no_folded__in=list(self._forms))
        self._taken = set(alike.values_list("order_no_folded", flat=True))

    def makes_plain(self, wire: WireOrder) -> bool:
        """Whether nothing of this order has to be told, asked or followed."""
        form = folded(wire.order_no)
        return (
            self._forms[form] == 1
            and form not in self._taken
            and self._is_collected(wire)
            and wire.shop_id in self.shops
            and wire.webshop_id in self.web_shops
            and all(line.variant_id in self.variants for line in wire.lines)
        )

    def _is_collected(self, wire: WireOrder) -> bool:
        words = {line.status for line in wire.lines}
        return (
            self.connection.order_type_for(wire.order_type) == OrderType.COLLECT
            and wire.made_on is not None
            and all(self.connection.status_for(word) == Status.RESERVED for word in words)
        )


def _store(connection: Connection, plain: Sequence[WireOrder], known: _Known, now: datetime) -> None:
    codes = free_pickup_codes(connection.group_id, len(plain))
    calendars = calendars_of({wire.shop_id: known.shops[wire.shop_id] for wire in plain}.values())

    @cache
    def promised_at(shop: Shop) -> datetime:
        return calendars[shop.pk].plus_open_minutes(now, shop.group.promise_minutes)

    rows, lines = [], []
    for wire, code in zip(plain, codes, strict=True):
        shop, new = known.shops[wire.shop_id], as_new(wire)
        order = unsaved_order(
            *(shop, known.web_shops[wire.webshop_id], new, WebOrder.Source.DDD),
            *(code, promised_at(shop), now),
            ddd_id=wire.ddd_id or None,
        )
        order.order_no_is_first = True
        order.older_than_portal = wire.is_older_than(known.connection.started_at)
        rows.append(order)
        variants = [known.variants[line.variant_id] for line in wire.lines]
        lines.extend(lines_of(order, new, variants, now))
    WebOrder.objects.bulk_create(rows)
    Line.objects.bulk_create(lines)
    ReceiverWord.objects.bulk_create([word for order in rows for word in words_of(order)])
    record_imports(rows, now)
