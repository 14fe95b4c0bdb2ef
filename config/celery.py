"""The workers and the whole timetable. Postings and cursors are the truth; tasks only start work on them."""

import os
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import worker_init, worker_shutting_down

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.conf import settings

from core import stopping

HOUR = 3600.0
# How often each task is called, in seconds.
TIMETABLE = {
    "ddd.tasks.sweep": settings.OUTBOX_SWEEP_SECONDS,
    "orders.tasks.poll_every_group": settings.POLL_SECONDS,
    "ddd.tasks.look_up_wanted_members": 10.0,
    "ddd.tasks.take_first_looks": 10.0,
    "ddd.tasks.ask_for_stock_everywhere": 10.0,
    "ddd.tasks.forget_members": HOUR,
    "orders.tasks.send_mails": settings.MAIL_SECONDS,
    "ddd.tasks.read_catalogues": settings.CATALOGUE_SECONDS,
    "orders.tasks.escalate": 15.0,
    "orders.tasks.reconcile_where_due": 60.0,
    "office.tasks.make_exports": 10.0,
    "office.tasks.forget_exports": HOUR,
    "office.tasks.count_figures": settings.FIGURES_SECONDS,
    "office.tasks.try_policies": 20.0,
    "office.tasks.look_for_sold_pieces": HOUR / 4,
    "orders.tasks.remind_and_cancel_uncollected": 60.0,
    "office.tasks.carry_out_bulk_actions": 30.0,
    "orders.tasks.forget_taps": HOUR,
    "accounts.tasks.send_account_mails": settings.MAIL_SECONDS,
    "accounts.tasks.forget_log_ins": HOUR,
    "accounts.tasks.forget_tablets": 6 * HOUR,
}
AT_NIGHT = {"office.tasks.forget_personal_data": crontab(hour="1-4", minute="20")}


def _entry(task: str, schedule: float | crontab, seconds: float) -> dict[str, Any]:
    """A call that has waited for twice the time is dropped: the next one does the same."""
    return {"task": task, "schedule": schedule, "options": {"expires": 2 * seconds}}


app = Celery("portal")
app.conf.update(
    broker_url=settings.CELERY_BROKER_URL or None,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,  # never gives up
    # Fails at once while the broker is unavailable; by default kombu would block a tap for 6 seconds, and for
    # ever where the broker accepts the connection and does not answer.
    broker_transport_options={"max_retries": 0, "socket_connect_timeout": 1, "socket_timeout": 1},
    task_ignore_result=True,
    # A call is only a wake-up, so none is kept in hand: one that is lost is found again by the timetable, and
    # a worker with unacknowledged messages ends when the broker restarts.
    task_acks_late=False,
    worker_prefetch_multiplier=1,
    worker_disable_prefetch=True,
    worker_hijack_root_logger=False,
    timezone="UTC",
    beat_schedule={
        **{task: _entry(task, seconds, seconds) for task, seconds in TIMETABLE.items()},
        **{task: _entry(task, hours, HOUR / 2) for task, hours in AT_NIGHT.items()},
    },
)
app.autodiscover_tasks(["accounts", "ddd", "orders", "office"])


@worker_init.connect
def _refuse_demo_keys(**_kwargs: Any) -> None:
    from accounts.demo_keys import refuse_demo_keys  # noqa: PLC0415 - models can be read only now

    refuse_demo_keys()


@worker_shutting_down.connect
def _end_after_this_posting(**_kwargs: Any) -> None:
    stopping.ask()
