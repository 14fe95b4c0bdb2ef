"""Long lists of the API: the longest unchanged first, in pages, each with a link to the next."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, Protocol
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from core.dotnet_times import read_time
from core.errors import Fault, Invalid

PAGE_SIZE = 200
LARGEST_ID = 2**63 - 1


class HasModifiedAt(Protocol):
    """A row with the time of its last change."""

    pk: Any
    modified_at: datetime


class AlwaysJSON(DefaultContentNegotiation):
    """JSON, whatever the `Accept` header asks for; DdD's framework answers so too, when it must."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """The only renderer there is."""
        renderer = next(iter(renderers))
        return renderer, str(renderer.media_type)


def paginated_response(
    request: Request, rows: QuerySet[Any], serialize: Callable[[Any], dict[str, Any]]
) -> Response:
    """At most 200 of the rows, each through `serialize`; the `Link` header has the next page's address."""
    after = request.query_params.get("after")
    remaining = rows.filter(_beyond(after)) if after else rows
    page: list[HasModifiedAt] = list(remaining.order_by("modified_at", "pk")[: PAGE_SIZE + 1])
    answer = Response([serialize(row) for row in page[:PAGE_SIZE]])
    if len(page) > PAGE_SIZE:
        last = page[PAGE_SIZE - 1]
        query = {**request.query_params.dict(), "after": f"{last.modified_at.isoformat()}_{last.pk}"}
        address = request.build_absolute_uri(f"{request.path}?{urlencode(query)}")
        answer["Link"] = f'<{address}>; rel="next"'
    return answer


def since_param(request: Request) -> datetime:
    """The query parameter `dateTime`, in any case."""
    params = {name.lower(): value for name, value in request.query_params.dict().items()}
    return _moment(params.get("datetime"), "/dateTime")


def utc(moment: datetime | None) -> str | None:
    """A time in the API's format."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ") if moment else None


def is_id(text: str) -> bool:
    """Whether this could be the Id of a row."""
    return text.isascii() and text.isdigit() and len(text) <= 19 and int(text) <= LARGEST_ID


def invalid_field(pointer: str, detail: str) -> Invalid:
    """A refusal that names one field or parameter."""
    return Invalid(detail, [Fault(pointer, detail, "invalid")])


def _moment(text: str | None, pointer: str) -> datetime:
    try:
        return read_time(text or "")
    except (ValueError, OverflowError) as error:
        raise invalid_field(pointer, _("Send a UTC time such as 2026-11-24T08:30:00Z.")) from error


def _beyond(after: str) -> Q:
    moment_text, _underscore, number = after.partition("_")
    moment = _moment(moment_text, "/after")
    if not is_id(number):
        raise invalid_field("/after", _("Take this value from the Link header, unchanged."))
    return Q(modified_at__gt=moment) | Q(modified_at=moment, pk__gt=int(number))
