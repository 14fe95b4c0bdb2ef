"""The part of a worker that talks to the broker, made to outlive it."""

import logging

from celery.worker.consumer import Consumer as CelerysConsumer

log = logging.getLogger(__name__)


class Consumer(CelerysConsumer):
    """Celery's own, which goes on after a broken connection whatever closing it raises.

    With a message in hand that could not be acknowledged, kombu 5.7 puts it back into its queue while it
    closes the connection: that asks the broker that is away, then fails again (AttributeError) on what the
    first attempt left, and Celery ends the worker. The message is only a wake-up: the timetable does the same
    work again.
    """

    def on_connection_error_after_connected(self, exc: Exception) -> None:
        """Lets go of the connection. The consumer connects anew afterwards."""
        try:
            super().on_connection_error_after_connected(exc)
        except Exception as error:  # of any kind: the worker has to go on
            log.warning("the broken connection to the broker could not be closed: %r", error)
