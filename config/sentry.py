"""Errors to Sentry, or to what speaks like it, where SENTRY_DSN says so.

What broke and where leaves this installation; not what people typed, sent or are called.
"""

from typing import Any, Final

import sentry_sdk
from sentry_sdk.integrations.logging import LoggingIntegration
from sentry_sdk.types import Event, Hint

from core.logs import bound, masked

KEPT: Final = (
    "contexts",
    "environment",
    "event_id",
    "exception",
    "level",
    "logentry",
    "logger",
    "platform",
    "release",
    "sdk",
    "server_name",
    "tags",
    "timestamp",
    "transaction",
)
CONTEXTS: Final = ("runtime", "trace")
TAGS: Final = ("request_id", "group", "order_no", "posting", "task", "task_id")


def start_sentry(dsn: str, version: str) -> None:
    """Once in each process, before anything can fail."""
    sentry_sdk.init(
        dsn=dsn,
        release=version,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        traces_sample_rate=0.0,
        auto_session_tracking=False,
        integrations=[LoggingIntegration(event_level=None)],
        before_send=scrubbed,
    )


def scrubbed(event: Event, _hint: Hint) -> Event | None:
    """What may leave: the error with its places in the code, and the numbers by which the log is found."""
    kept: dict[str, Any] = {name: value for name, value in event.items() if name in KEPT}
    kept["contexts"] = {name: kept.get("contexts", {}).get(name) for name in CONTEXTS}
    kept["tags"] = {name: bound(name) for name in TAGS if bound(name)}
    kept["transaction"] = masked(str(event.get("transaction") or ""))
    entry = kept.pop("logentry", None)
    if entry:
        kept["logentry"] = {"message": masked(str(entry.get("message") or ""))}
    for error in kept.get("exception", {}).get("values", []):
        error["value"] = masked(str(error.get("value") or ""))
        for frame in error.get("stacktrace", {}).get("frames", []):
            frame.pop("vars", None)
    answer: Event = kept  # type: ignore[assignment]
    return answer
