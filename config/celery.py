"""The workers and the whole timetable. Postings and cursors are the truth; tasks only knock."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.conf import settings

app = Celery("portal")
app.conf.update(
    broker_url=settings.CELERY_BROKER_URL or None,
    broker_connection_retry_on_startup=True,
    # Whoever rings while the broker is away goes on at once; kombu would hold up a tap for 6 seconds.
    broker_transport_options={"max_retries": 0, "socket_connect_timeout": 1},
    task_ignore_result=True,
    task_acks_late=True,
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    timezone="UTC",
    beat_schedule={
        "sweep-the-outbox": {
            "task": "ddd.tasks.sweep",
            "schedule": settings.OUTBOX_SWEEP_SECONDS,
            "options": {"expires": settings.OUTBOX_SWEEP_SECONDS * 2},
        },
        "poll-every-group": {
            "task": "orders.tasks.poll_every_group",
            "schedule": settings.POLL_SECONDS,
            "options": {"expires": settings.POLL_SECONDS},
        },
        "read-the-catalogues": {
            "task": "ddd.tasks.read_catalogues",
            "schedule": settings.CATALOGUE_SECONDS,
            "options": {"expires": settings.CATALOGUE_SECONDS},
        },
    },
)
app.autodiscover_tasks(["ddd", "orders"])


@worker_init.connect
def _refuse_demo_keys(**_facts: Any) -> None:
    from accounts.demo_keys import refuse_demo_keys  # noqa: PLC0415 - models can be read only now

    refuse_demo_keys()
