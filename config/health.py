"""Whether this process is alive, whether the installation is ready to work, and its version."""

import redis
from django.conf import settings
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse

from accounts.audience import Audience, for_audience


@for_audience(Audience.EVERYBODY)
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is checked."""
    return HttpResponse("ok\n", content_type="text/plain")


@for_audience(Audience.EVERYBODY)
def readyz(request: HttpRequest) -> JsonResponse:
    """503 with the reason for each part that is not ready."""
    parts = {"database": _database(), "valkey": _broker()}
    ready = all(state == "ok" for state in parts.values())
    return JsonResponse({"ready": ready, **parts}, status=200 if ready else 503)


@for_audience(Audience.EVERYBODY)
def version(request: HttpRequest) -> JsonResponse:
    """For those who install and monitor it. The commit is null where it is not known."""
    return JsonResponse({"version": settings.VERSION, "commit": settings.COMMIT or None})


def _database() -> str:
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Error as error:
        return f"does not answer: {type(error).__name__}"
    return f"{len(missing)} migrations are not applied" if missing else "ok"


def _broker() -> str:
    if not settings.REDIS_URL:
        return "REDIS_URL is not set: no worker can be called"
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1) as broker:
            broker.ping()
    except ValueError:
        return "REDIS_URL is no address of a Redis"
    except redis.RedisError as error:
        return f"does not answer: {type(error).__name__}"
    return "ok"
