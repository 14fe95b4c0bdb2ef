"""Wakes other processes. A lost message loses nothing: every process also polls."""

import logging
from functools import lru_cache

import redis
from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)
EVENTS = "portal:events"


@lru_cache(maxsize=1)
def _client() -> redis.Redis | None:
    if not settings.REDIS_URL:
        return None
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5)


def wake(channel: str, message: str = "") -> None:
    """Publishes to `channel`; never raises, because the action is already stored."""
    client = _client()
    if client is None:
        return
    try:
        client.publish(channel, message)
    except redis.RedisError as error:
        log.warning("nobody was woken on %s: %s", channel, error)


def call_worker(task: str, group_id: int) -> None:
    """Queues this task for a Group now; never raises, because beat schedules it in a moment anyway."""
    if not settings.REDIS_URL:
        return
    try:
        current_app.send_task(task, args=[group_id], retry=False)
    except OperationalError as error:
        log.warning("no worker could be called for %s: %s", task, error)
