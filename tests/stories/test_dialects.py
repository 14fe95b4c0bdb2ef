"""The whole line through a DdD that speaks otherwise: nothing is sold or moved twice, and nothing is lost."""

from collections import Counter
from dataclasses import replace

import pytest
from pytest_django import Settings

from ddd.models import Difference
from ddd.sandbox.dialect import NAMED, USUAL
from ddd.words.differences import Kind
from orders.models import WebOrder
from orders.states import Status
from tests.factories import CAP, JUMPER, SCARF, Cast
from tests.sandbox import caller as at_ddd
from tests.sandbox_process import RunningSandbox
from tests.stories.counter import opened
from tests.stories.whole_line import (
    AARHUS,
    PARCEL,
    SALES,
    WholeLine,
    assert_all_is_there_once,
    run,
)

pytestmark = [pytest.mark.slow, pytest.mark.any_database]


@pytest.fixture(autouse=True)
def a_quiet_minute(settings: Settings) -> None:
    settings.DDD_QUIET_SECONDS = 60


@pytest.mark.parametrize("name", NAMED)
def test_the_whole_line_in_each_named_dialect(name: str, booked_cast: Cast, sandbox: RunningSandbox) -> None:
    line = WholeLine(opened(booked_cast), sandbox, NAMED[name])
    line.teach()
    run(line)

    assert_all_is_there_once(line)
    assert {order_no: line.order_here(order_no).status for order_no in "ABCD"} == {
        "A": Status.DELIVERED,
        "B": Status.DELIVERED,
        "C": Status.DELIVERED,
        "D": Status.PICKED,
    }
    orders = {order["OrderNo"]: order for order in sandbox.ledger()["orders"]}
    assert sorted(orders) == ["A", "B", "C", "D", "Z"]
    assert not WebOrder.objects.filter(order_no="Z").exists()
    assert [one["DeliveryNo"] for one in orders["B"]["now"]["WebOrderLines"]] == [PARCEL, PARCEL]


@pytest.mark.parametrize("name", ["danish", "late"])
def test_the_whole_line_when_head_office_learns_each_word_from_the_work_list(
    name: str, booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    line = WholeLine(opened(booked_cast), sandbox, NAMED[name])
    run(line)
    assert_all_is_there_once(line)


def test_before_anybody_has_said_a_word_nothing_is_concluded_and_all_of_it_stands_before_a_person(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    line = WholeLine(opened(booked_cast), sandbox, NAMED["danish"])
    line.all_order()
    line.settle(attends=False)
    sandbox.till_delivers("C")
    line.settle(attends=False)
    line.hand_over("A")
    line.settle(attends=False)

    assert (line.sold(), WebOrder.objects.filter(order_no="D").exists()) == (Counter(), False)
    assert line.order_here("C").status == Status.RESERVED
    told = "; ".join(line.before_a_person())
    assert all(word in told for word in ("Reserveret", "Udleveret", "KlikOgHent", "sale A rejected")), told

    line.settle()
    assert line.sold() == Counter([SALES["A"], SALES["C"]])
    assert line.order_here("D").status == Status.RESERVED


def test_an_in_store_order_of_another_word_is_known_as_one(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    line = WholeLine(opened(booked_cast), sandbox, NAMED["danish"])
    line.teach()
    at_ddd.Caller(sandbox.url).post("/api/weborder/orderinstore", at_ddd.order_in_store("S"))
    line.settle()
    assert WebOrder.objects.get().is_in_store
    assert line.before_a_person() == []


def test_a_sale_that_was_refused_for_its_numbers_is_sent_with_those_of_today(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    line = WholeLine(opened(booked_cast), sandbox, NAMED["capitals"])
    line.order("A", AARHUS, (JUMPER, SCARF, CAP))
    line.settle()
    line.hand_over("A")
    line.settle()
    assert line.sold() == Counter([SALES["A"]])


def test_with_bound_tokens_the_orders_of_every_web_shop_are_followed(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    line = WholeLine(opened(booked_cast), sandbox, replace(USUAL, bound_tokens=True))
    line.order_at_ddd("O", webshop=2)
    line.settle()
    line.compare()
    assert WebOrder.objects.filter(order_no="O").exists() or line.before_a_person()


def test_with_bound_tokens_no_order_is_called_missing_that_is_there(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    line = WholeLine(opened(booked_cast), sandbox, replace(USUAL, bound_tokens=True))
    line.all_order()
    line.settle()
    line.compare()
    assert not Difference.objects.filter(kind=Kind.ORDER_MISSING).exists()


def test_a_ddd_whose_routes_are_not_under_api_is_reached(booked_cast: Cast, sandbox: RunningSandbox) -> None:
    line = WholeLine(opened(booked_cast), sandbox, replace(USUAL, base="/"))
    line.order("A", AARHUS, (JUMPER,))
    line.settle(attends=False)
    assert [order["OrderNo"] for order in sandbox.ledger()["orders"]] == ["Z", "A"]
