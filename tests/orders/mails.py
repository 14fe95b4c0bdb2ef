"""Mails about ready orders of a member, and the worker that sends them."""

from ddd.models import Member
from orders import mailing
from orders.models import Mail, OrderEvent, WebOrder
from tests.ddd.rows import Clock
from tests.factories import Cast, new_order, picked

AASE = 100042
READY, REMINDER, NOT_TAKEN = Mail.Kind.READY, Mail.Kind.REMINDER, Mail.Kind.NOT_TAKEN
State = Mail.State


def a_member(cast: Cast, clock: Clock, **kwargs: object) -> Member:
    """A member whose data was just read from DdD."""
    told = {"found": True, "name": "Åse Øst", "email": "aase@kunde.example", **kwargs}
    return Member.objects.create(
        group=cast.nordlys, customer_number=AASE, asked_at=clock(), answered_at=clock(), **told
    )


def ready_order(cast: Cast, order_no: str = "", **more: object) -> WebOrder:
    return picked(cast, new=new_order(order_no, customer_number=AASE, **more))  # type: ignore[arg-type]


def sent(cast: Cast, clock: Clock) -> int:
    return mailing.send_due(cast.nordlys.pk, clock)


def states() -> list[tuple[str, str]]:
    return [(mail.state, mail.why) for mail in Mail.objects.order_by("pk")]


def mails_sent(order: WebOrder) -> int:
    return order.events.filter(kind=OrderEvent.Kind.MAIL_SENT).count()
