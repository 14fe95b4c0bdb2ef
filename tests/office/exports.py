"""What the tests of exports share: asking for one, and reading its file."""

import csv
import io
from datetime import timedelta
from typing import Any

from asgiref.sync import async_to_sync
from django.http import StreamingHttpResponse
from django.test import Client

from office.listing import exporting
from office.models import Export, ExportPart
from office.spreadsheet import Kind
from tests.factories import NOW, Cast

LATER = NOW + timedelta(hours=2)


def file_of(answer: Any) -> bytes:
    """All that is sent, as the portal's own server reads it."""
    assert isinstance(answer, StreamingHttpResponse), answer

    async def all_of_it() -> bytes:
        return b"".join([piece async for piece in answer])

    return async_to_sync(all_of_it)()


def rows_of(file: bytes, delimiter: str = ",") -> list[list[str]]:
    text = file.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def exported(client: Client, query: str = "", kind: str = "csv") -> Any:
    return client.post("/orders/export/", {"kind": kind, "query": query})


def requested(cast: Cast, query: str = "", who: str = "office", kind: Kind = Kind.CSV) -> Export:
    return exporting.request_export(cast.person(who), kind, query, "All orders", "en", LATER)


def reloaded(export: Export) -> Export:
    return Export.objects.get(pk=export.pk)


def files() -> list[int]:
    """The exports of which there is a part of a file."""
    return sorted(set(ExportPart.objects.values_list("export_id", flat=True)))
