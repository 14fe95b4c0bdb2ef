"""The workers and the whole timetable. Postings and cursors are the truth; tasks only knock."""

import os
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.conf import settings

ESCALATION_SECONDS = 15
LOOK_AFTER_WAITING_ORDERS_SECONDS = 60
FORGET_TABLETS_SECONDS = 6 * 3600
LOOK_FOR_SOLD_PIECES_SECONDS = 900

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
        "look-up-members": {
            "task": "ddd.tasks.look_up_wanted_members",
            "schedule": 10.0,
            "options": {"expires": 10.0},
        },
        "ask-for-stock": {
            "task": "ddd.tasks.ask_for_stock_everywhere",
            "schedule": 10.0,
            "options": {"expires": 10.0},
        },
        "forget-members": {
            "task": "ddd.tasks.forget_members",
            "schedule": 3600.0,
            "options": {"expires": 3600.0},
        },
        "send-mails": {
            "task": "orders.tasks.send_mails",
            "schedule": settings.MAIL_SECONDS,
            "options": {"expires": settings.MAIL_SECONDS * 2},
        },
        "read-the-catalogues": {
            "task": "ddd.tasks.read_catalogues",
            "schedule": settings.CATALOGUE_SECONDS,
            "options": {"expires": settings.CATALOGUE_SECONDS},
        },
        "escalate-what-nobody-takes": {
            "task": "orders.tasks.escalate",
            "schedule": ESCALATION_SECONDS,
            "options": {"expires": ESCALATION_SECONDS},
        },
        "compare-with-ddd": {
            "task": "orders.tasks.reconcile_where_due",
            "schedule": 60.0,
            "options": {"expires": 60.0},
        },
        "make-exports": {
            "task": "office.tasks.make_exports",
            "schedule": 10.0,
            "options": {"expires": 10.0},
        },
        "forget-exports": {
            "task": "office.tasks.forget_exports",
            "schedule": 3600.0,
            "options": {"expires": 3600.0},
        },
        "count-figures": {
            "task": "office.tasks.count_figures",
            "schedule": settings.FIGURES_SECONDS,
            "options": {"expires": settings.FIGURES_SECONDS},
        },
        "forget-personal-data": {
            "task": "office.tasks.forget_personal_data",
            "schedule": crontab(hour="1-4", minute="20"),
            "options": {"expires": 3600.0},
        },
        "try-policies": {
            "task": "office.tasks.try_policies",
            "schedule": 20.0,
            "options": {"expires": 20.0},
        },
        "look-for-sold-pieces": {
            "task": "office.tasks.look_for_sold_pieces",
            "schedule": LOOK_FOR_SOLD_PIECES_SECONDS,
            "options": {"expires": LOOK_FOR_SOLD_PIECES_SECONDS},
        },
        "look-after-waiting-orders": {
            "task": "orders.tasks.look_after_waiting_orders",
            "schedule": LOOK_AFTER_WAITING_ORDERS_SECONDS,
            "options": {"expires": LOOK_AFTER_WAITING_ORDERS_SECONDS},
        },
        "carry-out-bulk-deeds": {
            "task": "office.tasks.carry_out_bulk_deeds",
            "schedule": 30.0,
            "options": {"expires": 30.0},
        },
        "forget-taps": {
            "task": "orders.tasks.forget_taps",
            "schedule": 3600.0,
            "options": {"expires": 3600.0},
        },
        "send-account-mails": {
            "task": "accounts.tasks.send_account_mails",
            "schedule": settings.MAIL_SECONDS,
            "options": {"expires": settings.MAIL_SECONDS * 2},
        },
        "forget-log-ins": {
            "task": "accounts.tasks.forget_log_ins",
            "schedule": 3600.0,
            "options": {"expires": 3600.0},
        },
        "forget-tablets": {
            "task": "accounts.tasks.forget_tablets",
            "schedule": FORGET_TABLETS_SECONDS,
            "options": {"expires": FORGET_TABLETS_SECONDS},
        },
    },
)
app.autodiscover_tasks(["accounts", "ddd", "orders", "office"])


@worker_init.connect
def _refuse_demo_keys(**_facts: Any) -> None:
    from accounts.demo_keys import refuse_demo_keys  # noqa: PLC0415 - models can be read only now

    refuse_demo_keys()
