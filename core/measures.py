"""What this process counts of its requests; `/metrics` shows it. Knows no database."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector

REGISTRY: Final = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# Seconds: from what a health check takes to what a person does not wait for.
SECONDS: Final = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)

requests = Counter(
    "portal_requests",
    "Requests that were answered, by the name of their URL",
    ("route", "method", "status"),
    registry=REGISTRY,
)
durations = Histogram(
    "portal_request_seconds",
    "How long answers took, without sending what is streamed",
    ("route", "method"),
    buckets=SECONDS,
    registry=REGISTRY,
)


def count(route: str, method: str, status: int, seconds: float) -> None:
    """An answered request. What clients can invent is one of few words."""
    method = method if method in METHODS else "other"
    requests.labels(route, method, str(status)).inc()
    durations.labels(route, method).observe(seconds)
