"""One hub per process reads the order events of all shops and notifies the tablets that listen.

The table is the source of truth and is polled; a message from Redis only makes the next poll come sooner.
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
POLL_EVERY: Final = 0.5  # seconds between two polls without a message from Redis
PAUSE: Final = 0.03  # seconds after a poll: a burst of messages leads to one poll
RETRY_REDIS: Final = (0.5, 1, 2, 5)  # seconds
LATE_WITHIN: Final = 60.0  # seconds in which a row with a lower id may still be committed
GAPS_AT_MOST: Final = 1000
ROWS_AT_A_TIME: Final = 2000
LOOK_BACK: Final = 1000
UNHEALTHY_AFTER: Final = 5.0  # seconds without a successful poll
TROUBLE: Final = (DatabaseError, InterfaceError, OSError)
Result = TypeVar("Result")


@dataclass(frozen=True)
class News:
    """The shops (by primary key) with new events, and the id up to which all events were seen."""

    shops: frozenset[int]
    known_to: int
    more: bool = False


@dataclass
class EventCursor:
    """How far the events were read. Ids are assigned before the commit, so a lower one may appear later: gaps
    between ids are read again until they are too old to be filled."""

    late_within: float = LATE_WITHIN
    last: int = 0
    missing: dict[int, float] = field(default_factory=dict)

    @property
    def known_to(self) -> int:
        """All events up to this id were seen, or will never be committed."""
        return min(self.missing, default=self.last + 1) - 1

    def begin(self) -> News:
        """Starts at the newest event; only what is committed from now on is new."""
        newest = list(OrderEvent.objects.order_by("-pk").values_list("pk", flat=True)[:LOOK_BACK])
        self.missing.clear()
        self.last = newest[-1] if newest else 0
        self._advance(newest[::-1])
        return News(frozenset(), self.known_to)

    def read(self) -> News:
        """What was committed since the last poll, in all shops."""
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
    """One tablet's stream in one shop. Holds at most one pending notification, the newest."""

    def __init__(self, shop: int) -> None:
        self.shop = shop
        self.ended = False
        self._nudge: int | None = None
        self._woken = asyncio.Event()

    def nudge(self, event_id: int) -> None:
        """Something happened in the shop."""
        self._nudge = event_id
        self._woken.set()

    def end(self) -> None:
        """Closes the stream: the tablet has left, or the server stops."""
        self.ended = True
        self._woken.set()

    async def next(self, seconds: float) -> int | None:
        """The next event id; None when there is none within `seconds`, or when the stream ended."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        self._woken.clear()
        nudge, self._nudge = self._nudge, None
        return None if self.ended else nudge


class Hub:
    """Subscribers by shop; one database thread and at most one Redis subscription for any number of
    tablets."""

    def __init__(
        self,
        poll_every: float = POLL_EVERY,
        unhealthy_after: float = UNHEALTHY_AFTER,
        cursor: EventCursor | None = None,
    ) -> None:
        self.poll_every = poll_every
        # Waiting for the next poll is not unhealthy.
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
        """Whether the table was read recently; tablets must not trust an unhealthy hub."""
        return time.monotonic() - self._polled_at < self.unhealthy_after

    @property
    def streams(self) -> int:
        """How many tablets listen; of any thread."""
        return sum(len(listening) for listening in list(self._subscribers.values()))

    def start(self) -> None:
        """Starts the tasks in this event loop; nothing is read before the first subscriber."""
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
        self._ready.set()  # releases those who wait in `join`
        for subscriber in [one for group in self._subscribers.values() for one in group]:
            subscriber.end()

    async def join(self, subscriber: Subscriber) -> int:
        """Adds the subscriber; it is notified of every event after the id that is returned."""
        if self.stopping:
            subscriber.end()
            return self._known_to
        self.start()
        self._subscribers[subscriber.shop].add(subscriber)
        self._has_subscribers.set()
        await self._ready.wait()
        return self._known_to

    def leave(self, subscriber: Subscriber) -> None:
        """Removes the subscriber; without any the hub stops polling."""
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
            await asyncio.sleep(PAUSE)
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
            # Catch all: the next poll may succeed, and without one no tablet would ever be notified again.
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
        """Closes the database connection of the hub's thread."""
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
