"""A broker that goes while a worker has a message in hand that it could not acknowledge."""

from contextlib import suppress
from typing import Any

import kombu
from celery.worker import WorkController

from config.celery import app
from config.timetable import QUEUES
from tests.valkey import RunningValkey


def test_a_connection_that_cannot_be_closed_does_not_end_the_worker() -> None:
    worker: Any = WorkController(app=app, pool="threads", concurrency=1)
    with RunningValkey() as valkey:
        address = valkey.url.replace("unix", "redis+socket")
        connection = app.connection_for_read(address)
        in_hand: list[Any] = []
        # Both channels, so that closing the first one fails before the second one is asked.
        channels: list[Any] = [connection.default_channel, connection.channel()]
        takers = [
            kombu.Consumer(channel, [kombu.Queue(name, channel=channel)], on_message=in_hand.append)
            for channel, name in zip(channels, QUEUES, strict=True)
        ]
        for taker, name in zip(takers, QUEUES, strict=True):
            taker.consume()
            with app.connection_for_write(address) as other:
                app.send_task("anything", queue=name, connection=other)
        while len(in_hand) < len(channels):
            connection.drain_events(timeout=10)
        with suppress(TimeoutError):
            connection.drain_events(timeout=0.1)  # and waits for the next ones
        valkey.kill()
        worker.consumer.connection = connection

        worker.consumer.on_connection_error_after_connected(ConnectionError("Connection reset by peer"))

        assert worker.consumer.connection is None
        for channel in channels:
            channel.do_restore = False  # else it tries again when this process ends
