"""One hub in each process: it reads the order events of all shops and nudges the tablets that listen.

The table is the truth and is looked at by the clock; Redis only makes it be looked at sooner.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final, TypeVar

import redis.asyncio
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connections
from redis.exceptions import RedisError

from core import wakeups
from orders.models import OrderEvent

log = logging.getLogger(__name__)
POLL_EVERY: Final = 0.5  # seconds between two looks when nothing rings
REST: Final = 0.03  # seconds after a look: the rings of one burst become one look
RETRY_REDIS: Final = (0.5, 1, 2, 5)  # seconds
LATE_WITHIN: Final = 60.0  # seconds in which a row that was given its id earlier may still be committed
GAPS_AT_MOST: Final = 1000
ROWS_AT_A_TIME: Final = 2000
LOOK_BACK: Final = 1000
UNHEALTHY_AFTER: Final = 5.0  # seconds without a look at the table
TROUBLE: Final = (DatabaseError, InterfaceError, OSError)
Result = TypeVar("Result")


@dataclass(frozen=True)
class News:
    """The shops (by primary key) where something happened, and the id up to which nothing was overlooked."""

    shops: frozenset[int]
    known_to: int
    more: bool = False


@dataclass
class EventCursor:
    """How far the events were read. Ids are given before the commit, so a lower one may show up later:
    the ids that are missing between others are looked for again until they are too old to come."""

    late_within: float = LATE_WITHIN
    last: int = 0
    missing: dict[int, float] = field(default_factory=dict)

    @property
    def known_to(self) -> int:
        """Everything up to this id was seen, or will never come."""
        return min(self.missing, default=self.last + 1) - 1

    def begin(self) -> News:
        """Stands at the newest event; only what is committed from now on is news."""
        newest = list(OrderEvent.objects.order_by("-pk").values_list("pk", flat=True)[:LOOK_BACK])
        self.missing.clear()
        self.last = newest[-1] if newest else 0
        self._advance(newest[::-1])
        return News(frozenset(), self.known_to)

    def read(self) -> News:
        """What was committed since the last look, of all shops."""
        rows = list(
            OrderEvent.objects.filter(pk__gt=self.last)
            .order_by("pk")
            .values_list("pk", "shop_id")[:ROWS_AT_A_TIME]
        )
        late = []
        if self.missing:
            late = list(OrderEvent.objects.filter(pk__in=list(self.missing)).values_list("pk", "shop_id"))
        self._advance([pk for pk, _shop in rows])
        for pk, _shop in late:
            self.missing.pop(pk, None)
        shops = frozenset(shop for _pk, shop in (*rows, *late))
        return News(shops, self.known_to, more=len(rows) == ROWS_AT_A_TIME)

    def _advance(self, ids: list[int]) -> None:
        now = time.monotonic()
        for pk in ids:
            for gap in range(max(self.last + 1, pk - GAPS_AT_MOST), pk):
                self.missing[gap] = now
            self.last = pk
        too_old = now - self.late_within
        kept = [(gap, since) for gap, since in self.missing.items() if since > too_old]
        self.missing = dict(kept[-GAPS_AT_MOST:])


class Subscriber:
    """A tablet's ear in one shop. However slow it is, it keeps one nudge: the newest."""

    def __init__(self, shop: int) -> None:
        self.shop = shop
        self.ended = False
        self._nudge: int | None = None
        self._woken = asyncio.Event()

    def nudge(self, event_id: int) -> None:
        """Something happened in its shop."""
        self._nudge = event_id
        self._woken.set()

    def end(self) -> None:
        """The stream is to close: the tablet left, or the server stops."""
        self.ended = True
        self._woken.set()

    async def next(self, seconds: float) -> int | None:
        """The next nudge; None when there is none within `seconds`, or when it ended."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        self._woken.clear()
        nudge, self._nudge = self._nudge, None
        return None if self.ended else nudge


class Hub:
    """Listeners by shop; one database thread and at most one Redis subscription for any number of tablets."""

    def __init__(
        self,
        poll_every: float = POLL_EVERY,
        unhealthy_after: float = UNHEALTHY_AFTER,
        cursor: EventCursor | None = None,
    ) -> None:
        self.poll_every = poll_every
        # A hub that rests between two looks is not deaf.
        self.unhealthy_after = unhealthy_after + poll_every
        self._cursor = cursor or EventCursor()
        self._subscribers: dict[int, set[Subscriber]] = defaultdict(set)
        self._tasks: list[asyncio.Task[None]] = []
        self._thread: ThreadPoolExecutor | None = None
        self._known_to = 0
        self._polled_at = float("-inf")
        self._woken_up, self._has_subscribers, self._ready = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.stopping = False

    @property
    def is_healthy(self) -> bool:
        """Whether the table was read lately; a tablet that is connected to a deaf hub is not live."""
        return time.monotonic() - self._polled_at < self.unhealthy_after

    def start(self) -> None:
        """Begins to run in this event loop; nothing is read before somebody listens."""
        if self._tasks or self.stopping:
            return
        self._thread = ThreadPoolExecutor(1, "order-events")
        self._tasks = [asyncio.create_task(self._tail(), name="order-events")]
        if settings.REDIS_URL:
            self._tasks.append(asyncio.create_task(self._listen_for_wakeups(), name="wakeups"))

    async def stop(self) -> None:
        """Ends all streams and gives the database connection back."""
        self.end_all()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        if self._thread:
            await self._close_connection()
            self._thread.shutdown()
            self._thread = None

    def end_all(self) -> None:
        """Tells every stream to close; new ones end at once."""
        self.stopping = True
        self._ready.set()  # who waits for it waits no longer
        for subscriber in [one for group in self._subscribers.values() for one in group]:
            subscriber.end()

    async def join(self, subscriber: Subscriber) -> int:
        """From the id it returns on, nothing in the listener's shop is overlooked."""
        if self.stopping:
            subscriber.end()
            return self._known_to
        self.start()
        self._subscribers[subscriber.shop].add(subscriber)
        self._has_subscribers.set()
        await self._ready.wait()
        return self._known_to

    def leave(self, subscriber: Subscriber) -> None:
        """The last one to leave lets the hub rest."""
        subscribers = self._subscribers.get(subscriber.shop, set())
        subscribers.discard(subscriber)
        if not subscribers:
            self._subscribers.pop(subscriber.shop, None)
        if not self._subscribers:
            self._has_subscribers.clear()

    async def _tail(self) -> None:
        while True:
            if not self._subscribers:
                self._ready.clear()
                await self._close_connection()
                await self._has_subscribers.wait()
            more = await self._poll()
            await asyncio.sleep(REST)
            if not more:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self.poll_every):
                        await self._woken_up.wait()
            self._woken_up.clear()

    async def _poll(self) -> bool:
        is_ready = self._ready.is_set()
        try:
            news = await self._in_thread(self._cursor.read if is_ready else self._cursor.begin)
        except Exception as error:
            # Whatever it is, the next look may succeed; without one all tablets would be deaf for good.
            log.warning("order events cannot be read now: %s", error, exc_info=not isinstance(error, TROUBLE))
            await self._close_connection()
            return False
        self._known_to, self._polled_at = news.known_to, time.monotonic()
        self._ready.set()
        for shop in news.shops:
            for subscriber in self._subscribers.get(shop, ()):
                subscriber.nudge(news.known_to)
        return news.more

    async def _close_connection(self) -> None:
        """Gives the database connection back."""
        try:
            await self._in_thread(connections.close_all)
        except TROUBLE as error:
            log.warning("a database connection did not close: %s", error)

    async def _in_thread(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def _listen_for_wakeups(self) -> None:
        failures = 0
        while True:
            try:
                client = redis.asyncio.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2)
                async with client, client.pubsub() as pubsub:
                    await pubsub.subscribe(wakeups.EVENTS)
                    async for _message in pubsub.listen():
                        failures = 0
                        self._woken_up.set()
            except (RedisError, OSError, ValueError) as error:
                if not failures:
                    log.warning("no message wakes this process, events are looked at by the clock: %s", error)
            await asyncio.sleep(RETRY_REDIS[min(failures, len(RETRY_REDIS) - 1)])
            failures += 1
