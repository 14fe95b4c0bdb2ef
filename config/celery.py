"""The workers. Postings and cursors are the truth; tasks only start work on them."""

import inspect
import logging.config
import os
from collections.abc import Mapping, Sequence
from typing import Any

from celery import Celery, Task
from celery.signals import (
    before_task_publish,
    setup_logging,
    task_prerun,
    worker_init,
    worker_ready,
    worker_shutting_down,
)
from kombu import Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.conf import settings

from config.timetable import EXPIRES, QUEUE_OF, QUEUES, beat_schedule
from core import logs, stopping


class Portal(Celery):
    """Celery whose calls are all dropped when nobody takes them up in time: the next one does the same."""

    def send_task(self, name: str, *args: Any, **options: Any) -> Any:
        """By beat, by another task, or by a person's tap."""
        if options.get("expires") is None:
            options["expires"] = EXPIRES.get(name)
        return super().send_task(name, *args, **options)


app = Portal("portal")
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
    worker_consumer="workers.consumer:Consumer",
    worker_prefetch_multiplier=1,
    worker_disable_prefetch=True,
    timezone="UTC",
    task_queues=[Queue(name) for name in QUEUES],
    task_default_queue=QUEUES[0],
    task_routes={task: {"queue": queue} for task, queue in QUEUE_OF.items()},
    beat_schedule=beat_schedule(),
    beat_scheduler="workers.beat:OneOfSeveral",
)
app.autodiscover_tasks(["accounts", "workers", "ddd", "orders", "office"])


@setup_logging.connect
def _log_as_the_web_process_does(**_kwargs: Any) -> None:
    """Instead of Celery's own way, so that LOG_LEVEL and LOG_FORMAT hold in workers and beat too."""
    logging.config.dictConfig(settings.LOGGING)


@before_task_publish.connect
def _hand_on_the_request(headers: dict[str, Any], **_kwargs: Any) -> None:
    """A task that a tap has called has the tap's id in its lines."""
    if request_id := logs.bound("request_id"):
        headers["request_id"] = request_id


@task_prerun.connect
def _name_the_task(
    task_id: str, task: Task[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any], **_other: Any
) -> None:
    """In all lines of it: what it is called with are numbers of rows."""
    called_with = inspect.signature(task.run).bind_partial(*args, **kwargs).arguments
    rows = {name.removesuffix("_id"): value for name, value in called_with.items() if isinstance(value, int)}
    request_id = getattr(task.request, "request_id", None)
    logs.begin(task=task.name, task_id=task_id, request_id=request_id, **rows)


@worker_init.connect
def _refuse_demo_keys(**_kwargs: Any) -> None:
    from accounts.demo_keys import refuse_demo_keys  # noqa: PLC0415 - models can be read only now

    refuse_demo_keys()


@worker_shutting_down.connect
def _end_after_this_posting(**_kwargs: Any) -> None:
    stopping.ask()


@worker_ready.connect
def _renew_turns(**_kwargs: Any) -> None:
    from workers.turns import start_renewing  # noqa: PLC0415 - likewise

    start_renewing()
