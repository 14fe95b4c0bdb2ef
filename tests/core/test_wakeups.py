"""A broker that restarts or does not answer: no request waits for it, and no worker ends."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from kombu.exceptions import OperationalError
from pytest_django import Settings

from config.celery import app
from core import wakeups
from tests.ddd.other_servers import silent
from tests.demo.processes import happens
from tests.migrated import ROOT
from tests.valkey import RunningValkey

TASK = "ddd.tasks.drain"
# The portal's worker with one task more, which leaves a file and takes its time: the fourth until it is told.
WORKER = """
import os, time
from pathlib import Path
from celery.signals import worker_ready
from config.celery import app
from core import stopping

FOLDER = Path(os.environ["DATA_DIR"])

@app.task(name="linger")
def linger(number):
    (FOLDER / str(number)).touch()
    time.sleep(1.5)
    while number == 4 and not stopping.is_asked():
        time.sleep(0.1)

worker_ready.connect(lambda **_more: (FOLDER / "ready").touch(), weak=False)
app.start(["worker", "--pool", "threads", "--concurrency", "1", "--without-gossip", "--without-mingle"])
"""


@pytest.fixture
def silent_broker(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a broker that accepts every connection and never answers; the portal's own."""
    monkeypatch.setattr(wakeups, "_left_alone_until", float("-inf"))
    wakeups._client.cache_clear()
    with silent() as url:
        settings.REDIS_URL = url.replace("http", "redis")
        yield settings.REDIS_URL
    wakeups._client.cache_clear()


def seconds_of(call: object) -> float:
    began = time.monotonic()
    assert callable(call)
    call()
    return time.monotonic() - began


def test_a_silent_broker_holds_up_one_request_for_a_moment_and_the_next_ones_not_at_all(
    silent_broker: str,
) -> None:
    def request() -> None:
        wakeups.wake(wakeups.EVENTS)
        wakeups.call_worker(TASK, 1)

    first, *next_ones = [seconds_of(request) for _request in range(10)]

    assert 0.3 < first < 2
    assert sum(next_ones) < 0.2


def test_whoever_calls_a_task_gets_an_error_from_a_silent_broker_within_moments(silent_broker: str) -> None:
    def call() -> None:
        with app.connection_for_write(silent_broker) as connection, pytest.raises(OperationalError):
            app.send_task(TASK, args=[1], retry=False, connection=connection)

    assert seconds_of(call) < 5


@pytest.mark.slow
def test_a_worker_outlives_a_broker_that_is_killed_while_it_has_tasks_in_hand_and_stops_when_told(
    tmp_path: Path,
) -> None:
    def queue(*numbers: int) -> None:
        with app.connection_for_write(valkey.url.replace("unix", "redis+socket")) as connection:
            for number in numbers:
                app.send_task("linger", args=[number], connection=connection)

    def has_begun(name: object) -> bool:
        return happens((tmp_path / str(name)).exists, 30)

    with RunningValkey() as valkey:
        environment = {"DATA_DIR": str(tmp_path), "REDIS_URL": valkey.url, "SECRET_KEY": "s" * 40}
        worker = subprocess.Popen([sys.executable, "-c", WORKER], cwd=ROOT, env=os.environ | environment)
        try:
            assert has_begun("ready"), "the worker does not start"
            queue(1, 2, 3)
            assert has_begun(1)
            valkey.kill()
            valkey.start()
            queue(4)
            assert has_begun(4), "the worker has ended, or waits for the broker of before"
            assert worker.poll() is None
        finally:
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(10) == 0
