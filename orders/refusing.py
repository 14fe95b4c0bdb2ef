"""Refusals that several actions share: a piece that does not exist, and an order whose status has changed."""

from django.utils.translation import gettext as _

from accounts.models import User
from core.causes import StoredCause
from core.errors import Conflict, NotFound
from orders import causes
from orders.models import Line, WebOrder
from orders.states import Status


def line_of(order: WebOrder, line_id: int) -> Line:
    line = order.lines.select_related("variant", "picked_by").filter(pk=line_id).first()
    if line is None:
        raise NotFound(_("This order has no such piece."))
    return line


def must_be(order: WebOrder, status: Status) -> None:
    if order.status != status:
        raise Conflict(
            causes.STANDS_OTHERWISE(status=causes.STATUS(status=Status(order.status).value)), code="moved-on"
        )


def name_of(person: User | None) -> str:
    return person.name if person else str(causes.DDDS_TILL.sentence)


def name_for_cause(person: User | None) -> str | StoredCause:
    """The same for a stored cause, which is put into words in each reader's language."""
    return person.name if person else causes.DDDS_TILL()
