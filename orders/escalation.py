"""A new order that nobody takes: the shop is reminded, then its manager is notified, then head office.

Minutes count while the shop is open, and nobody is notified while it is closed. When no tablet of the shop
can sound, its manager is notified at once. Each step happens once, however many workers run at the same time.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from accounts.access import managers_of
from accounts.calendars import Calendar, calendars_of
from accounts.models import Group, User
from accounts.tablets import AlertReach, alert_reach_of
from core.errors import Conflict
from orders import mailing
from orders.events import record
from orders.locking import locked_here
from orders.models import Mail, OrderEvent, OrderQuerySet, Policy, WebOrder
from orders.refusing import must_be, name_of
from orders.states import Phase, Status

log = logging.getLogger(__name__)
Kind = OrderEvent.Kind
REMIND_AGAIN_AFTER = timedelta(minutes=2)


class Level(IntEnum):
    """How far an order was escalated, as stored in `WebOrder.escalated`."""

    REMINDED = 1
    MANAGER = 2
    HEAD_OFFICE = 3


EVENT_OF_LEVEL = {
    Level.REMINDED: Kind.REMINDED,
    Level.MANAGER: Kind.MANAGER_TOLD,
    Level.HEAD_OFFICE: Kind.HEAD_OFFICE_TOLD,
}


@dataclass(frozen=True)
class UntakenOrder:
    """An order that nobody takes, as head office sees it."""

    order: WebOrder
    waiting: float  # open minutes
    reach: AlertReach


def levels_due(policy: Policy, waiting: float, no_alert: bool) -> list[Level]:
    """What is due after so many open minutes, the lowest first."""
    due = {
        Level.REMINDED: waiting >= policy.remind_minutes,
        Level.MANAGER: no_alert or waiting >= policy.manager_minutes,
        Level.HEAD_OFFICE: waiting >= policy.head_office_minutes,
    }
    return [level for level, is_due in due.items() if is_due]


def escalate_due(now: datetime) -> int:
    """Takes every step that is due in any Group; returns how many orders were escalated."""
    by_group: dict[Group, list[WebOrder]] = defaultdict(list)
    for order in _with_since(WebOrder.objects.in_phase(Phase.NEW).filter(escalated__lt=Level.HEAD_OFFICE)):
        by_group[order.group].append(order)
    escalated_count = 0
    for group, orders in by_group.items():
        try:
            escalated_count += _escalate_in(group, orders, now)
        except Exception:
            # An error in one Group must not stop the others.
            log.exception("the orders of %s cannot be escalated now", group)
    return escalated_count


def untaken_orders(group: Group, now: datetime) -> list[UntakenOrder]:
    """Orders escalated to head office that still nobody has taken, the longest waiting first; 4 queries."""
    orders = list(_with_since(escalated_to_head_office(group.pk)))
    if not orders:
        return []
    calendars, reach = _calendars_and_reach(orders, now)
    found = [
        UntakenOrder(order, calendars[order.shop_id].open_minutes(_since(order), now), reach[order.shop_id])
        for order in orders
    ]
    return sorted(found, key=lambda one: -one.waiting)


def remind(order: WebOrder, actor: User, now: datetime) -> None:
    """Head office reminds the shop now: its tablets sound louder and its managers get a mail."""
    with locked_here(order) as current:
        if current.phase != Phase.NEW:
            must_be(current, Status.RESERVED)
            raise Conflict(
                _("Nobody needs to be reminded: %(name)s has this order.")
                % {"name": name_of(current.taken_by)},
                code="moved-on",
            )
        reminded = current.events.filter(kind=Kind.REMINDED, actor=actor, shop=current.shop)
        if reminded.filter(at__gt=now - REMIND_AGAIN_AFTER).exists():
            return  # their own second tap
        current.escalated = max(current.escalated, Level.REMINDED)
        WebOrder.objects.filter(pk=current.pk).update(escalated=current.escalated)
        managers = list(managers_of(current.shop))
        event = record(current, Kind.REMINDED, now, actor, people=[person.name for person in managers])
        for person in managers:
            _write_to(person, current, event, now)


def escalated_to_head_office(group_id: int) -> OrderQuerySet:
    """The Group's orders that nobody has taken although the shop, its manager and head office were
    notified."""
    return WebOrder.objects.in_phase(Phase.NEW).filter(group_id=group_id, escalated=Level.HEAD_OFFICE)


def arrived_in_shop_at() -> Coalesce:
    """For queries of orders: when the order came to the shop where it is now."""
    moves = OrderEvent.objects.filter(order=OuterRef("pk"), kind=Kind.MOVED).order_by("-pk")
    return Coalesce(Subquery(moves.values("at")[:1]), "created_at")


def _with_since(orders: OrderQuerySet) -> OrderQuerySet:
    """Annotated with `since`, from which the minutes count."""
    found = orders.select_related("group", "shop__group").order_by("pk")
    return found.annotate(since=arrived_in_shop_at())


def _since(order: WebOrder) -> datetime:
    since: datetime = order.since  # type: ignore[attr-defined]  # annotated
    return since


def _calendars_and_reach(
    orders: Iterable[WebOrder], now: datetime
) -> tuple[dict[int, Calendar], dict[int, AlertReach]]:
    shops = {order.shop_id: order.shop for order in orders}.values()
    return calendars_of(shops), alert_reach_of(shops, now)


def _escalate_in(group: Group, orders: list[WebOrder], now: datetime) -> int:
    policy = Policy.of(group)
    calendars, reach = _calendars_and_reach(orders, now)
    escalated_count = 0
    for order in orders:
        calendar = calendars[order.shop_id]
        if not calendar.is_open(now):
            continue
        waiting = calendar.open_minutes(_since(order), now)
        alert_reach = reach[order.shop_id]
        due = levels_due(policy, waiting, no_alert=alert_reach.why is not None)
        steps = [level for level in due if level > order.escalated]
        if steps:
            escalated_count += _apply(order, steps, int(waiting), alert_reach, now)
    return escalated_count


@transaction.atomic
def _apply(order: WebOrder, steps: list[Level], waiting: int, alert_reach: AlertReach, now: datetime) -> bool:
    """The steps with events and mails, all or none. False when another worker was faster or the order is
    taken."""
    managers, head_office = list(managers_of(order.shop)), _head_office_of(order.group)
    if Level.MANAGER in steps and not managers:
        # Without a shop manager head office is notified right away.
        steps = [level for level in steps if level == Level.REMINDED] + [Level.HEAD_OFFICE]
    same = {"escalated": order.escalated, "shop": order.shop_id}
    up = WebOrder.objects.in_phase(Phase.NEW).filter(pk=order.pk, **same).update(escalated=steps[-1])
    if not up:
        return False
    for level in steps:
        people = {Level.MANAGER: managers, Level.HEAD_OFFICE: head_office}.get(level, [])
        event = record(
            order,
            EVENT_OF_LEVEL[level],
            now,
            waiting_minutes=waiting,
            deaf=alert_reach.why or "",
            people=[person.name for person in people],
        )
        for person in people:
            _write_to(person, order, event, now)
    return True


def _write_to(person: User, order: WebOrder, event: OrderEvent, now: datetime) -> None:
    # By the event, so that an order that moved to another shop notifies people there again.
    action_key = f"not taken {event.pk} {person.pk}"
    language = person.language or order.group.language
    mailing.write(order, Mail.Kind.NOT_TAKEN, action_key, now, to=person.email, language=language)


def _head_office_of(group: Group) -> list[User]:
    return list(User.objects.filter(group=group, is_head_office=True, is_active=True).order_by("pk"))
