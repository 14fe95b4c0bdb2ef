"""Whether this process is alive, whether the installation is ready to work, and its version."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import Error
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import resolve

from accounts.audience import Audience, for_audience
from config import backends
from config.metrics_views import metrics
from workers import heartbeats


@for_audience(Audience.EVERYBODY)
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is checked."""
    return HttpResponse("ok\n", content_type="text/plain")


@for_audience(Audience.EVERYBODY)
def readyz(request: HttpRequest) -> JsonResponse:
    """503 when it cannot serve. What else does not work is named in `degraded`: orders, pages and alerts go
    on, so a load balancer must not take all web processes away for it."""
    database = backends.database()
    ready = database == "ok"
    found = {"valkey": backends.broker(), **(_workers() if ready else {})}
    degraded = {part: state for part, state in found.items() if state != "ok"}
    answer = {"ready": ready, "database": database, "degraded": degraded}
    return JsonResponse(answer, status=200 if ready else 503)


@for_audience(Audience.EVERYBODY)
def version(request: HttpRequest) -> JsonResponse:
    """For those who install and monitor it. The commit is null where it is not known."""
    return JsonResponse({"version": settings.VERSION, "commit": settings.COMMIT or None})


def _workers() -> dict[str, str]:
    try:
        return dict(heartbeats.silent())
    except Error as error:
        return {"workers": f"not known: {type(error).__name__}"}


CHECKS = {"/healthz": healthz, "/readyz": readyz, "/version": version, "/metrics": metrics}


def checks_by_any_host(get_response: Callable[[HttpRequest], HttpResponse]) -> Any:
    """Middleware: a load balancer or a Prometheus asks by IP address, which is in no ALLOWED_HOSTS."""

    def middleware(request: HttpRequest) -> HttpResponse:
        check = CHECKS.get(request.path_info)
        if check is None:
            return get_response(request)
        request.resolver_match = resolve(request.path_info)
        return check(request)

    return middleware
