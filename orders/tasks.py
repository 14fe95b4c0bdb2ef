"""Celery tasks for web orders. Each task may run twice at once and may be lost."""

from celery import shared_task
from django.utils import timezone

from ddd.models import Connection
from ddd.nightly import reconciling
from orders import collecting, escalation, importing, mailing, repair, stored_at, taps
from orders.reconciling import reconcile
from workers.turns import one_at_a_time


@shared_task
def poll_every_group() -> None:
    """Starts a task for each Group, so that one Group's slow DdD delays no other."""
    for group_id in Connection.objects.values_list("group_id", flat=True):
        poll_group.delay(group_id)


@shared_task
@one_at_a_time
def poll_group(group_id: int) -> None:
    """Reads what is new at one Group's DdD, and what somebody wants taken over from there."""
    importing.poll(group_id, timezone.now())
    repair.take_over_wanted(group_id, timezone.now())


@shared_task
def escalate() -> None:
    """Notifies people of orders that nobody takes."""
    escalation.escalate_due(timezone.now())


@shared_task
def store_times() -> None:
    """Gives committed changes the time by which web shops follow."""
    stored_at.store_all_times()


@shared_task
def remind_and_cancel_uncollected() -> None:
    """Reminds customers to collect, and cancels orders that were not collected in time."""
    collecting.remind_and_cancel_uncollected(timezone.now())


@shared_task
def send_mails() -> None:
    """Starts a task for every Group in which a mail is due."""
    for group_id in mailing.groups_with_work(timezone.now()):
        send_mails_of_group.delay(group_id)


@shared_task
@one_at_a_time
def send_mails_of_group(group_id: int) -> int:
    """Sends what is due in one Group; returns how many mails were handled."""
    return mailing.send_due(group_id)


@shared_task
def reconcile_where_due() -> None:
    """Starts a task for every Group that was not compared yet tonight, or where somebody asked for it."""
    for group_id in reconciling.groups_due(timezone.now()):
        reconcile_group.delay(group_id)


@shared_task
@one_at_a_time
def reconcile_group(group_id: int) -> None:
    """Compares one Group's books with DdD's."""
    reconcile(group_id, timezone.now())


@shared_task
def forget_taps() -> None:
    """Deletes numbers of taps so old that no tablet sends them again."""
    taps.forget_old(timezone.now())
