"""A process dies before every single statement of delivering, taking back and sending: once more, and each
order is sold once, moved once and taken back once."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.db import connection

from ddd.models import Posting
from ddd.sending import dispatch
from orders import delivery
from orders.models import WebOrder
from orders.states import Status
from returns.models import Return
from tests.ddd.rows import Clock, drain_to_the_end
from tests.factories import HAND_OVER, NOW, Cast, again, delivered, new_order, picked, taken_back
from tests.sandbox_process import RunningSandbox
from tests.stories.ledger import sales_in, transfers_in

# On PostgreSQL the fire kills whole processes.
pytestmark = [pytest.mark.slow, pytest.mark.any_database]

LATER = NOW + timedelta(minutes=30)
NO_STEPS = ("SAVEPOINT", "RELEASE", "ROLLBACK")  # Django's own, around the steps
LEAST_STEPS = 10


class Died(BaseException):
    """Nothing of the program catches it."""


@contextmanager
def dying_before(step: int) -> Iterator[Callable[[], bool]]:
    """Everything ends before this statement; tells whether it came so far."""
    steps = 0

    def perhaps_die(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        nonlocal steps
        if not sql.startswith(NO_STEPS):
            steps += 1
            if steps == step:
                raise Died
        return execute(sql, *rest)

    with connection.execute_wrapper(perhaps_die):
        yield lambda: steps >= step


def die_at_each_step(
    prepare: Callable[[int], WebOrder], do: Callable[[WebOrder], object]
) -> Iterator[WebOrder]:
    """The order of each death, after which `do` has not come to its end; the last one comes through."""
    for step in count(1):
        order = prepare(step)
        with dying_before(step) as has_died:
            with suppress(Died):
                do(order)
            was_death = has_died()
        if not was_death:
            assert step > LEAST_STEPS
            return
        yield order


def test_a_delivery_that_dies_has_done_nothing_and_is_done_once_by_the_next_tap(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    who = booked_cast.person("aarhus")

    def deliver(order: WebOrder) -> None:
        delivery.deliver(order, HAND_OVER, who, LATER)

    def prepare(step: int) -> WebOrder:
        return picked(booked_cast, new=new_order(f"W-{step}"))

    for order in die_at_each_step(prepare, deliver):
        assert again(order).status == Status.PICKED
        assert not Posting.objects.filter(order_no=order.order_no, kind__in=("sale", "transfer")).exists()
        deliver(again(order))
    assert_all_is_booked_once(booked_cast, sandbox)


def test_a_return_that_dies_has_done_nothing_and_is_done_once_by_the_next_tap(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    def prepare(step: int) -> WebOrder:
        return delivered(booked_cast, new=new_order(f"W-{step}"))

    def take_back(order: WebOrder) -> None:
        taken_back(booked_cast, order, lines=(1,), paid_by="cash")

    for order in die_at_each_step(prepare, take_back):
        assert not Return.objects.filter(order=order).exists()
        assert again(order).status == Status.DELIVERED
        take_back(again(order))
    assert set(Counter(Return.objects.values_list("order", flat=True)).values()) == {1}
    drain_to_the_end(booked_cast.nordlys.pk, Clock(), rounds=400)
    words = Counter((sold.order_no, sold.word) for sold in sales_in(sandbox.ledger()))
    assert set(words.values()) == {1}
    assert len(words) == 2 * WebOrder.objects.count()


def test_a_worker_that_dies_at_any_step_of_sending_has_sent_nothing_twice(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    clock, group_id = Clock(), booked_cast.nordlys.pk

    def prepare(step: int) -> WebOrder:
        order = delivered(booked_cast, new=new_order(f"W-{step}"))
        clock.forward(60)
        return order

    for _order in die_at_each_step(prepare, lambda _order: dispatch.drain(group_id, clock)):
        clock.forward(16)  # what the dead one held is free
        drain_to_the_end(group_id, clock)
    assert_all_is_booked_once(booked_cast, sandbox)


def assert_all_is_booked_once(cast: Cast, sandbox: RunningSandbox) -> None:
    clock = Clock()
    clock.forward(7200)
    drain_to_the_end(cast.nordlys.pk, clock, rounds=400)
    assert set(Posting.objects.values_list("state", "needs_attention")) == {(Posting.State.SENT, False)}
    ledger, orders = sandbox.ledger(), WebOrder.objects.count()
    at_ddd = Counter(order["OrderNo"] for order in ledger["orders"])
    sold = Counter(sale.order_no for sale in sales_in(ledger))
    assert (len(at_ddd), set(at_ddd.values())) == (orders, {1})
    assert (len(sold), set(sold.values())) == (orders, {1})
    assert len(transfers_in(ledger)) == orders
