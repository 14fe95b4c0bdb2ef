"""The page of files, with one in every state."""

from collections.abc import Iterator

from django.test import Client
from django.utils import timezone

from office.listing import exporting
from office.models import Export
from office.spreadsheet import Kind
from tests.core.pages import Answer
from tests.factories import Cast


def a_file(cast: Cast) -> Export:
    """Karen's, and ready."""
    export = exporting.request_export(cast.person("office"), Kind.CSV, "", "All orders", "en", timezone.now())
    exporting.make(export.pk)
    return Export.objects.get(pk=export.pk)


def export_pages(cast: Cast, client: Client) -> Iterator[tuple[str, Answer]]:
    """Without any, and with all."""
    yield "no files", client.get("/orders/exports/")
    ready = a_file(cast)
    yield "a file that is there", client.get("/orders/exports/")
    for number, state in enumerate(Export.State):
        export = exporting.request_export(
            cast.person("office"), Kind.XLSX, f"q={number}", f"“{number}”", "en", timezone.now()
        )
        Export.objects.filter(pk=export.pk).update(state=state, orders=7, trouble=Export.Trouble.STOPPED)
    yield "files in every state", client.get("/orders/exports/")
    ready.parts.all().delete()
    yield "a file that is gone", client.get(f"/orders/exports/{ready.pk}/")
