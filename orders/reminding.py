"""A person sends a reminder: to the shop for an order that nobody takes, or to the customer for a ready
one."""

from datetime import datetime, timedelta

from accounts.models import User
from core.errors import Conflict, Invalid
from orders import causes, mailing
from orders.escalation import Level
from orders.events import record
from orders.locking import locked
from orders.models import Mail, OrderEvent, WebOrder
from orders.refusing import must_be, name_for_cause
from orders.states import Phase, Status

Kind = OrderEvent.Kind
# No second reminder within this time.
SHOP_REST, CUSTOMER_REST = timedelta(minutes=5), timedelta(hours=24)


def remind(order: WebOrder, actor: User, now: datetime) -> None:
    """Reminds whoever the order waits for: the shop's tablets sound louder, or the customer gets a mail."""
    with locked(order) as current:
        if current.phase == Phase.NEW:
            _remind_shop(current, actor, now)
        elif current.phase == Phase.PICKING:
            raise Conflict(
                causes.IS_BEING_PICKED(name=name_for_cause(current.taken_by)), code="taken-already"
            )
        else:
            must_be(current, Status.PICKED)
            _remind_customer(current, actor, now)


def _remind_shop(order: WebOrder, actor: User, now: datetime) -> None:
    if order.events.filter(kind=Kind.REMINDED, at__gt=now - SHOP_REST).exists():
        raise Conflict(causes.SHOP_WAS_REMINDED(), code="reminded-already")
    WebOrder.objects.filter(pk=order.pk, escalated=0).update(escalated=Level.REMINDED)
    record(order, Kind.REMINDED, now, actor)


def _remind_customer(order: WebOrder, actor: User, now: datetime) -> None:
    """The automatic reminder still comes before the collect-by date."""
    if not order.customer_number:
        raise Invalid(causes.NO_ADDRESS_TO_REMIND())
    if order.mails.filter(kind=Mail.Kind.REMINDER, made_at__gt=now - CUSTOMER_REST).exists():
        raise Conflict(causes.CUSTOMER_WAS_REMINDED(), code="reminded-already")
    event = record(order, Kind.COLLECT_REMINDED, now, actor)
    mailing.write(order, Mail.Kind.REMINDER, f"reminder by a person {event.pk}", now)
