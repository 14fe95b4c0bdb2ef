"""Long lists of the API: the longest unchanged first, a part at a time, with the address where it goes on."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Protocol
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import Fault, Invalid

AT_A_TIME = 200
LARGEST_ID = 2**63 - 1


class Changing(Protocol):
    """A row that knows when it was changed."""

    pk: Any
    modified_at: datetime


def fed(request: Request, rows: QuerySet[Any], told: Callable[[Any], dict[str, Any]]) -> Response:
    """At most 200 of the rows, each as `told`; the `Link` header names the address of the next ones."""
    after = request.query_params.get("after")
    wanted = rows.filter(_beyond(after)) if after else rows
    found: list[Changing] = list(wanted.order_by("modified_at", "pk")[: AT_A_TIME + 1])
    answer = Response([told(row) for row in found[:AT_A_TIME]])
    if len(found) > AT_A_TIME:
        last = found[AT_A_TIME - 1]
        query = {**request.query_params.dict(), "after": f"{last.modified_at.isoformat()}_{last.pk}"}
        address = request.build_absolute_uri(f"{request.path}?{urlencode(query)}")
        answer["Link"] = f'<{address}>; rel="next"'
    return answer


def since_param(request: Request) -> datetime:
    """The query's `dateTime`, its name in any case."""
    asked = {name.lower(): value for name, value in request.query_params.dict().items()}
    return _moment(asked.get("datetime"), "/dateTime")


def utc(moment: datetime | None) -> str | None:
    """As the API writes a time."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ") if moment else None


def is_id(text: str) -> bool:
    """Whether a row could have this Id."""
    return text.isascii() and text.isdigit() and len(text) <= 19 and int(text) <= LARGEST_ID


def wrong(pointer: str, detail: str) -> Invalid:
    """A refusal of one part of what was asked."""
    return Invalid(detail, [Fault(pointer, detail, "invalid")])


def _moment(text: str | None, pointer: str) -> datetime:
    try:
        # A + that was not escaped arrives as a space.
        given = (text or "").strip()
        found = datetime.fromisoformat(given.replace(" ", "+") if "T" in given else given)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise wrong(pointer, _("Send a UTC time such as 2026-11-24T08:30:00Z.")) from error


def _beyond(after: str) -> Q:
    moment_text, _underscore, number = after.partition("_")
    moment = _moment(moment_text, "/after")
    if not is_id(number):
        raise wrong("/after", _("Take this value from the Link header, unchanged."))
    return Q(modified_at__gt=moment) | Q(modified_at=moment, pk__gt=int(number))
