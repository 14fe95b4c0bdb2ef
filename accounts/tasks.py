"""What workers do about shops and tablets."""

from celery import shared_task
from django.utils import timezone

from accounts import tablets


@shared_task
def forget_tablets() -> None:
    """Those that nobody has switched on for a month."""
    tablets.forget_unseen(timezone.now())
