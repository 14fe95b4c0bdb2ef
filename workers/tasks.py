"""By these calls each queue's workers are heard: beat, the broker and a free worker are needed for one."""

from celery import shared_task

from workers import heartbeats


@shared_task
def be_heard_in_urgent() -> None:
    """A worker of this queue is free."""
    heartbeats.hear("urgent")


@shared_task
def be_heard_in_long() -> None:
    """A worker of this queue is free."""
    heartbeats.hear("long")
