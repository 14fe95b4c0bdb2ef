"""The one module that opens a socket to DdD, and the three ways in which a call can fail."""

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from functools import cache
from ssl import SSLContext
from typing import Any

import httpx2
from django.conf import settings

from core import stopping
from core.causes import CauseError, StoredCause, as_it_is
from ddd.api.addresses import NotCalled, check_address
from ddd.api.network import Deadline, InPrivateNetwork, Transport
from ddd.models import Connection
from ddd.words import causes

NOT_NOW = frozenset({401, 403, 408, 429})
# The route itself is elsewhere, so nothing was done. A 302 or 303 may lead to the page of what was booked.
MOVED = frozenset({301, 307, 308})
NEVER_LEFT = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
    httpx2.UnsupportedProtocol,
    httpx2.LocalProtocolError,
)
# A long list may take so many times as long as a booking, where nobody says otherwise.
LONGER_TO_READ = 3
LONGEST_RETRY_AFTER = timedelta(hours=1)  # nobody notices a portal that waits for a day
MOST_DIGITS = 9
SHOWN_CHARACTERS = 300
# Personal data, which the stored calls do not need.
ADDRESSES = ("ReceiveAddress", "ReturnAddress")
ADDRESS = re.compile(rf'("(?:{"|".join(ADDRESSES)})"\s*:\s*)"(?:[^"\\]|\\.)*"?')


class DddError(CauseError):
    """The base of the errors of a call to DdD; `retry_after` is how long DdD asks to be left alone."""

    def __init__(self, cause: StoredCause, retry_after: timedelta | None = None) -> None:
        super().__init__(cause)
        self.retry_after = retry_after


class Unavailable(DddError):
    """Nothing was booked: DdD could not be reached, or refused the caller before reading the request."""


class Rejected(DddError):
    """DdD read what was sent and refused it (4xx)."""

    def __init__(self, cause: StoredCause, status: int) -> None:
        super().__init__(cause)
        self.status = status


class Uncertain(DddError):
    """It was sent and no usable answer came: it may or may not be booked."""


@dataclass
class Call:
    """One request and its result: an HTTP status, None when no answer came, and how long it took (ms).

    Never has a token: that goes in a header. Addresses are left out, for they stand on the order.
    """

    method: str
    path: str
    request: Any = None
    status: int | None = None
    answer: str = ""
    ms: int = 0


@dataclass(frozen=True)
class Limits:
    """How long a call may take as a whole (seconds), and what ends it then."""

    reading: float
    booking: float
    deadline: Deadline

    def begin(self, method: str, *, ends_with_the_worker: bool) -> None:
        """A call begins; a booking is never broken off."""
        is_read = method == "GET"
        seconds = self.reading if is_read else self.booking
        self.deadline.begin(seconds, ends_with_the_worker=is_read and ends_with_the_worker)


class Wire:
    """Calls to one Group's DdD with one token. Sends bodies unchanged (PascalCase); returns parsed JSON.

    `calls` are those that were made, without the confidential ones. `known_answers` are odd answers to a
    booking of which a person has said whether they are a yes. `before_call` is called before each, and may
    raise: then nothing is sent. Without one, no call is begun by a worker that is to stop, and a
    read ends within a second or two, with Stopped.
    """

    def __init__(
        self,
        client: httpx2.Client,
        limits: Limits,
        calls: list[Call] | None = None,
        known_answers: Mapping[str, bool] | None = None,
        routes_under_api: bool = True,
        before_call: Callable[[], None] | None = None,
    ) -> None:
        self._client, self._limits, self._routes_under_api = client, limits, routes_under_api
        self.calls: list[Call] = [] if calls is None else calls
        self._known_answers = known_answers or {}
        self._before_call = before_call or stopping.check

    def get(self, path: str, **query: str) -> Any:
        """A read. Unavailable when it cannot be used (also an empty 200), Rejected on a 4xx; 204 is None."""
        try:
            answer = self._asked("GET", path, params=query)
        except httpx2.HTTPError as error:
            raise Unavailable(_why(error)) from error
        _refuse_client_errors(answer)
        if answer.status_code >= 300:
            cause = causes.ANSWERED(status=answer.status_code, said=_shown(answer))
            raise Unavailable(cause, _retry_after(answer))
        if answer.status_code == 204:
            return None
        try:
            return _parsed(answer)
        except ValueError as error:
            raise Unavailable(causes.NOT_JSON(said=_shown(answer))) from error

    def get_confidential(self, path: str) -> Any:
        """The same, but no sentence repeats what DdD said: there may be a password in it."""
        try:
            return self.get(path)
        except Rejected as refused:
            raise Rejected(causes.REFUSED_IN_CONFIDENCE(status=refused.status), refused.status) from None
        except Unavailable:
            raise Unavailable(causes.NO_USABLE_ANSWER()) from None
        finally:
            self.calls.pop()

    def post(self, path: str, body: Any) -> Any:
        """A booking. Never repeated here: unless it is clear whether it was done, it is Uncertain."""
        return self._book("POST", path, body)

    def put(self, path: str, body: Any) -> Any:
        """A change. It does no harm twice, but whether it was done is as uncertain as of a booking."""
        return self._book("PUT", path, body)

    def _book(self, method: str, path: str, body: Any) -> Any:
        try:
            answer = self._asked(method, path, json=body)
        except NEVER_LEFT as error:
            raise Unavailable(_why(error)) from error
        except httpx2.HTTPError as error:
            raise Uncertain(causes.NO_ANSWER(said=_in_words(error))) from error
        if 300 <= answer.status_code < 400:
            cause = causes.LEADS_ELSEWHERE(said=answer.headers.get("Location", "")[:SHOWN_CHARACTERS])
            raise Unavailable(cause) if answer.status_code in MOVED else Uncertain(cause)
        _refuse_client_errors(answer)
        # Also a 503: a proxy may have answered it in front of a DdD that has booked.
        if answer.status_code >= 500:
            cause = causes.ANSWERED(status=answer.status_code, said=_shown(answer))
            raise Uncertain(cause, _retry_after(answer))
        known = self._known_answers.get(_beginning_of(answer).strip())
        if known is not None:
            return known
        try:
            return _parsed(answer)
        except ValueError as error:
            raise Uncertain(causes.UNREADABLE(said=_shown(answer))) from error

    def _asked(self, method: str, path: str, **what: Any) -> httpx2.Response:
        if not self._routes_under_api:
            path = path.removeprefix("api/")
        query = what.get("params")
        call = Call(method, f"{path}?{httpx2.QueryParams(query)}" if query else path)
        call.request = _without_addresses(what.get("json"))
        self._before_call()
        self.calls.append(call)
        began = time.monotonic()
        self._limits.begin(method, ends_with_the_worker=self._before_call is stopping.check)
        try:
            answer = self._client.request(method, path, **what)
        except httpx2.HTTPError as error:
            call.answer = _in_words(error)
            raise
        finally:
            call.ms = int((time.monotonic() - began) * 1000)
        call.status, call.answer = answer.status_code, _beginning_of(answer)
        return answer


def tidy_address(typed: str) -> str:
    """The address to which the paths of DdD's routes are appended. People copy it from DdD's examples, with
    the `/api/` that each path begins with, or without its scheme; https is assumed then."""
    address = typed.strip().rstrip("/")
    if address.lower().endswith("/api"):
        address = address[: -len("/api")].rstrip("/")
    return f"https://{address}" if address and "://" not in address else address


@contextmanager
def wire_to(
    connection: Connection,
    token: str = "",
    timeout: float | None = None,
    calls: list[Call] | None = None,
    longest: float | None = None,
    before_call: Callable[[], None] | None = None,
) -> Iterator[Wire]:
    """Opens a client for a Group's DdD, with a web shop's own token where it has one.

    A step of a call, and a booking as a whole, takes `timeout` seconds at most; a read as a whole `longest`.
    Calls are appended to `calls`, also when they fail.
    """
    timeout = timeout or settings.DDD_TIMEOUT_SECONDS
    limits = Limits(longest or LONGER_TO_READ * timeout, timeout, Deadline())
    address = tidy_address(connection.base_url)
    try:
        check_address(address)
        client = httpx2.Client(
            base_url=address,
            headers={"Authorization": f"ddd_token {token or connection.token}", "Accept": "application/json"},
            timeout=timeout,
            transport=Transport(address, _trust(), limits.deadline),
            follow_redirects=False,
        )
    except NotCalled as refused:
        raise Unavailable(refused.cause) from refused
    except (httpx2.InvalidURL, ValueError) as error:
        raise Unavailable(causes.ADDRESS_UNUSABLE(said=str(error)[:SHOWN_CHARACTERS])) from error
    with client:
        yield Wire(client, limits, calls, connection.known_answers, connection.routes_under_api, before_call)


def is_refused_token(trouble: DddError) -> bool:
    """Whether DdD let nobody in with this token, which says nothing of other tokens."""
    status = causes.TURNED_AWAY.data_of(trouble.cause).get("status")
    return status in (401, 403) and not trouble.retry_after


@cache
def _trust() -> SSLContext:
    """The trusted certificates; loading them again takes longer than a call."""
    return httpx2.create_ssl_context()


def _refuse_client_errors(answer: httpx2.Response) -> None:
    if answer.status_code in NOT_NOW:
        cause = causes.TURNED_AWAY(status=answer.status_code, said=_shown(answer))
        raise Unavailable(cause, _retry_after(answer))
    if 400 <= answer.status_code < 500:
        refusal = causes.REFUSED(status=answer.status_code, said=_shown(answer))
        raise Rejected(refusal, answer.status_code)


def _retry_after(answer: httpx2.Response) -> timedelta | None:
    """Retry-After in its two forms (RFC 9110 10.2.3), seconds or a date; None when it is missing or odd."""
    said = answer.headers.get("Retry-After", "").strip()
    if said.isascii() and said.isdigit():
        # Python reads no number of thousands of digits.
        wait = LONGEST_RETRY_AFTER if len(said) > MOST_DIGITS else timedelta(seconds=int(said))
    else:
        try:
            wait = parsedate_to_datetime(said) - datetime.now(UTC)
        except (ValueError, TypeError, OverflowError):  # TypeError: a date without its zone
            return None
    return min(wait, LONGEST_RETRY_AFTER) if wait > timedelta() else None


def _parsed(answer: httpx2.Response) -> Any:
    try:
        return json.loads(answer.content, parse_float=Decimal)
    except (RecursionError, ArithmeticError) as error:
        raise ValueError("nested too deeply, or a number beyond all numbers") from error


def _shown(answer: httpx2.Response) -> str:
    # PostgreSQL keeps no NUL in a text.
    return answer.text[:SHOWN_CHARACTERS].replace("\x00", "")


def _beginning_of(answer: httpx2.Response) -> str:
    text = answer.content[: 4 * SHOWN_CHARACTERS].decode(errors="replace").replace("\x00", "")
    return ADDRESS.sub(r"\1…", text)[:SHOWN_CHARACTERS]


def _without_addresses(body: Any) -> Any:
    if not isinstance(body, dict):
        return body
    return {name: "…" if name in ADDRESSES else value for name, value in body.items()}


def _why(error: httpx2.HTTPError) -> StoredCause:
    if isinstance(error.__cause__, InPrivateNetwork):
        return causes.ADDRESS_PRIVATE(host=error.__cause__.host)
    return as_it_is(_in_words(error))


def _in_words(error: httpx2.HTTPError) -> str:
    return f"{type(error).__name__}: {error}"[:SHOWN_CHARACTERS]
