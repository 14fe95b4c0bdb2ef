"""`uvicorn tests.bench.floor:app`: stores an order by one statement and answers true. Checks nothing."""

import json
import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from psycopg_pool import AsyncConnectionPool

Message = MutableMapping[str, Any]
STATEMENT = os.environ["FLOOR_STATEMENT"]
_pools: list[AsyncConnectionPool] = []


async def app(
    scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
) -> None:
    """Everything that is posted is an order."""
    if scope["type"] != "http":
        return
    if not _pools:
        pool = AsyncConnectionPool(os.environ["DATABASE_URL"], min_size=4, max_size=4, open=False)
        _pools.append(pool)
        await pool.open()
    if scope["method"] == "POST":
        body, more = b"", True
        while more:
            part = await receive()
            body, more = body + part.get("body", b""), part.get("more_body", False)
        async with _pools[0].connection() as connection:
            await connection.execute(STATEMENT, {"order_no": json.loads(body)["OrderNo"]}, prepare=True)
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]}
    )
    await send({"type": "http.response.body", "body": b"true"})
