"""Mails about orders: written with the action, sent by workers, never twice."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.db.models import QuerySet
from django.utils import timezone

from core import sending
from core.sending import Clock, NotNow, NotPossible, Outcome, State
from ddd.api.http import Trouble
from ddd.lookup import members
from ddd.models import Connection
from orders.causes import BAD_ADDRESS, DDD_AWAY, NO_ADDRESS, NO_MEMBER, NO_NUMBER, NOT_NEEDED_ANY_MORE
from orders.events import record
from orders.models import Mail, OrderEvent, WebOrder
from orders.order_mails import letter
from orders.states import Status


def write(
    order: WebOrder, kind: Mail.Kind, action_key: str, now: datetime, *, to: str = "", language: str = ""
) -> Mail:
    """A mail to be sent, in the transaction of the action and once per action.

    To the member when `to` is empty, in the Group's language when `language` is.
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
    """The customer is told once that their order waits for them, when there is a member to be told."""
    if order.customer_number:
        write(order, Mail.Kind.READY, f"ready:{order.pk}", now)


def mails_needing_attention(group_id: int) -> QuerySet[Mail]:
    """Mails that may not have come, about orders that are still open: somebody may want to telephone."""
    lost = Mail.objects.filter(group_id=group_id, state__in=[State.UNCERTAIN, State.NOT_POSSIBLE])
    still_open = lost.filter(order__status__in=[Status.RESERVED, Status.PICKED])
    return still_open.select_related("order__shop").order_by("-made_at")


def groups_with_work(now: datetime) -> list[int]:
    """The Groups in which a mail is due, or has been in the middle of sending for too long."""
    due = Mail.objects.filter(sending.with_work(now))
    return list(due.order_by().values_list("group_id", flat=True).distinct())


def send_due(group_id: int, clock: Clock = timezone.now) -> int:
    """Sends what is due in one Group; returns how many mails were handled. Stops when no server answers."""
    return sending.send_all(_of_group(group_id), lambda mail: _handle(mail, clock), clock)


def claim(group_id: int, now: datetime) -> Mail | None:
    """The oldest mail of the Group that is due, for this worker alone until it is got ready."""
    return sending.claim(_of_group(group_id), now)


def _of_group(group_id: int) -> QuerySet[Mail]:
    return Mail.objects.filter(group_id=group_id).select_related("group", "order__group", "order__shop")


def _handle(mail: Mail, clock: Clock) -> Outcome:
    def write_letter() -> EmailMessage:
        return letter(mail, mail.to or _address_of_the_member(mail, clock()), clock())

    if _is_needed(mail):
        outcome = sending.try_to_send(mail, write_letter)
    else:
        outcome = Outcome(State.NOT_NEEDED, NOT_NEEDED_ANY_MORE())
    now = clock()
    sent = OrderEvent.Kind.MAIL_SENT
    return sending.settle(mail, outcome, now, lambda: record(mail.order, sent, now, mail=mail.kind))


def _is_needed(mail: Mail) -> bool:
    """Nobody is told that an order is ready once it is collected, or that nobody has it once somebody has."""
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
    except Trouble:
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
