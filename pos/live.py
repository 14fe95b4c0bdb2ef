"""The live route of the tablets: `/events/shop/<Shop.pk>/`, server-sent events beside Django.

A plain ASGI callable, because a Django view would cost a thread and a database connection per tablet. It only
says that something changed; the page then asks the ordinary, authorised views what.
"""

from __future__ import annotations

import asyncio
import logging
import random
import re
import signal
import threading
import time
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from types import FrameType
from typing import Any, Final

from django.conf import settings
from django.contrib.auth import get_user
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, InterfaceError, connections
from django.http import HttpRequest, parse_cookie

from accounts.access import shops_of, work_shops_of
from accounts.models import User
from accounts.viewer import Viewer
from core import headers
from orders.models import OrderEvent
from pos.hub import Hub, Subscriber

log = logging.getLogger(__name__)
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Handler = Callable[[int, FrameType | None], Any]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

PATH: Final = re.compile(r"/events/shop/([0-9]{1,18})/")
EVENT_ID: Final = re.compile(r"[0-9]{1,18}")
QUERY_THREADS: Final = 4
OPEN: Final = 200
HEADERS: Final = (
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    *headers.as_bytes(),
)


@dataclass(frozen=True)
class Timing:
    """Timeouts and intervals, in seconds."""

    ping: float = 15
    silence: float = 40  # a tablet that gets no ping for so long takes the connection for lost
    check_session: float = 180
    longest_stream: float = 15 * 60
    wait_for_hub: float = 5


def status_for(cookie: str, shop: int) -> int:
    """200 when the session in this Cookie header may listen to the shop, 401 without a session, else 404."""
    request = HttpRequest()
    store = import_module(settings.SESSION_ENGINE).SessionStore
    request.session = store(parse_cookie(cookie).get(settings.SESSION_COOKIE_NAME))
    user = get_user(request)
    if not isinstance(user, User) or not user.is_active:
        return 401
    viewer = Viewer.of(user)
    shops = shops_of(viewer) if user.is_head_office else work_shops_of(viewer)
    return OPEN if shops.filter(pk=shop).exists() else 404


def has_events_since(shop: int, event_id: int) -> bool:
    """Whether the shop has newer events than this one."""
    return OrderEvent.objects.filter(shop_id=shop, pk__gt=event_id).exists()


class LiveAlerts:
    """The ASGI callable of the route."""

    def __init__(self, hub: Hub, timing: Timing | None = None) -> None:
        self.hub = hub
        self.timing = timing or Timing()
        # Few threads: after a restart every tablet of the chain connects in the same second.
        self._queries = ThreadPoolExecutor(QUERY_THREADS, "live-queries")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = PATH.fullmatch(_path(scope))
        if found is None:
            return await _refuse(send, 404)
        if scope["method"] != "GET":
            return await _refuse(send, 405)
        if self.hub.stopping:
            return await _refuse(send, 503)
        shop, headers = int(found[1]), dict(scope["headers"])
        # HTTP/2 may split the cookie into several headers.
        cookie = "; ".join(value.decode("latin-1") for name, value in scope["headers"] if name == b"cookie")
        last = headers.get(b"last-event-id", b"").decode("latin-1")
        subscriber = Subscriber(shop)
        try:
            status = await self._query(status_for, cookie, shop)
            if status != OPEN:
                return await _refuse(send, status)
            async with asyncio.timeout(self.timing.wait_for_hub):
                known_to = await self.hub.join(subscriber)
            if subscriber.ended or not self.hub.is_healthy:
                return await _refuse(send, 503)
            if EVENT_ID.fullmatch(last) and await self._query(has_events_since, shop, int(last)):
                subscriber.nudge(known_to)
            await self._stream(subscriber, cookie, known_to, receive, send)
        except (DatabaseError, InterfaceError, TimeoutError) as error:
            log.warning("a tablet of shop %s cannot listen now: %s", shop, error or "the hub does not stand")
            await _refuse(send, 503)
        finally:
            self.hub.leave(subscriber)

    async def _stream(
        self, subscriber: Subscriber, cookie: str, known_to: int, receive: Receive, send: Send
    ) -> None:
        await send({"type": "http.response.start", "status": OPEN, "headers": list(HEADERS)})
        watch = asyncio.create_task(_end_when_gone(subscriber, receive))
        try:
            # Spread over two seconds, so that after a restart not all tablets come at once.
            await _send_text(send, f"retry: {random.randint(1000, 3000)}\n" + _event("hello", known_to))  # noqa: S311
            # When a tablet disappears without closing, `send` would wait for ever; the timeout frees its
            # stream.
            async with asyncio.timeout(self.timing.longest_stream + 2 * self.timing.ping):
                await self._send_events(subscriber, cookie, send)
                await send({"type": "http.response.body", "body": b""})
        except TimeoutError:
            log.info("a tablet of shop %s stopped taking what it is sent", subscriber.shop)
        finally:
            watch.cancel()

    async def _send_events(self, subscriber: Subscriber, cookie: str, send: Send) -> None:
        now = time.monotonic()
        # Randomly shorter, so that tablets that connected together do not reconnect together.
        end_at = now + self.timing.longest_stream * random.uniform(0.8, 1)  # noqa: S311
        check_at, ping_at = now + self.timing.check_session, now + self.timing.ping
        while not subscriber.ended and now < end_at:
            nudge = await subscriber.next(max(0.0, min(end_at, check_at, ping_at) - now))
            if nudge is not None:
                await _send_text(send, _event("changed", nudge))
            now = time.monotonic()
            if now >= check_at:
                if not await self._may_still_listen(cookie, subscriber.shop):
                    return await _send_text(send, _event("bye"))
                check_at = now + self.timing.check_session
            if now >= ping_at:
                if not self.hub.is_healthy:
                    return None  # without a ping the tablet sees that it is not live
                await _send_text(send, _event("ping"))
                ping_at = now + self.timing.ping
        return None

    async def _may_still_listen(self, cookie: str, shop: int) -> bool:
        try:
            return bool(await self._query(status_for, cookie, shop) == OPEN)
        except (DatabaseError, InterfaceError) as error:
            log.warning("a session cannot be checked now: %s", error)
            return True

    async def _query(self, question: Callable[..., Any], *data: object) -> Any:
        """Runs one short database query in a thread and closes the connection at once."""

        def run() -> Any:
            try:
                return question(*data)
            finally:
                connections.close_all()

        return await asyncio.get_running_loop().run_in_executor(self._queries, run)

    async def lifespan(self, receive: Receive, send: Send, may_start: Callable[[], None]) -> None:
        """Starts and stops the hub with the server, which ends at once when `may_start` raises."""
        await receive()
        try:
            await self._query(may_start)
        except Exception as error:
            # Sent, not raised: servers take an exception here for an application without lifespan support.
            known = isinstance(error, (ImproperlyConfigured, DatabaseError, InterfaceError))
            log.error("the portal does not start", exc_info=not known)
            return await send({"type": "lifespan.startup.failed", "message": str(error)})
        self.hub.start()
        handlers = _end_on_signals(self.hub)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        for number, handler in handlers.items():
            signal.signal(number, handler)
        await self.hub.stop()
        self._queries.shutdown()
        return await send({"type": "lifespan.shutdown.complete"})


def with_live_route(pages: App, alerts: LiveAlerts, may_start: Callable[[], None]) -> App:
    """One application: the live route under /events/, Django for everything else."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await alerts.lifespan(receive, send, may_start)
        elif scope["type"] == "http" and _path(scope).startswith("/events/"):
            await alerts(scope, receive, send)
        else:
            await pages(scope, receive, send)

    return application


def _path(scope: Scope) -> str:
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


def _end_on_signals(hub: Hub) -> dict[signal.Signals, Handler]:
    """Ends the streams on SIGTERM and SIGINT: servers wait for open streams before they send lifespan's
    shutdown. The server's own handlers still run; returns them, to be restored."""
    if threading.current_thread() is not threading.main_thread():
        return {}
    loop = asyncio.get_running_loop()
    before: dict[signal.Signals, Handler] = {}

    def end(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(hub.end_all)
        before[signal.Signals(number)](number, frame)

    for number in (signal.SIGTERM, signal.SIGINT):
        handler = signal.getsignal(number)
        if callable(handler):
            before[number] = handler
            signal.signal(number, end)
    return before


async def _end_when_gone(subscriber: Subscriber, receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    subscriber.end()


def _event(name: str, event_id: int | None = None) -> str:
    number = "" if event_id is None else f"id: {event_id}\n"
    return f"event: {name}\n{number}data: {{}}\n\n"


async def _send_text(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


async def _refuse(send: Send, status: int) -> None:
    told = [(b"cache-control", b"no-store"), (b"content-length", b"0"), (b"allow", b"GET")]
    await send({"type": "http.response.start", "status": status, "headers": [*told, *headers.as_bytes()]})
    await send({"type": "http.response.body", "body": b""})
