"""Celery tasks about people, log-ins and tablets."""

from celery import shared_task
from django.utils import timezone

from accounts import mailing, sessions, tablets


@shared_task
def forget_tablets() -> None:
    """Deletes tablets that were not seen for a month."""
    tablets.forget_unseen(timezone.now())


@shared_task
def forget_log_ins() -> None:
    """Deletes expired sessions."""
    sessions.SessionStore.clear_expired()


@shared_task
def send_account_mails() -> None:
    """Calls a worker for every Group in which a mail to one of its people is due."""
    for group_id in mailing.groups_with_work(timezone.now()):
        send_account_mails_of_group.delay(group_id)


@shared_task
def send_account_mails_of_group(group_id: int) -> int:
    """Sends what is due in one Group; returns how many mails were handled."""
    return mailing.send_due(group_id)
