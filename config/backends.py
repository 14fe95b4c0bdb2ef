"""What the portal stands on: its database and its broker, each "ok" or what is wrong with it."""

import redis
from django.conf import settings
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor


def database() -> str:
    """Whether it answers, and has the tables of this version."""
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Error as error:
        return f"does not answer: {type(error).__name__}"
    return f"{len(missing)} migrations are not applied" if missing else "ok"


def broker() -> str:
    """Whether Valkey or Redis answers within a second."""
    if not settings.REDIS_URL:
        return "REDIS_URL is not set: no worker can be called"
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1) as client:
            client.ping()
    except ValueError:
        return "REDIS_URL is no address of a Redis"
    except redis.RedisError as error:
        return f"does not answer: {type(error).__name__}"
    return "ok"
