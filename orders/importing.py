"""Takes over what DdD has: orders made there, and what its own tills did with the portal's orders.

Polls are idempotent and overlap: an order is read again as long as DdD lists it, and two pollers at once do
no harm. What a poll has read is stored in parts, the oldest change first, and the cursor moves after each: a
poll that dies loses no more than its last part.
"""

import logging
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q

from accounts.models import Shop, WebShop
from core import stopping
from core.causes import StoredCause
from core.errors import TryLater
from ddd.api.client import OrderBatch
from ddd.api.http import DddError
from ddd.api.wire import WireOrder
from ddd.lookup import catalogue, order_lists
from ddd.models import Connection, Notice, Variant
from ddd.models.connection import FOR_SHOPS, OrderType
from ddd.words import causes
from orders import after_the_end, changes_at_ddd, reading_again, sync_status, unreadable
from orders.events import record
from orders.importing_at_once import UNEXPECTED, store_plain_orders
from orders.intake import store_order
from orders.models import OrderEvent, WebOrder
from orders.orders_of_ddd import as_new, has_same_pieces, lines_in, read_alike, unusable, written_otherwise
from orders.reading import INT32_MAX, LONGEST_ORDER_NO, NewOrder
from orders.states import Status

log = logging.getLogger(__name__)
OVERLAP = timedelta(minutes=10)
PART: Final = 200  # orders
LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)
LOOK_BACK_AT_START = timedelta(days=30)
LEFT_THE_SHOP = (Status.DELIVERED, Status.RETURNED)


@dataclass
class Poll:
    """Counts of one poll."""

    read: int = 0
    imported: int = 0
    followed: int = 0
    refused: int = 0


def poll(group_id: int, now: datetime) -> Poll | None:
    """Reads what is new at a Group's DdD and stores it. None when DdD could not be read, which screens
    show."""
    connection = Connection.objects.select_related("group").filter(group_id=group_id).first()
    if connection is None or connection.live_at is None or connection.is_quiet(now):
        return None
    if connection.rests("read", now):
        return None
    first = _first_moment(connection)
    cursor = max(connection.polled_until or first, first) - OVERLAP
    since = reading_again.begin(connection, cursor, now)
    unread_since = max(first, now - LOOK_BACK_AT_START)
    stopwatch = time.monotonic()
    try:
        lists = order_lists.read_orders(connection, since, unread_since, may_be_behind=True)
    except DddError as trouble:
        connection.mark_failing(trouble.cause, now, trouble.retry_after)
        connection.mark_unread(trouble.cause, now)
        took = time.monotonic() - stopwatch
        connection.note_failure("read", now, was_hanging=took >= 0.9 * settings.DDD_TIMEOUT_SECONDS)
        return None
    connection.note_success("read")
    order_lists.note_unread(connection, lists)
    unreadable.tell(connection.group, lists.all.unreadable, now)
    done = _store(connection, lists.all, now)
    reading_again.done(connection, lists.of_group, since, cursor, now)
    order_lists.done(connection, lists, now)
    if lists.trouble:
        connection.mark_failing(lists.trouble.cause, now, lists.trouble.retry_after)
        connection.mark_unread(lists.trouble.cause, now)
    else:
        connection.mark_answering()
        connection.mark_read()
    return done


def _store(connection: Connection, batch: OrderBatch, now: datetime) -> Poll:
    """Stores the batch in parts."""
    orders = sorted(batch.orders, key=lambda order: order.modified_on or LONG_AGO)
    done = Poll(refused=len(batch.unreadable))
    for begin in range(0, max(len(orders), 1), PART):
        stopping.check()
        part = orders[begin : begin + PART]
        import_or_follow(connection, part, now, done)
        _move_cursor(connection, part, now)
    return done


def import_or_follow(
    connection: Connection, orders: Sequence[WireOrder], now: datetime, done: Poll | None = None
) -> Poll:
    """Each order as DdD has it: imported, or followed. Counts into `done`."""
    done = done or Poll()
    done.read += len(orders)
    numbers = [wire.order_no for wire in orders]
    rows = WebOrder.objects.filter(group=connection.group, order_no__in=numbers)
    known = {order.order_no: order for order in rows}
    stored = store_plain_orders(connection, [one for one in orders if one.order_no not in known], now)
    done.imported += len(stored)
    for wire_order in orders:
        if wire_order.order_no in stored:
            continue
        try:
            order = known.get(wire_order.order_no) or written_otherwise(connection, wire_order)
            _take_in_one(connection, order, wire_order, done, now)
        except UNEXPECTED as error:
            # One order that nobody thought of must not hold up all others.
            log.exception("the order %r of DdD is not taken over", wire_order.order_no)
            detail = causes.ORDER_NOT_TAKEN(said=f"{type(error).__name__}: {error}"[:200])
            _tell(connection, wire_order, Notice.Kind.UNREADABLE, wire_order.order_no, detail, now)
            done.refused += 1
    return done


def _take_in_one(
    connection: Connection, order: WebOrder | None, wire: WireOrder, done: Poll, now: datetime
) -> None:
    if order is None:
        order = _import(connection, wire, now)
        done.imported += order is not None
        done.refused += order is None
    if order is not None:
        done.followed += _follow(connection, order, wire, now)
        _tell_of_returns(connection, order, wire, now)


def _first_moment(connection: Connection) -> datetime:
    """The portal reads nothing that DdD changed before."""
    return connection.started_at - LOOK_BACK_AT_START


def _move_cursor(connection: Connection, part: Sequence[WireOrder], now: datetime) -> None:
    """By DdD's clock, and never backwards: another poller may have read further.

    Nor beyond the portal's clock: an order dated in the year 9999 would hide all later ones.
    """
    newest = max((min(order.modified_on, now) for order in part if order.modified_on), default=None)
    Connection.objects.filter(pk=connection.pk).update(last_good_poll_at=now)
    if newest is not None and newest > _first_moment(connection):
        further = Q(polled_until=None) | Q(polled_until__lt=newest)
        if connection.polled_until is not None:
            # Unless somebody has set it back meanwhile to have the orders read again.
            further &= Q(polled_until__gte=connection.polled_until)
        if Connection.objects.filter(further, pk=connection.pk).update(polled_until=newest):
            connection.polled_until = newest


def _import(connection: Connection, wire: WireOrder, now: datetime) -> WebOrder | None:
    """Stores the order; None when it is not for the portal, with a notice when somebody has to know."""
    old = wire.is_older_than(connection.started_at)
    order_type = connection.order_type_for(wire.order_type)
    if order_type is None:
        detail = causes.SEEN_ON(order_no=wire.order_no[:LONGEST_ORDER_NO])
        _tell(connection, wire, Notice.Kind.UNKNOWN_TYPE, wire.order_type, detail, now)
    if order_type not in FOR_SHOPS:
        return None
    in_store = order_type == OrderType.IN_STORE
    if (old or wire.made_on is None) and _may_be_over(connection, wire, now):
        if not old:
            # It may have been sold long ago, or yesterday without being seen here.
            _tell(connection, wire, Notice.Kind.UNREADABLE, wire.order_no, causes.AGE_UNKNOWN(), now)
        return None
    shop = _shop_in(connection, wire, now)
    if shop is None:
        return None
    wrong = unusable(wire, in_store)
    if wrong:
        _tell(connection, wire, Notice.Kind.UNREADABLE, wire.order_no, causes.ORDER_HAS(wrong=wrong), now)
        return None
    return _stored(connection, wire, shop, as_new(wire, in_store), old, now)


def _stored(
    connection: Connection, wire: WireOrder, shop: Shop, new: NewOrder, old: bool, now: datetime
) -> WebOrder | None:
    """The new order, or the one with its OrderNo that somebody else has stored meanwhile."""
    group = connection.group
    variants = _variants(connection, wire, now)
    web_shop = WebShop.objects.filter(group=group, webshop_id=wire.webshop_id).first()
    alike = read_alike(connection, new.order_no)
    try:
        with transaction.atomic():
            order = store_order(
                *(shop, web_shop, new, variants, WebOrder.Source.DDD, now),
                ddd_id=wire.ddd_id or None,
                older_than_portal=old,
                is_first=not alike,
            )
            record(order, OrderEvent.Kind.IMPORTED, now, by_ddd=True)
    except IntegrityError:
        # Another poller, or the web shop itself, has stored it meanwhile, or one that is read alike.
        known = WebOrder.objects.filter(group=group, order_no=wire.order_no).first()
        if known is None and not alike and read_alike(connection, new.order_no):
            return _stored(connection, wire, shop, new, old, now)
        return known
    if alike:
        detail = causes.READ_ALIKE(order_no=alike)
        _tell(connection, wire, Notice.Kind.ORDER_NO_ALIKE, wire.order_no, detail, now)
    if web_shop is None and wire.webshop_id > 0:
        seen_on = causes.SEEN_ON(order_no=wire.order_no)
        Notice.put_once(group, Notice.Kind.UNKNOWN_WEB_SHOP, str(wire.webshop_id), seen_on, now)
    return order


def _may_be_over(connection: Connection, wire: WireOrder, now: datetime) -> bool:
    """Whether the order has ended at DdD, or has a word of which nobody has said whether it means that."""
    if any(_translated(connection, wire, line.status, now) is None for line in wire.lines if line.status):
        return True
    return _status(connection, wire, now) in (Status.DELIVERED, Status.CANCELLED)


def _variants(connection: Connection, wire: WireOrder, now: datetime) -> list[Variant]:
    """The lines' variants. An unknown one is created with its number as the name, so that the order is not
    lost."""
    wanted = {line.variant_id for line in wire.lines}
    try:
        found = dict(catalogue.resolve(connection.group, wanted, set(), now).by_variant_id)
    except TryLater:
        found = {
            variant.variant_id: variant
            for variant in Variant.objects.filter(group=connection.group, variant_id__in=wanted)
        }
    for number in sorted(wanted - set(found)):
        detail = causes.VARIANT_ID(variant_id=number)
        _tell(connection, wire, Notice.Kind.UNKNOWN_VARIANT, wire.order_no, detail, now)
        found[number], _made = Variant.objects.get_or_create(
            group=connection.group,
            variant_id=number,
            defaults={"description": str(number), "read_at": now},
        )
    return [found[line.variant_id] for line in wire.lines]


def _follow(connection: Connection, order: WebOrder, wire: WireOrder, now: datetime) -> bool:
    """Does here what DdD's own till did. Never backwards, because DdD is not told what shops do here."""
    if 0 < wire.ddd_id <= INT32_MAX and order.ddd_id != wire.ddd_id:
        WebOrder.objects.filter(pk=order.pk).update(ddd_id=wire.ddd_id)
    if (
        order.source == WebOrder.Source.DDD
        and not order.older_than_portal
        and wire.is_older_than(connection.started_at)
    ):
        # It was taken over by a version that did not keep this.
        WebOrder.objects.filter(pk=order.pk).update(older_than_portal=True)
    status = _status(connection, wire, now)
    if order.status not in (Status.RESERVED, Status.PICKED):
        after_the_end.tell(connection, order, wire, status, now)
        return False
    is_given_away = wire.shop_id != _shop_that_ddd_named(order)
    says_nothing = status in (Status.RESERVED, order.status) and not is_given_away
    if says_nothing:
        return has_same_pieces(order, wire) and _follow_changes(connection, order, wire, now)
    if not _has_the_pieces_of(connection, order, wire, now):
        return False
    has_changed = _follow_changes(connection, order, wire, now)
    if status == Status.DELIVERED:
        delivered = lines_in(LEFT_THE_SHOP, connection, order, wire)
        _shop_in(connection, wire, now)
        sync_status.follow_delivered(order, delivered, now, wire.shop_id)
    elif status == Status.CANCELLED:
        sync_status.follow_cancelled(order, now)
    else:
        has_moved = is_given_away and _follow_to_shop(connection, order, wire, now)
        if status == Status.RESERVED or (status == order.status and not has_moved):
            return has_moved or has_changed
        sync_status.follow_picked(order, lines_in((Status.PICKED,), connection, order, wire), now)
    return True


def _follow_changes(connection: Connection, order: WebOrder, wire: WireOrder, now: datetime) -> bool:
    """Prices, addresses and IsPaid as DdD has them, of an order that came from there; of the portal's own a
    person is told. True when something has changed here."""
    if unusable(wire, order.is_in_store):
        return False
    new = as_new(wire, order.is_in_store)
    if order.source == WebOrder.Source.DDD or order.follows_ddd:
        return changes_at_ddd.follow(order, new, now)
    fields = changes_at_ddd.other_than_told(order, new)
    if fields:
        detail = causes.DIFFERS_IN(fields=", ".join(fields))
        _tell(connection, wire, Notice.Kind.CHANGED_AT_DDD, wire.order_no, detail, now)
    return False


def _follow_to_shop(connection: Connection, order: WebOrder, wire: WireOrder, now: datetime) -> bool:
    """DdD names another shop than before: the order goes there, unless it stands ready here. False when it
    stays."""
    shop = _shop_in(connection, wire, now)
    if shop is None or not shop.takes_orders:
        return False
    if order.status == Status.RESERVED:
        sync_status.follow_to_shop(order, shop, now)
        return True
    detail = causes.SHOP_ID(shop_id=wire.shop_id)
    _tell(connection, wire, Notice.Kind.MOVED_WHEN_READY, wire.order_no, detail, now)
    WebOrder.objects.filter(pk=order.pk).update(shop_at_ddd=wire.shop_id)
    return False


def _shop_that_ddd_named(order: WebOrder) -> int:
    """The ShopId when it was last read. Of older rows it is known when nobody has moved them."""
    if order.shop_at_ddd is not None:
        return order.shop_at_ddd
    moved = order.events.filter(kind=OrderEvent.Kind.MOVED).select_related("shop").first()
    return (moved or order).shop.shop_id


def _shop_in(connection: Connection, wire: WireOrder, now: datetime) -> Shop | None:
    """The shop that DdD names; None, with a notice, when it is none of the Group's."""
    shop = Shop.objects.select_related("group").filter(group=connection.group, shop_id=wire.shop_id).first()
    if shop is None:
        detail = causes.SHOP_ID(shop_id=wire.shop_id)
        _tell(connection, wire, Notice.Kind.UNKNOWN_SHOP, wire.order_no, detail, now)
    return shop


def _tell_of_returns(connection: Connection, order: WebOrder, wire: WireOrder, now: datetime) -> None:
    """A return at DdD's own till becomes a notice and is never booked: who paid the customer, and whether the
    till booked the return sale itself, is not known here."""
    returned = [
        line.variant_id for line in wire.lines if connection.status_for(line.status) == Status.RETURNED
    ]
    if not returned or not _has_the_pieces_of(connection, order, wire, now):
        return
    events = order.events.filter(kind=OrderEvent.Kind.TAKEN_BACK)
    # Also returns that were cancelled or reversed here: DdD may still have been told.
    numbers = {number for event in events for number in event.data["lines"]}
    lines = order.lines.filter(number__in=numbers)
    unknown = Counter(returned) - Counter(lines.values_list("variant__variant_id", flat=True))
    if unknown:
        detail = causes.TAKEN_BACK(count=unknown.total())
        _tell(connection, wire, Notice.Kind.TAKEN_BACK, wire.order_no, detail, now)


def _has_the_pieces_of(connection: Connection, order: WebOrder, wire: WireOrder, now: datetime) -> bool:
    """False, with a notice, when DdD's order with this OrderNo has other pieces: it must be another order."""
    if has_same_pieces(order, wire):
        return True
    _tell(connection, wire, Notice.Kind.UNREADABLE, wire.order_no, causes.OTHER_PIECES(), now)
    return False


def _status(connection: Connection, wire: WireOrder, now: datetime) -> Status:
    """The order's status by its lines' words; RESERVED while they differ or one is unknown."""
    if not wire.lines:
        return Status.RESERVED
    statuses = [_translated(connection, wire, line.status, now) for line in wire.lines]
    # What came back was delivered before, so the sale is due all the same.
    statuses = [Status.DELIVERED if status == Status.RETURNED else status for status in statuses]
    decided = {status for status in statuses if status not in (Status.MISSING, Status.CANCELLED)}
    if not decided:
        return Status.CANCELLED
    (status, *others) = decided
    return Status.RESERVED if others or status is None else status


def _translated(connection: Connection, wire: WireOrder, word: str, now: datetime) -> Status | None:
    found = connection.status_for(word)
    if found in Status.values:
        return Status(found)
    if word:
        detail = causes.SEEN_ON(order_no=wire.order_no[:LONGEST_ORDER_NO])
        _tell(connection, wire, Notice.Kind.UNKNOWN_WORD, word, detail, now)
    return None


def _tell(
    connection: Connection,
    wire: WireOrder,
    kind: Notice.Kind,
    subject: str,
    detail: StoredCause,
    now: datetime,
) -> None:
    """Writes a notice for a person. Not again when polls only overlap, so that a closed one stays closed."""
    notices = Notice.objects.filter(group=connection.group, kind=kind, subject=subject[:255])
    told_at = notices.values_list("last_seen", flat=True).first()
    if told_at is not None and (wire.modified_on is None or wire.modified_on <= told_at):
        return
    Notice.put(connection.group, kind, subject, detail, now)
