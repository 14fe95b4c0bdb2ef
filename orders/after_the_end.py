"""What DdD says of an order that has left the shop. Nothing is booked for it: a person is told.

DdD's tills go on showing an order that was handed over here, for no route changes its status (contract 7):
they can deliver it once more. Whether DdD itself calls an order delivered once its sale is posted is unknown,
so it is asked once.
"""

from datetime import datetime
from typing import Final

from ddd.api.wire import WireOrder
from ddd.models import Connection, Notice
from ddd.words import causes
from orders.models import WebOrder
from orders.orders_of_ddd import has_same_pieces
from orders.states import Status

GONE: Final = (Status.DELIVERED, Status.RETURNED)
OPEN: Final = (Status.RESERVED, Status.PICKED)
SHOWN_UNTIL_ANSWERED: Final = 20  # when DdD does it by itself, it would be every order


def tell(connection: Connection, order: WebOrder, wire: WireOrder, status: Status, now: datetime) -> None:
    """Puts a notice where DdD and the portal say otherwise of how the order ended. `status` is DdD's."""
    has_come_back = any(connection.status_for(line.status) == Status.RETURNED for line in wire.lines)
    if order.status not in GONE or has_come_back or not has_same_pieces(order, wire):
        return
    if status == Status.DELIVERED:
        if not order.delivered_by_ddd:
            _tell_of_second_delivery(connection, wire, now)
    elif status == Status.CANCELLED or (order.delivered_by_ddd and _says_so(connection, wire)):
        detail = causes.SAYS_OF_IT(said=", ".join(sorted({line.status for line in wire.lines})))
        Notice.put_if_other(connection.group, Notice.Kind.SET_BACK, wire.order_no, detail, now)


def _tell_of_second_delivery(connection: Connection, wire: WireOrder, now: datetime) -> None:
    if connection.sale_sets_delivered:
        return
    kind = Notice.Kind.DELIVERED_AGAIN
    if connection.sale_sets_delivered is None:
        shown = Notice.objects.filter(group=connection.group, kind=kind, closed_at=None)
        if shown[:SHOWN_UNTIL_ANSWERED].count() >= SHOWN_UNTIL_ANSWERED:
            return
    Notice.put_once(connection.group, kind, wire.order_no, {}, now)


def _says_so(connection: Connection, wire: WireOrder) -> bool:
    """Whether every line has a word that is known to mean an open order."""
    return bool(wire.lines) and all(connection.status_for(line.status) in OPEN for line in wire.lines)
