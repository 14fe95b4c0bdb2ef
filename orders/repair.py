"""Repairs of a difference, started by a person: send what is missing at DdD, book what is not booked here, or
take over what DdD has. Workers talk to DdD, never the request."""

from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import Conflict
from ddd.api.http import DddError, Wire, wire_to
from ddd.booking import outbox
from ddd.lookup import order_lists
from ddd.models import Connection, Difference
from ddd.nightly import reconciling
from ddd.words.differences import Mend
from orders import importing, selling
from orders.events import record
from orders.locking import locked
from orders.models import OrderEvent, WebOrder
from orders.states import Status

AT_ONCE = 20


def mend(difference: Difference, actor: User, now: datetime) -> None:
    """Puts it right as far as the portal can; the next comparison shows whether that worked. Conflict when
    only a person can do it, in DdD, or when somebody was faster."""
    if difference.mend_by == Mend.BOOK:
        _book(difference, actor, now)
    elif difference.mend_by == Mend.TAKE_OVER:
        reconciling.request_takeover(difference, actor, now)
    else:
        reconciling.send_missing(difference, actor, now)


def _book(difference: Difference, actor: User, now: datetime) -> None:
    """Books the sale of an order that has left the shop without one."""
    order = WebOrder.objects.get(group_id=difference.group_id, order_no=difference.order_no)
    with locked(order) as current:
        if not reconciling.start_mending(difference, actor, now):
            return
        left = current.lines.filter(status__in=[Status.DELIVERED, Status.RETURNED])
        gone = list(left.select_related("variant"))
        if current.sale_by != WebOrder.SaleBy.PORTAL:
            raise Conflict(_("The sale of this order is not the portal's to book."), code="not-ours-to-book")
        key = selling.action_key_of(current)
        if not gone or outbox.postings_of(current.group, key).exists():
            raise Conflict(_("The portal has booked this delivery already."), code="moved-on")
        selling.book(current, gone, now)
        record(current, OrderEvent.Kind.BOOKED_LATE, now, actor)


def take_over_wanted(group_id: int, now: datetime) -> int:
    """Reads the orders that somebody wants taken over, and does here what DdD has; returns how many changed.

    While DdD does not answer they wait; what had no effect goes back to the work list.
    """
    wanted = list(reconciling.pending_takeovers(group_id)[:AT_ONCE])
    connection = Connection.objects.select_related("group").filter(group_id=group_id).first()
    if not wanted or connection is None:
        return 0
    helped = 0
    try:
        with wire_to(connection) as wire:
            for difference in wanted:
                helped += _take_over(connection, wire, difference, now)
    except DddError as trouble:
        connection.mark_failing(trouble.cause, now)
    return helped


def _take_over(connection: Connection, wire: Wire, difference: Difference, now: datetime) -> bool:
    try:
        since = difference.about_at - reconciling.CLOCKS_DIFFER
        order = order_lists.find_order(connection, wire, difference.order_no, since)
    except DddError:
        if reconciling.has_waited_long(difference, now):
            reconciling.finish_takeover(difference, False, now)
            return False
        raise
    before = _status_of(difference)
    if order is not None:
        importing.import_or_follow(connection, [order], now)
    has_helped = order is None or _status_of(difference) != before
    reconciling.finish_takeover(difference, has_helped, now)
    return has_helped


def _status_of(difference: Difference) -> str | None:
    orders = WebOrder.objects.filter(group_id=difference.group_id, order_no=difference.order_no)
    return orders.values_list("status", flat=True).first()
