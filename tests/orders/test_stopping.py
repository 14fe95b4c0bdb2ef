"""A worker that is told to stop ends long tasks soon, and the next one goes on where it stopped."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from threading import Event, Timer

import pytest
from django.utils import timezone

from core import stopping
from core.stopping import Stopped
from ddd.api.http import Uncertain, wire_to
from ddd.lookup import first_look
from ddd.lookup.catalogue import read_catalogue
from ddd.models import Connection, Variant
from ddd.nightly.reconciling import groups_due
from orders import importing
from orders.models import WebOrder
from orders.reconciling import reconcile
from tests.ddd.other_servers import dripping, silent
from tests.factories import NOW, Cast
from tests.orders.upstream import Upstream, wire_order
from tests.passing_time import after_each_write
from tests.sandbox_process import RunningSandbox
from workers.models import Turn
from workers.turns import one_at_a_time


@pytest.fixture(autouse=True)
def nobody_has_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stopping, "_asked", Event())


def as_task(do: Callable[[int], object]) -> Callable[[int], object]:
    @one_at_a_time
    def task(group_id: int) -> object:
        return do(group_id)

    return task


def test_a_poll_ends_after_its_present_part_and_the_next_one_goes_on(
    cast: Cast, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "PART", 2)
    poll = as_task(lambda group_id: importing.poll(group_id, NOW))
    upstream.orders = orders_of(6)
    with after_each_write("ddd_connection", stopping.ask):
        assert poll(cast.nordlys.pk) is None
    assert 0 < WebOrder.objects.count() < 6
    assert not Turn.objects.exclude(lease="").exists()
    monkeypatch.setattr(stopping, "_asked", Event())
    assert poll(cast.nordlys.pk) is not None
    assert WebOrder.objects.count() == 6


def test_no_call_to_ddd_is_begun(booked_cast: Cast, sandbox: RunningSandbox) -> None:
    Variant.objects.filter(group=booked_cast.nordlys).delete()
    read = as_task(lambda _group_id: read_catalogue(booked_cast.connection, timezone.now()))
    stopping.ask()
    assert read(booked_cast.nordlys.pk) is None
    assert not Variant.objects.filter(group=booked_cast.nordlys).exists()
    # It is no trouble of DdD's.
    assert not booked_cast.connection.trouble


def test_what_is_read_for_the_setting_up_is_begun_again_at_once(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    group_id = booked_cast.nordlys.pk
    first_look.request(booked_cast.nordlys, NOW)
    stopping.ask()
    assert as_task(lambda _group_id: first_look.look(group_id, NOW))(group_id) is None
    assert first_look.waiting() == [group_id]


@pytest.mark.parametrize("answering", [silent, lambda: dripping(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 4000)])
@pytest.mark.parametrize(("method", "error"), [("get", Stopped), ("post", Uncertain)])
def test_a_read_under_way_ends_soon_and_a_booking_is_waited_for(
    answering: Callable[[], AbstractContextManager[str]], method: str, error: type[Exception]
) -> None:
    timer = Timer(0.3, stopping.ask)
    with answering() as url, wire_to(Connection(base_url=url, token="t"), timeout=2, longest=60) as wire:
        timer.start()
        began = time.monotonic()
        with pytest.raises(error):
            wire.get("api/sale") if method == "get" else wire.post("api/sale", {})
    timer.join()
    assert time.monotonic() - began < 30


def test_a_comparison_that_is_left_is_begun_again_at_once(booked_cast: Cast, sandbox: RunningSandbox) -> None:
    group_id = booked_cast.nordlys.pk
    stopping.ask()
    compare = as_task(lambda _group_id: reconcile(group_id, NOW))
    assert compare(group_id) is None
    assert group_id in groups_due(NOW)


def orders_of(count: int) -> list[dict[str, object]]:
    return [
        wire_order(f"D-{number}", ModifiedOn=f"2026-03-03T08:{number + 10}:00Z") for number in range(count)
    ]
