"""`/metrics`: what a Prometheus reads of this web process."""

import logging

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from accounts.audience import Audience, for_audience
from core.measures import REGISTRY

log = logging.getLogger(__name__)


@for_audience(Audience.MONITOR)
def metrics(request: HttpRequest) -> HttpResponse:
    """For those with METRICS_TOKEN, and nothing at all without that setting."""
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    if not settings.METRICS_TOKEN:
        return HttpResponse(status=404)
    if scheme.lower() != "bearer" or not constant_time_compare(token.strip(), settings.METRICS_TOKEN):
        log.warning("refused access to the metrics")
        return HttpResponse(
            "A bearer token is needed.\n", "text/plain", 401, headers={"WWW-Authenticate": "Bearer"}
        )
    return HttpResponse(generate_latest(REGISTRY), CONTENT_TYPE_LATEST)
