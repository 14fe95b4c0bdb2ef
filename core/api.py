"""Long lists of the API: the longest unchanged first, in pages, each with a link to the next."""

import base64
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from core.dotnet import read_time
from core.errors import Fault, Invalid

PAGE_SIZE = 200
BEGINNING = "1900-01-01T00:00:00+00:00_0"
LARGEST_ID = 2**63 - 1


class JSONUnlessXML(DefaultContentNegotiation):
    """XML for those who prefer it, otherwise JSON, whatever the `Accept` header asks for.

    DdD's framework answers so too. Without the header the answer is what the body was.
    """

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """The first renderer is JSON's."""
        json, *others = renderers
        says = "Accept" in request.headers
        wanted = _preferred(self.get_accept_list(request) if says else [str(request.content_type)])
        chosen = next((one for one in others if one.media_type == wanted), json)
        return chosen, str(chosen.media_type)


def _preferred(accepted: Iterable[str]) -> str:
    """The media type with the highest q, of equal ones the first; one with an asterisk only when no other
    has as much."""
    best, most = "", (0.0, False)
    for one in accepted:
        media_type, *params = (part.strip().lower() for part in one.split(";"))
        rank = (_quality(params), "*" not in media_type)
        if rank[0] and rank > most:
            best, most = media_type, rank
    return best


def _quality(params: Iterable[str]) -> float:
    """Of an entry of `Accept`; what is no number counts as nothing said."""
    found = next((param[2:] for param in params if param.startswith("q=")), "1")
    return float(found) if re.fullmatch(r"[01](\.\d{0,3})?", found) else 1.0


def paginated_response(
    request: Request,
    rows: QuerySet[Any],
    serialize: Callable[[Any], dict[str, Any]],
    column: str = "modified_at",
) -> Response:
    """At most 200 of the rows, the earliest in `column` first, each through `serialize`.

    The `Link` header has the next page's address.
    """
    return _page(request, rows, serialize, column)[0]


def followed_response(
    request: Request, rows: QuerySet[Any], serialize: Callable[[Any], dict[str, Any]], column: str
) -> Response:
    """Those of the rows that come after `cursor`, else after `dateTime`, as a page of them.

    The header `X-Next-Cursor` says where to go on; an empty cursor begins at the first row. In `column` every
    change must have a time that is later than all that could be read before it.
    """
    cursor = _param(request, "cursor")
    if cursor is None:
        since = since_param(request)
        # A time to come would hide what is stored until then.
        start = f"{min(since, timezone.now()).isoformat()}_{LARGEST_ID}"
        rows = rows.filter(**{f"{column}__gt": since})
    else:
        start = _opened(cursor)
        rows = rows.filter(_beyond(start, column, "/cursor"))
    answer, last = _page(request, rows, serialize, column)
    answer["X-Next-Cursor"] = _sealed(last or start)
    return answer


def _page(
    request: Request, rows: QuerySet[Any], serialize: Callable[[Any], dict[str, Any]], column: str
) -> tuple[Response, str]:
    """The page, and the place of its last row; "" when there is none."""
    after = request.query_params.get("after")
    remaining = rows.filter(_beyond(after, column, "/after")) if after else rows
    found = list(remaining.order_by(column, "pk")[: PAGE_SIZE + 1])
    page = found[:PAGE_SIZE]
    answer = Response([serialize(row) for row in page])
    last = f"{getattr(page[-1], column).isoformat()}_{page[-1].pk}" if page else ""
    if len(found) > PAGE_SIZE:
        query = {**request.query_params.dict(), "after": last}
        address = request.build_absolute_uri(f"{request.path}?{urlencode(query)}")
        answer["Link"] = f'<{address}>; rel="next"'
    return answer, last


def since_param(request: Request) -> datetime:
    """The query parameter `dateTime`, in any case."""
    return _moment(_param(request, "datetime"), "/dateTime")


def _param(request: Request, name: str) -> str | None:
    """A query parameter, in any case."""
    return {key.lower(): value for key, value in request.query_params.dict().items()}.get(name)


def _sealed(place: str) -> str:
    """A place as a cursor: programs are not to read it, nor to make one."""
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def _opened(cursor: str) -> str:
    """The place of a cursor; the beginning for an empty one."""
    if not cursor.strip():
        return BEGINNING
    try:
        return base64.urlsafe_b64decode(cursor.strip() + "=" * (-len(cursor.strip()) % 4)).decode()
    except ValueError as error:
        raise invalid_field("/cursor", _("Take this value from the last answer, unchanged.")) from error


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


def _beyond(place: str, column: str, pointer: str) -> Q:
    moment_text, _underscore, number = place.partition("_")
    moment = _moment(moment_text, pointer)
    if not is_id(number):
        raise invalid_field(pointer, _("Take this value from the last answer, unchanged."))
    return Q(**{f"{column}__gt": moment}) | Q(**{column: moment, "pk__gt": int(number)})
