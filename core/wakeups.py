"""Wakes other processes. A lost message loses nothing: every process also polls.

A broker that accepts connections and does not answer is left alone for some seconds, so that it holds up one
request of a process and not all of them.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

import redis
from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)
EVENTS = "portal:events"
SLOW = 0.4  # seconds; a refused connection takes milliseconds
LEFT_ALONE = 5.0  # seconds after a slow failure

_left_alone_until = float("-inf")


@lru_cache(maxsize=1)
def _client() -> redis.Redis | None:
    if not settings.REDIS_URL:
        return None
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5)


def wake(channel: str, message: str = "") -> None:
    """Publishes to `channel`; never raises, because the action is already stored."""
    client = _client()
    if client is None or _is_left_alone():
        return
    with _told_when_lost(f"nobody was woken on {channel}"):
        client.publish(channel, message)


def call_worker(task: str, group_id: int) -> None:
    """Queues this task for a Group now; never raises, because beat schedules it in a moment anyway."""
    if not settings.REDIS_URL or _is_left_alone():
        return
    with _told_when_lost(f"no worker could be called for {task}"):
        current_app.send_task(task, args=[group_id], retry=False)


def _is_left_alone() -> bool:
    return time.monotonic() < _left_alone_until


@contextmanager
def _told_when_lost(lost: str) -> Iterator[None]:
    global _left_alone_until
    began = time.monotonic()
    try:
        yield
    except (redis.RedisError, OperationalError) as error:
        log.warning("%s: %s", lost, error)
        if time.monotonic() - began > SLOW:
            _left_alone_until = time.monotonic() + LEFT_ALONE
