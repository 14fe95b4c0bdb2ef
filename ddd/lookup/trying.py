"""Tries an address and a token of DdD before they are kept, and finds whether its routes are under /api/."""

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.utils import timezone

from core.causes import StoredCause
from ddd.api.client import orders_since
from ddd.api.http import DddError, is_refused_token, wire_to
from ddd.models import Connection
from ddd.words import causes

SECONDS_FOR_A_STEP: Final = 3.0
LONGEST: Final = 9.0  # somebody waits for it
LONGEST_WAIT: Final = timedelta(seconds=2)


@dataclass(frozen=True)
class Tried:
    """How DdD is reached; `trouble` says why it is not."""

    routes_under_api: bool = True
    trouble: StoredCause | None = None


def try_address(address: str, token: str) -> Tried:
    """Asks for the newest orders under /api/, and where nothing is there, without it."""
    until = time.monotonic() + LONGEST
    for under_api in (True, False):
        trouble = _ask(Connection(base_url=address, token=token, routes_under_api=under_api), until)
        if trouble is None:
            return Tried(under_api)
        if not _is_not_there(trouble):
            return Tried(trouble=_in_plain_words(trouble))
    return Tried(trouble=causes.TRY_NO_ROUTES())


def _ask(connection: Connection, until: float) -> DddError | None:
    """None when DdD answered with orders. A DdD that asks for a moment is given one."""
    for _try in range(2):
        left = until - time.monotonic()
        try:
            step = max(0.5, min(SECONDS_FOR_A_STEP, left / 2))
            with wire_to(connection, timeout=step, longest=step) as wire:
                orders_since(wire, timezone.now())
            return None
        except DddError as error:
            trouble = error
        wait = trouble.retry_after
        if wait is None or wait > LONGEST_WAIT or until - time.monotonic() < 2 * wait.total_seconds():
            break
        time.sleep(wait.total_seconds())
    return trouble


def _is_not_there(trouble: DddError) -> bool:
    return causes.REFUSED.data_of(trouble.cause).get("status") in (404, 405)


def _in_plain_words(trouble: DddError) -> StoredCause:
    cause = trouble.cause
    if is_refused_token(trouble):
        return causes.TRY_TOKEN_REFUSED(status=causes.TURNED_AWAY.data_of(cause)["status"])
    for of in (causes.TURNED_AWAY, causes.ANSWERED):
        status = of.data_of(cause).get("status", 0)
        if status >= 400:
            return causes.TRY_TROUBLE(said=cause)
    if cause["code"] in {of.code for of in causes.NOT_CALLED}:
        return cause
    if cause["code"] in _NO_ANSWER:
        return causes.TRY_NO_ANSWER(said=cause)
    return causes.TRY_NOT_DDD(said=cause)


# `http` keeps the words of a failed call as they are.
_NO_ANSWER: Final = frozenset({"as-it-is", causes.ADDRESS_UNUSABLE.code})
