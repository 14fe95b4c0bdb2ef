"""Files as streamed responses: sent chunk by chunk, so memory use does not grow with their length."""

from collections.abc import AsyncIterator, Iterator

from asgiref.sync import sync_to_async
from django.http import StreamingHttpResponse
from django.utils import translation
from django.utils.http import content_disposition_header


def attachment(chunks: Iterator[bytes], name: str, content_type: str) -> StreamingHttpResponse:
    """A download under this file name; its chunks are rendered in the language active now."""
    disposition = {"Content-Disposition": content_disposition_header(True, name) or "attachment"}
    chunks_in_turn = _in_turn(chunks, translation.get_language() or "en")
    # Personal to whoever asked: no cache may store it.
    headers = {**disposition, "Cache-Control": "private, no-store"}
    return StreamingHttpResponse(chunks_in_turn, content_type=content_type, headers=headers)


async def _in_turn(chunks: Iterator[bytes], language: str) -> AsyncIterator[bytes]:
    """Django would read a synchronous iterator to its end before sending the first byte."""
    while True:
        chunk = await sync_to_async(_next)(chunks, language)
        if chunk is None:
            return
        yield chunk


def _next(chunks: Iterator[bytes], language: str) -> bytes | None:
    with translation.override(language):
        return next(chunks, None)
