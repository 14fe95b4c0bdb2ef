"""An order waits for its customer until its collect-by date: they are reminded, then it is cancelled.

Any number of workers may run at once: each order is locked and checked again before anything is done.
"""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from accounts.models import Group
from orders import mailing
from orders.events import record
from orders.locking import locked
from orders.models import Mail, OrderEvent, Policy, RefundedLine, WebOrder
from orders.putting_back import put_back_fields
from orders.refund_due import settle_refunds
from orders.states import Status

Kind = OrderEvent.Kind
LAST_SECOND = time(23, 59, 59)
# A civil hour: nobody wants a mail at midnight.
REMINDED_AT = time(9, 0)


def collect_by_of(order: WebOrder, now: datetime) -> datetime | None:
    """Until when this order is kept. One that was sold already is never given up."""
    return None if order.is_in_store else collect_by(order.group, now)


def collect_by(group: Group, now: datetime) -> datetime:
    """Until when an order that is ready now is kept: the end of a day in the Group's time zone."""
    zone = ZoneInfo(group.time_zone)
    last_day = now.astimezone(zone).date() + timedelta(days=Policy.of(group).collect_days)
    return datetime.combine(last_day, LAST_SECOND, zone)


def remind_and_cancel_uncollected(now: datetime) -> int:
    """Reminds customers, and cancels the orders of those who did not come; returns the number of orders."""
    done = 0
    for group in Group.objects.all():
        waiting = WebOrder.objects.filter(group=group, status=Status.PICKED, collect_by__isnull=False)
        for order in waiting.filter(collect_by__lt=now).order_by("collect_by", "pk"):
            done += give_up(order, now)
        reminder_days = Policy.of(group).collect_reminder_days
        soon = waiting.filter(
            collect_reminded_at=None,
            collect_by__gte=now,
            collect_by__lt=now + timedelta(days=reminder_days + 1),
        )
        for order in soon.order_by("collect_by", "pk"):
            done += remind(order, reminder_days, now)
    return done


def remind(order: WebOrder, days_before: int, now: datetime) -> bool:
    """Once, by mail. Not on the day on which the order got ready: they had a mail then."""
    with locked(order) as current:
        if current.status != Status.PICKED or current.collect_reminded_at or not current.collect_by:
            return False
        due = _reminder_due(current.group, current.collect_by, days_before)
        if not days_before or not due <= now < current.collect_by or (current.picked_at or due) >= due:
            return False
        WebOrder.objects.filter(pk=current.pk).update(collect_reminded_at=now)
        record(current, Kind.COLLECT_REMINDED, now)
        mailing.write(current, Mail.Kind.REMINDER, f"reminder:{current.pk}", now)
        return True


def give_up(order: WebOrder, now: datetime) -> bool:
    """Nobody came: cancels the order, puts its pieces on the put-back list and records a refund when it was
    paid."""
    with locked(order) as current:
        if current.status != Status.PICKED or not current.collect_by or current.collect_by >= now:
            return False
        for line in current.lines.filter(status=Status.PICKED):
            line.move(Status.CANCELLED, now, **put_back_fields())
        current.move(Status.CANCELLED, now)
        record(current, Kind.NOT_COLLECTED, now)
        settle_refunds(current, now, RefundedLine.Cause.NOT_COLLECTED)
        return True


def _reminder_due(group: Group, until: datetime, days_before: int) -> datetime:
    zone = ZoneInfo(group.time_zone)
    day = until.astimezone(zone).date() - timedelta(days=days_before)
    return datetime.combine(day, REMINDED_AT, zone)
