"""Responses: the plain JSON one, and those that fail on the wire."""

import asyncio
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ddd.sandbox import wire

TRANSPORT = "sandbox.transport"


class Json(Response):
    media_type = "application/json; charset=utf-8"

    def __init__(self, value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(wire.write_json(value), status, headers)


class NoAnswer(Response):
    """The connection is closed without a byte."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        transport: asyncio.Transport = scope[TRANSPORT]
        transport.abort()
        await _gone(receive)


class HalfAnswer(Response):
    """Head and Content-Length of the whole answer, half of its body, then the connection is closed."""

    def __init__(self, whole: Response) -> None:
        super().__init__(whole.body, whole.status_code, whole.headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        transport: asyncio.Transport = scope[TRANSPORT]
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        half = bytes(self.body[: len(self.body) // 2])
        await send({"type": "http.response.body", "body": half, "more_body": True})
        transport.close()
        await _gone(receive)


async def _gone(receive: Receive) -> None:
    # The server calls an application that returns too early a fault of its own, and logs it.
    while (await receive())["type"] != "http.disconnect":
        pass
