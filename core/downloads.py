"""Answers that are files, sent piece by piece: the memory stays flat however long they are."""

from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path

from asgiref.sync import sync_to_async
from django.http import StreamingHttpResponse
from django.utils import translation
from django.utils.http import content_disposition_header

BYTES_AT_ONCE = 256 * 1024


def attachment(pieces: Iterator[bytes], name: str, content_type: str) -> StreamingHttpResponse:
    """A file that the browser keeps under this name; its pieces are made in the language of now."""
    told = {"Content-Disposition": content_disposition_header(True, name) or "attachment"}
    in_turn = _in_turn(pieces, translation.get_language() or "en")
    # Nobody but who asked may keep it.
    headers = {**told, "Cache-Control": "private, no-store"}
    return StreamingHttpResponse(in_turn, content_type=content_type, headers=headers)


def pieces_of(path: Path) -> Iterator[bytes]:
    """All of a file, which is opened for the first piece."""
    with path.open("rb") as file:
        yield from iter(partial(file.read, BYTES_AT_ONCE), b"")


async def _in_turn(pieces: Iterator[bytes], language: str) -> AsyncIterator[bytes]:
    """Django would collect what is not asynchronous as a whole before it sends the first byte."""
    while True:
        piece = await sync_to_async(_next)(pieces, language)
        if piece is None:
            return
        yield piece


def _next(pieces: Iterator[bytes], language: str) -> bytes | None:
    with translation.override(language):
        return next(pieces, None)
