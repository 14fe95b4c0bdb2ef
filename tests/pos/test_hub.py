"""The hub: no committed event is missed, and no error stops it."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest
from django.db import connection, transaction

from orders.events import record
from orders.models import OrderEvent, WebOrder
from pos.hub import GAPS_AT_MOST, ROWS_AT_A_TIME, EventCursor, Hub, Subscriber
from tests.demo.processes import happens
from tests.factories import NOW, Cast, new_order, received
from tests.pos.tablets import events_are_away

pytestmark = pytest.mark.django_db(transaction=True)
ODENSE = 996002
Result = TypeVar("Result")


@pytest.fixture
def order(cast: Cast) -> WebOrder:
    """An order in Aarhus, whose events the tests make."""
    return received(cast)


def event_of(order: WebOrder, pk: int | None = None) -> int:
    """A committed event, with this id if one is given."""
    made = OrderEvent(
        pk=pk,
        group_id=order.group_id,
        shop_id=order.shop_id,
        order=order,
        kind=OrderEvent.Kind.CHANGED,
        at=NOW,
    )
    made.save(force_insert=True)
    return made.pk


def test_what_happened_before_is_no_news(order: WebOrder) -> None:
    cursor = EventCursor()
    begun = cursor.begin()
    assert begun.shops == set()
    assert begun.known_to == order.events.get().pk
    assert cursor.read().shops == set()


def test_a_read_returns_the_shops_with_new_events(cast: Cast, order: WebOrder) -> None:
    cursor = EventCursor()
    cursor.begin()
    last = received(cast, new_order(shop_id=ODENSE)).events.get().pk
    news = cursor.read()
    assert news.shops == {cast.odense.pk}
    assert news.known_to == last
    assert cursor.read().shops == set()


def test_the_first_event_of_all_is_news(cast: Cast) -> None:
    cursor = EventCursor()
    assert cursor.begin().known_to == 0
    received(cast)
    assert cursor.read().shops == {cast.aarhus.pk}


def test_an_event_that_is_committed_after_a_later_one_is_not_overlooked(cast: Cast, order: WebOrder) -> None:
    for_odense = received(cast, new_order(shop_id=ODENSE))
    cursor = EventCursor()
    start = cursor.begin().known_to
    event_of(order, start + 3)
    early = cursor.read()
    assert (set(early.shops), early.known_to) == ({cast.aarhus.pk}, start)
    event_of(for_odense, start + 1)
    late = cursor.read()
    assert (set(late.shops), late.known_to) == ({cast.odense.pk}, start + 1)
    event_of(for_odense, start + 2)
    last = cursor.read()
    assert (set(last.shops), last.known_to) == ({cast.odense.pk}, start + 3)


def test_an_event_that_was_on_its_way_when_the_hub_began_is_not_overlooked(
    cast: Cast, order: WebOrder
) -> None:
    newest = order.events.get().pk
    event_of(order, newest + 2)
    cursor = EventCursor()
    assert cursor.begin().known_to == newest
    event_of(order, newest + 1)
    news = cursor.read()
    assert (set(news.shops), news.known_to) == ({cast.aarhus.pk}, newest + 2)


def test_events_of_the_slower_of_two_transactions_are_seen_too(cast: Cast, order: WebOrder) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one transaction write at a time: run by tests.with_postgres")
    for_odense = received(cast, new_order(shop_id=ODENSE))
    written, may_commit = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            record(for_odense, OrderEvent.Kind.CHANGED, NOW)
            written.set()
            assert may_commit.wait(10)
        connection.close()

    cursor = EventCursor()
    cursor.begin()
    thread = threading.Thread(target=slow)
    thread.start()
    assert written.wait(10)
    record(order, OrderEvent.Kind.CHANGED, NOW)
    assert cursor.read().shops == {cast.aarhus.pk}
    may_commit.set()
    thread.join(10)
    assert cursor.read().shops == {cast.odense.pk}


def test_an_id_that_never_comes_is_given_up(order: WebOrder) -> None:
    cursor = EventCursor(late_within=0)
    start = cursor.begin().known_to
    event_of(order, start + 5)
    assert cursor.read().known_to == start + 5
    assert cursor.missing == {}


def test_a_gap_of_a_million_ids_uses_bounded_memory(order: WebOrder) -> None:
    cursor = EventCursor()
    start = cursor.begin().known_to
    event_of(order, start + 1_000_000)
    assert cursor.read().known_to == start + 1_000_000 - GAPS_AT_MOST - 1
    assert len(cursor.missing) == GAPS_AT_MOST


@pytest.mark.slow
def test_many_events_are_read_in_batches(cast: Cast, order: WebOrder) -> None:
    cursor = EventCursor()
    cursor.begin()
    data = {"group_id": order.group_id, "order": order, "kind": OrderEvent.Kind.CHANGED, "at": NOW}
    flood = [OrderEvent(shop_id=cast.aarhus.pk, **data) for _ in range(ROWS_AT_A_TIME)]
    OrderEvent.objects.bulk_create([*flood, OrderEvent(shop_id=cast.odense.pk, **data)])
    first, second = cursor.read(), cursor.read()
    assert (set(first.shops), first.more) == ({cast.aarhus.pk}, True)
    assert (set(second.shops), second.more) == ({cast.odense.pk}, False)


def test_a_slow_listener_keeps_the_newest_nudge_only() -> None:
    async def scenario(hub: Hub) -> None:
        subscriber = Subscriber(1)
        subscriber.nudge(5)
        subscriber.nudge(6)
        assert await subscriber.next(5) == 6
        assert await subscriber.next(0) is None
        subscriber.nudge(7)
        subscriber.end()
        assert await subscriber.next(5) is None

    run(scenario)


def test_a_hub_survives_a_database_that_does_not_answer(cast: Cast, order: WebOrder) -> None:
    async def scenario(hub: Hub) -> None:
        subscriber = Subscriber(order.shop_id)
        await hub.join(subscriber)
        assert await in_thread(lambda: becomes_unhealthy(hub))
        made = await in_thread(lambda: event_of(order))
        assert await subscriber.next(5) == made
        assert hub.is_healthy

    run(scenario, Hub(poll_every=0.05, unhealthy_after=0.05))


def test_a_hub_survives_an_unexpected_error(order: WebOrder) -> None:
    async def scenario(hub: Hub) -> None:
        subscriber = Subscriber(order.shop_id)
        await hub.join(subscriber)
        cursor.late_within = "a word where a number is meant"  # type: ignore[assignment]
        assert await in_thread(lambda: happens(lambda: not hub.is_healthy))
        cursor.late_within = 60
        made = await in_thread(lambda: event_of(order))
        assert await subscriber.next(5) == made

    cursor = EventCursor()
    run(scenario, Hub(poll_every=0.05, unhealthy_after=0.05, cursor=cursor))


def test_a_hub_without_subscribers_pauses_and_resumes_at_the_newest_event(order: WebOrder) -> None:
    async def scenario(hub: Hub) -> None:
        first, second = Subscriber(order.shop_id), Subscriber(order.shop_id)
        await hub.join(first)
        hub.leave(first)
        assert await in_thread(lambda: happens(lambda: not hub._ready.is_set()))
        newest = await in_thread(lambda: event_of(order))
        assert await hub.join(second) == newest
        made = await in_thread(lambda: event_of(order))
        assert await second.next(5) == made
        assert await first.next(0) is None

    run(scenario)


def test_a_stopping_hub_ends_all_streams_and_takes_no_new_ones(order: WebOrder) -> None:
    async def scenario(hub: Hub) -> None:
        before, after = Subscriber(order.shop_id), Subscriber(order.shop_id)
        await hub.join(before)
        hub.end_all()
        assert before.ended
        await hub.join(after)
        assert after.ended
        await hub.stop()
        await hub.join(after)
        assert hub._tasks == []

    run(scenario)


def becomes_unhealthy(hub: Hub) -> bool:
    """Whether it becomes unhealthy when the events cannot be read."""
    with events_are_away():
        return happens(lambda: not hub.is_healthy)


def run(scenario: Callable[[Hub], Awaitable[None]], hub: Hub | None = None) -> None:
    """Runs it with a hub that is stopped at the end."""

    async def whole() -> None:
        used = hub or Hub(poll_every=0.05)
        try:
            async with asyncio.timeout(20):
                await scenario(used)
        finally:
            await used.stop()

    asyncio.run(whole())


async def in_thread(work: Callable[[], Result]) -> Result:
    """Runs database work in a thread while the loop runs."""

    def ask() -> Result:
        try:
            return work()
        finally:
            connection.close()

    return await asyncio.to_thread(ask)
