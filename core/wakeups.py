"""Wakes other processes. A lost message loses nothing: everybody also looks by the clock."""

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
    """Wakes whoever listens on `channel`; never raises, for the action is already stored."""
    client = _client()
    if client is None:
        return
    try:
        client.publish(channel, message)
    except redis.RedisError as error:
        log.warning("nobody was woken on %s: %s", channel, error)


def call_worker(task: str, group_id: int) -> None:
    """Asks a worker to do this task of a Group now; never raises, for beat has it done in a moment anyway."""
    if not settings.REDIS_URL:
        return
    try:
        current_app.send_task(task, args=[group_id], retry=False)
    except OperationalError as error:
        log.warning("no worker could be called for %s: %s", task, error)
