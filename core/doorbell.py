"""Rings other processes awake. Losing a ring loses nothing: everybody also looks by the clock."""

import logging
from functools import lru_cache

import redis
from django.conf import settings

log = logging.getLogger(__name__)
EVENTS = "portal:events"


@lru_cache(maxsize=1)
def _bell() -> redis.Redis | None:
    if not settings.REDIS_URL:
        return None
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5)


def ring(channel: str, message: str = "") -> None:
    """Wakes whoever listens on `channel`; never raises, for the deed is already stored."""
    bell = _bell()
    if bell is None:
        return
    try:
        bell.publish(channel, message)
    except redis.RedisError as error:
        log.warning("doorbell %s did not ring: %s", channel, error)
