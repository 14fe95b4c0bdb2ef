"""The workers' timetable: what is called, in which queue, and how long a call waits."""

import inspect
import json
from typing import Any

import pytest
import redis

from config.celery import app
from config.timetable import LONG, QUEUE_OF, QUEUES, TIMETABLE, URGENT
from tests.valkey import RunningValkey
from tests.valkey import valkey as valkey

# May be done by several workers at once, or have another id than a Group's.
WITHOUT_A_TURN = {
    "ddd.tasks.drain": "the Group's `senders` bound it, and each posting has a lease",
    "accounts.tasks.send_account_mails_of_group": "each mail has a lease",
}


def tasks() -> dict[str, Any]:
    app.loader.import_default_modules()
    return {name: task for name, task in app.tasks.items() if not name.startswith("celery.")}


def test_every_task_has_its_row_and_every_row_its_tasks() -> None:
    assert set(QUEUE_OF) == set(tasks())
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} == set(TIMETABLE)


def test_each_task_goes_to_its_queue() -> None:
    assert set(QUEUE_OF.values()) == set(QUEUES)
    for task, queue in QUEUE_OF.items():
        assert app.amqp.router.route({}, task)["queue"].name == queue
    assert {QUEUE_OF[name] for name in ("ddd.tasks.drain", "orders.tasks.escalate")} == {URGENT}
    assert {QUEUE_OF[name] for name in ("orders.tasks.poll_group", "ddd.tasks.read_catalogue")} == {LONG}


def test_one_worker_at_a_time_does_what_is_done_for_a_group() -> None:
    without = {
        name
        for name, task in tasks().items()
        if list(inspect.signature(task.run).parameters) == ["group_id"]
        and not hasattr(task.run, "__wrapped__")
    }
    assert without == set(WITHOUT_A_TURN)


@pytest.mark.parametrize("task", ["orders.tasks.poll_group", "ddd.tasks.drain"])
def test_a_call_expires_whoever_makes_it(task: str, valkey: RunningValkey) -> None:
    def expiry() -> str:
        with redis.Redis.from_url(valkey.url) as broker:
            message = broker.lpop(QUEUE_OF[task])
        assert isinstance(message, bytes)
        return str(json.loads(message)["headers"]["expires"])

    url = valkey.url.replace("unix://", "redis+socket://")
    with app.connection_for_write(url) as connection:
        tasks()[task].apply_async([1], connection=connection)
        assert expiry() != "None"
        app.send_task(task, args=[1], connection=connection)
        assert expiry() != "None"
