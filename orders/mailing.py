"""Mails about orders: stored with the action, sent by workers, never twice."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.db.models import QuerySet
from django.utils import timezone

from core import sending
from core.sending import Clock, NotNow, NotPossible, Outcome, State
from ddd.api.http import DddError
from ddd.lookup import members
from ddd.models import Connection
from orders.causes import BAD_ADDRESS, DDD_AWAY, NO_ADDRESS, NO_MEMBER, NO_NUMBER, NOT_NEEDED_ANY_MORE
from orders.events import record
from orders.models import Mail, OrderEvent, WebOrder
from orders.order_mails import build_message
from orders.states import Status


def write(
    order: WebOrder, kind: Mail.Kind, action_key: str, now: datetime, *, to: str = "", language: str = ""
) -> Mail:
    """Stores a mail to be sent, in the transaction of the action and once per action.

    It goes to the member when `to` is empty, in the Group's language when `language` is empty.
    """
    mail, _made = Mail.objects.get_or_create(
        group_id=order.group_id,
        action_key=action_key,
        defaults={
            "order": order,
            "kind": kind,
            "to": to,
            "language": language or order.group.language,
            "not_before": now,
            "made_at": now,
        },
    )
    return mail


def queue_ready_mail(order: WebOrder, now: datetime) -> None:
    """Tells the customer once that their order is ready, when the order has a CustomerNumber."""
    if order.customer_number:
        write(order, Mail.Kind.READY, f"ready:{order.pk}", now)


def mails_needing_attention(group_id: int) -> QuerySet[Mail]:
    """Mails that may not have arrived, about orders that are still open: somebody may want to telephone."""
    lost = Mail.objects.filter(group_id=group_id, state__in=[State.UNCERTAIN, State.NOT_POSSIBLE])
    still_open = lost.filter(order__status__in=[Status.RESERVED, Status.PICKED])
    return still_open.select_related("order__shop").order_by("-made_at")


def groups_with_work(now: datetime) -> list[int]:
    """The Groups in which a mail is due, or has been in sending for too long."""
    due = Mail.objects.filter(sending.with_work(now))
    return list(due.order_by().values_list("group_id", flat=True).distinct())


def send_due(group_id: int, clock: Clock = timezone.now) -> int:
    """Sends what is due in one Group; returns how many mails were handled. Stops when no server answers."""
    return sending.send_all(_of_group(group_id), lambda mail: _handle(mail, clock), clock)


def claim(group_id: int, now: datetime) -> Mail | None:
    """The oldest mail of the Group that is due, leased to this worker."""
    return sending.claim(_of_group(group_id), now)


def _of_group(group_id: int) -> QuerySet[Mail]:
    return Mail.objects.filter(group_id=group_id).select_related("group", "order__group", "order__shop")


def _handle(mail: Mail, clock: Clock) -> Outcome:
    def write_message() -> EmailMessage:
        return build_message(mail, mail.to or _address_of_the_member(mail, clock()), clock())

    if _is_needed(mail):
        outcome = sending.try_to_send(mail, write_message)
    else:
        outcome = Outcome(State.NOT_NEEDED, NOT_NEEDED_ANY_MORE())
    now = clock()
    sent = OrderEvent.Kind.MAIL_SENT
    return sending.settle(mail, outcome, now, lambda: record(mail.order, sent, now, mail=mail.kind))


def _is_needed(mail: Mail) -> bool:
    """Whether what the mail says is still true."""
    order = mail.order
    if mail.kind == Mail.Kind.NOT_TAKEN:
        return order.status == Status.RESERVED and order.taken_at is None
    return order.status == Status.PICKED


def _address_of_the_member(mail: Mail, now: datetime) -> str:
    if not mail.order.customer_number:
        raise NotPossible(NO_NUMBER())
    connection = Connection.objects.filter(group_id=mail.group_id).first()
    if connection is None:
        raise NotNow(DDD_AWAY())
    try:
        member = members.look_up(connection, mail.order.customer_number, now)
    except DddError:
        raise NotNow(DDD_AWAY()) from None
    if not member.found:
        raise NotPossible(NO_MEMBER())
    if not member.email:
        raise NotPossible(NO_ADDRESS())
    try:
        validate_email(member.email)
    except ValidationError:
        raise NotPossible(BAD_ADDRESS()) from None
    return member.email
