"""The tablets' streams, over real sockets: who may listen, who is notified when, and how streams end."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import ExitStack
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from core import wakeups
from core.headers import EVERYWHERE
from orders import picking
from orders.events import record
from orders.models import OrderEvent, WebOrder
from pos.hub import Hub, Subscriber
from pos.live import LiveAlerts, Timing
from tests.demo.processes import happens
from tests.factories import NOW, Cast, new_order, received
from tests.pos.tablets import (
    ServedApart,
    ServedHere,
    StreamEvent,
    Tablet,
    cookie_of,
    events_are_away,
    seconds_since,
)
from tests.valkey import RunningValkey

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
SOON = 1.0  # seconds in which a tablet blinks
TRIES = 10
BrowserOf = Callable[[str], Client]
ODENSE = 996002


@pytest.fixture
def order(cast: Cast) -> WebOrder:
    """An order in Aarhus."""
    return received(cast)


@pytest.fixture
def served(order: WebOrder) -> Iterator[ServedHere]:
    """The portal with its default timing; there was an order before."""
    with ServedHere() as portal:
        yield portal


@pytest.mark.any_database
def test_an_order_for_aarhus_alerts_there_within_a_second_and_not_in_odense(
    cast: Cast, browser_of: BrowserOf, served: ServedHere
) -> None:
    with (
        served.tablet(cast.aarhus.pk, browser_of("aarhus")) as aarhus,
        served.tablet(cast.odense.pk, browser_of("odense")) as odense,
    ):
        assert None not in (aarhus.next_named("hello"), odense.next_named("hello"))
        assert delay_of(lambda: received(cast), aarhus) < SOON
        for_odense = received(cast, new_order(shop_id=ODENSE)).events.get().pk
        assert odense.next_event() == StreamEvent("changed", for_odense)


@pytest.mark.any_database
def test_every_step_of_an_order_notifies_the_tablets(
    cast: Cast, order: WebOrder, browser_of: BrowserOf, served: ServedHere
) -> None:
    with served.tablet(cast.aarhus.pk, browser_of("manager")) as tablet:
        tablet.next_named("hello")
        picking.accept(order, cast.person("aarhus"), NOW)
        event = tablet.next_named("changed")
    assert event
    assert event.number == order.events.latest("pk").pk


@pytest.mark.any_database
def test_with_valkey_nobody_waits_for_the_clock(
    cast: Cast, order: WebOrder, browser_of: BrowserOf, valkey: RunningValkey
) -> None:
    with (
        ServedHere(Hub(poll_every=60)) as portal,
        portal.tablet(cast.aarhus.pk, browser_of("aarhus")) as tablet,
    ):
        tablet.next_named("hello")
        assert happens(lambda: valkey.subscribers_of(wakeups.EVENTS) == 1)
        assert delay_of(lambda: record(order, OrderEvent.Kind.CHANGED, NOW), tablet) < SOON


@pytest.mark.any_database
def test_without_valkey_the_hub_polls_and_reconnects_later(
    cast: Cast, order: WebOrder, browser_of: BrowserOf, valkey: RunningValkey
) -> None:
    with ServedHere() as portal, portal.tablet(cast.aarhus.pk, browser_of("aarhus")) as tablet:
        tablet.next_named("hello")
        assert happens(lambda: valkey.subscribers_of(wakeups.EVENTS) == 1)
        valkey.kill()
        record(order, OrderEvent.Kind.CHANGED, NOW)
        assert tablet.next_named("changed")
        valkey.start()
        assert happens(lambda: valkey.subscribers_of(wakeups.EVENTS) == 1)
        portal.hub.poll_every = 60
        record(order, OrderEvent.Kind.CHANGED, NOW)
        assert tablet.next_named("changed")


def test_a_reconnecting_tablet_is_told_that_it_missed_events(
    cast: Cast, browser_of: BrowserOf, served: ServedHere
) -> None:
    client = browser_of("aarhus")
    with served.tablet(cast.aarhus.pk, client) as tablet:
        hello = tablet.next_event()
    assert hello
    received(cast)
    with served.tablet(cast.aarhus.pk, client, last=str(hello.number)) as tablet:
        again, nudge = tablet.next_event(), tablet.next_event()
    assert again
    assert again.name == "hello"
    assert nudge
    assert nudge.name == "changed"


def test_a_reconnecting_tablet_that_missed_nothing_is_not_notified(
    cast: Cast, order: WebOrder, browser_of: BrowserOf, served: ServedHere
) -> None:
    client = browser_of("aarhus")
    received(cast, new_order(shop_id=ODENSE))
    numbers = ["", str(order.events.get().pk), "nonsense", "-1", "9" * 40]
    with ExitStack() as left:
        tablets = [left.enter_context(served.tablet(cast.aarhus.pk, client, last=last)) for last in numbers]
        for tablet in tablets:
            tablet.next_named("hello")
        news = received(cast).events.get().pk
        events = [tablet.next_event() for tablet in tablets]
    assert events == [StreamEvent("changed", news)] * len(numbers)


def test_the_stream_is_one_that_nobody_keeps_back(
    cast: Cast, browser_of: BrowserOf, served: ServedHere
) -> None:
    with served.tablet(cast.aarhus.pk, browser_of("aarhus")) as tablet:
        assert tablet.status == 200
        assert tablet.headers["Content-Type"] == "text/event-stream"
        assert tablet.headers["Cache-Control"] == "no-store"
        assert tablet.headers["X-Accel-Buffering"] == "no"
        assert {name: tablet.headers[name] for name in EVERYWHERE} == EVERYWHERE


def test_people_listen_in_their_own_shops_only(cast: Cast, browser_of: BrowserOf, served: ServedHere) -> None:
    shops = {
        "aarhus": cast.aarhus.pk,
        "odense": cast.odense.pk,
        "turnover": cast.turnover_shop.pk,
        "fjord": cast.shop(997001).pk,
        "nowhere": 10**9,
    }
    open_to = {
        "aarhus": {"aarhus"},
        "manager": {"aarhus"},
        "odense": {"odense"},
        "office": {"aarhus", "odense", "turnover"},
        "fjord staff": {"fjord"},
        "fjord office": {"fjord"},
    }
    for who, theirs in open_to.items():
        client = browser_of(who)
        for name, shop in shops.items():
            with served.tablet(shop, client) as tablet:
                assert (who, name, tablet.status) == (who, name, 200 if name in theirs else 404)


def test_a_stream_needs_a_session(cast: Cast, browser_of: BrowserOf, served: ServedHere) -> None:
    invented, left, dismissed = browser_of("aarhus"), browser_of("aarhus"), browser_of("odense")
    invented.cookies["sessionid"] = "invented"
    cookie = left.cookies["sessionid"].value
    left.logout()
    left.cookies["sessionid"] = cookie
    gone = cast.person("odense")
    gone.is_active = False
    gone.save()
    for client, shop in (
        (None, cast.aarhus),
        (invented, cast.aarhus),
        (left, cast.aarhus),
        (dismissed, cast.odense),
    ):
        with served.tablet(shop.pk, client) as tablet:
            assert tablet.status == 401


def test_there_are_no_other_streams(browser_of: BrowserOf, served: ServedHere) -> None:
    client = browser_of("office")
    for rest in ("", "shop/", "shop/aarhus/", "shop/1", "shop/-1/"):
        with served.tablet(f"/events/{rest}", client) as tablet:
            assert tablet.status == 404


def test_a_stream_can_only_be_read(cast: Cast, browser_of: BrowserOf, served: ServedHere) -> None:
    with served.tablet(cast.aarhus.pk, browser_of("aarhus"), method="POST") as tablet:
        assert tablet.status == 405
        assert tablet.headers["Allow"] == "GET"


def test_django_answers_while_streams_are_open(cast: Cast, served: ServedHere) -> None:
    with served.tablet("/healthz") as answer:
        assert answer.status == 200


@pytest.mark.any_database
def test_the_stream_ends_at_a_log_out(cast: Cast, browser_of: BrowserOf) -> None:
    client = browser_of("aarhus")
    with (
        ServedHere(timing=Timing(check_session=0.05)) as portal,
        portal.tablet(cast.aarhus.pk, client) as tablet,
    ):
        tablet.next_named("hello")
        client.logout()
        assert tablet.next_named("bye")
        received(cast)
        assert tablet.next_event() is None


def test_the_stream_ends_for_a_person_moved_to_another_shop(cast: Cast, browser_of: BrowserOf) -> None:
    with (
        ServedHere(timing=Timing(check_session=0.05)) as portal,
        portal.tablet(cast.aarhus.pk, browser_of("aarhus")) as tablet,
    ):
        tablet.next_named("hello")
        cast.person("aarhus").memberships.all().delete()
        assert tablet.next_named("bye")
        assert tablet.next_event() is None


@pytest.mark.any_database
def test_a_quiet_stream_pings_and_ends_in_time(cast: Cast, browser_of: BrowserOf) -> None:
    with (
        ServedHere(timing=Timing(ping=0.02, longest_stream=0.3)) as portal,
        portal.tablet(cast.aarhus.pk, browser_of("aarhus")) as tablet,
    ):
        names = [event.name for event in iter(tablet.next_event, None)]
    assert names[0] == "hello"
    assert len(names) > 1
    assert set(names[1:]) == {"ping"}


def test_no_tablet_believes_that_it_is_live_while_the_events_cannot_be_read(
    cast: Cast, browser_of: BrowserOf
) -> None:
    client = browser_of("aarhus")
    hub = Hub(poll_every=0.05, unhealthy_after=0.1)
    with ServedHere(hub, Timing(ping=0.05, wait_for_hub=0.2)) as portal:
        with portal.tablet(cast.aarhus.pk, client) as tablet:
            tablet.next_named("hello")
            with events_are_away():
                assert tablet.next_named("never said") is None
                with portal.tablet(cast.aarhus.pk, client) as refused:
                    assert refused.status == 503
        assert happens(lambda: _status(portal, cast.aarhus.pk, client) == 200)


@pytest.mark.slow
def test_300_tablets_cost_no_thread_and_no_database_connection_each(
    cast: Cast, browser_of: BrowserOf, served: ServedHere
) -> None:
    client = browser_of("aarhus")
    with served.tablet(cast.aarhus.pk, client) as first:
        first.next_named("hello")
        threads = threading.active_count()
    with ExitStack() as left:
        tablets = [left.enter_context(served.tablet(cast.aarhus.pk, client)) for _ in range(300)]
        assert {tablet.status for tablet in tablets} == {200}
        for tablet in tablets:
            tablet.next_named("hello")
        assert threading.active_count() <= threads + 4  # the queries', for a moment each
        assert happens(lambda: _connections() <= 2)  # the hub's and this test's own
        received(cast)
        events = [tablet.next_named("changed") for tablet in tablets]
    assert None not in events
    assert happens(lambda: not served.hub._subscribers)
    assert happens(lambda: _connections() <= 1)


def test_a_tablet_that_went_dark_holds_nobody_up_and_is_freed(cast: Cast, browser_of: BrowserOf) -> None:
    cookie, shop = cookie_of(browser_of("aarhus")), cast.aarhus.pk
    seen: list[int | None] = []

    async def scenario() -> None:
        hub = Hub(poll_every=0.05)
        alerts = LiveAlerts(hub, Timing(ping=0.1, longest_stream=0.5))
        scope: dict[str, Any] = {
            "type": "http",
            "method": "GET",
            "path": f"/events/shop/{shop}/",
            "headers": [(b"cookie", cookie.encode())],
        }
        stuck = asyncio.Event()

        async def never_gone() -> MutableMapping[str, Any]:
            await asyncio.Event().wait()
            return {}

        async def stops_taking(message: MutableMapping[str, Any]) -> None:
            if b"changed" in message.get("body", b""):
                stuck.set()
                await asyncio.Event().wait()

        dark = asyncio.create_task(alerts(scope, never_gone, stops_taking))
        awake = Subscriber(shop)
        await hub.join(awake)
        assert await asyncio.to_thread(happens, lambda: len(hub._subscribers[shop]) == 2)
        await asyncio.to_thread(_in_a_thread, lambda: received(cast))
        seen.append(await awake.next(5))
        await asyncio.wait_for(stuck.wait(), 5)
        await asyncio.to_thread(_in_a_thread, lambda: received(cast))
        seen.append(await awake.next(5))
        await asyncio.wait_for(dark, 5)
        assert hub._subscribers == {shop: {awake}}
        await hub.stop()
        alerts._queries.shutdown()

    asyncio.run(scenario())
    assert None not in seen
    assert len(seen) == 2


@pytest.mark.slow
@pytest.mark.any_database
def test_a_server_that_is_told_to_stop_ends_its_streams_at_once(cast: Cast, browser_of: BrowserOf) -> None:
    with ServedApart({"DEMO": "1"}) as portal:
        assert happens(portal.listens)
        with portal.tablet(cast.aarhus.pk, browser_of("aarhus")) as tablet:
            tablet.next_named("hello")
            portal.terminate()
            began = time.monotonic()
            assert tablet.next_named("never said") is None
            _code, said = portal.ended(30)
            assert seconds_since(began) < 20
    assert "Application shutdown complete" in said
    assert "Traceback" not in said


@pytest.mark.slow
@pytest.mark.any_database
def test_a_real_installation_does_not_start_with_the_keys_of_the_demo(cast: Cast) -> None:
    with ServedApart({"DEMO": "0"}) as portal:
        code, said = portal.ended(60)
    assert code != 0
    assert "This database accepts secrets of the demo" in said
    assert "Traceback" not in said


def delay_of(action: Callable[[], object], tablet: Tablet) -> float:
    """Seconds until a tablet is notified: the best of several tries, because the machine may be busy."""
    delays: list[float] = []
    while len(delays) < 3 or (min(delays) >= SOON and len(delays) < TRIES):
        began = time.monotonic()
        action()
        assert tablet.next_named("changed")
        delays.append(seconds_since(began))
    return min(delays)


def _status(portal: ServedHere, shop: int, client: Client) -> int:
    with portal.tablet(shop, client) as tablet:
        return tablet.status


def _in_a_thread(work: Callable[[], object]) -> None:
    try:
        work()
    finally:
        connection.close()


def _connections() -> int:
    """Open connections to the test's database; SQLite has none to run out of."""
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        return int(cursor.fetchone()[0])
