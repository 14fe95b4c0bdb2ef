"""An order that nobody had paid is paid in cash and part of it comes back: what changes hands, what is kept,
and what DdD is told, to the øre."""

from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from pytest_django import Settings

from accounts.models import Group
from ddd.models import Connection, Sale
from ddd.models.connection import CashBooking
from ddd.sending import decisions
from orders import delivery
from orders.delivery import HandOver
from orders.models import WebOrder
from returns import desk
from tests.ddd.rows import Clock, sale_row
from tests.ddd.test_todays_numbers import refused
from tests.factories import JUMPER, SCARF, Cast, again, new_order, picked, taken_back
from tests.orders.night import Night
from tests.sandbox_process import RunningSandbox

CASH = HandOver(WebOrder.Way.HAND_OVER, "cash")
CARD = HandOver(WebOrder.Way.HAND_OVER, "terminal")
ROUNDING_TYPE, NOTHING = 190, Decimal(0)
Payments = list[tuple[str, int, str]]


@pytest.fixture(autouse=True)
def nothing_waits(settings: Settings) -> None:
    settings.UNDO_SECONDS = 0


def told(sandbox: RunningSandbox, order_no: str) -> list[Payments]:
    """The payment lines of each sale that DdD has of the order."""
    return [
        [(line["Direction"], line["TransactionType"], f"{line['LineAmount']:.2f}") for line in lines]
        for sale in sandbox.ledger()["sales"]
        if sale["ItemLines"][0]["WebOrderOrderNo"] == order_no and (lines := sale["PaymentLines"])
    ]


def unpaid(cast: Cast, order_no: str, price: str = "199.94") -> WebOrder:
    return picked(cast, new=new_order(order_no, variants=(JUMPER, SCARF), price=price, is_paid=False))


def book_as(way: CashBooking) -> None:
    Connection.objects.update(
        cash_booking=way, cash_rounding_type=ROUNDING_TYPE if way == CashBooking.BOTH else None
    )


SALE_OF = {
    CashBooking.EXACT: [("In", 100, "399.88")],
    CashBooking.CHANGED_HANDS: [("In", 100, "400.00")],
    CashBooking.BOTH: [("In", 100, "400.00"), ("Out", ROUNDING_TYPE, "0.12")],
}
RETURN_OF = {
    CashBooking.EXACT: [("Out", 100, "199.94")],
    CashBooking.CHANGED_HANDS: [("Out", 100, "200.00")],
    CashBooking.BOTH: [("Out", 100, "200.00"), ("In", ROUNDING_TYPE, "0.06")],
}


@pytest.mark.slow
@pytest.mark.parametrize("way", CashBooking)
def test_an_order_paid_in_cash_comes_back_piece_by_piece_and_one_return_is_reversed(
    booked_cast: Cast, sandbox: RunningSandbox, way: CashBooking
) -> None:
    book_as(way)
    night, manager = Night(booked_cast, sandbox), booked_cast.person("manager")
    order = unpaid(booked_cast, "W-1")
    delivery.deliver(order, CASH, booked_cast.person("aarhus"), night.clock())
    order = again(order)
    assert (order.paid_in_shop, order.cash_rounding) == (Decimal("399.88"), Decimal("0.12"))
    assert order.changed_hands == Decimal("400.00")

    first = taken_back(booked_cast, order, lines=(1,), paid_by="cash", now=night.clock())
    second = taken_back(booked_cast, order, lines=(2,), paid_by="cash", now=night.clock())
    for back in (first, second):
        assert (back.amount, back.cash_rounding, back.changed_hands) == tuple(
            map(Decimal, ("199.94", "0.06", "200.00"))
        )
    night.send()
    desk.reverse(second, "another customer's", manager, night.clock())
    night.send()

    went_back = [("In" if there == "Out" else "Out", kind, amount) for there, kind, amount in RETURN_OF[way]]
    assert told(sandbox, "W-1") == [SALE_OF[way], RETURN_OF[way], RETURN_OF[way], went_back]
    assert night.compare() == []
    assert list(Sale.objects.order_by("pk").values_list("amount", "cash_rounding")) == [
        (Decimal("399.88"), Decimal("0.12")),
        (Decimal("-199.94"), Decimal("0.06")),
        (Decimal("-199.94"), Decimal("0.06")),
        (Decimal("199.94"), Decimal("0.06")),
    ]


def test_a_card_is_never_rounded_and_money_that_was_paid_in_cash_may_go_back_to_a_card(cast: Cast) -> None:
    book_as(CashBooking.CHANGED_HANDS)
    clock, freja = Clock(), cast.person("aarhus")
    order, other = unpaid(cast, "W-1"), unpaid(cast, "W-2")
    delivery.deliver(order, CARD, freja, clock())
    delivery.deliver(other, CASH, freja, clock())
    assert (again(order).paid_in_shop, again(order).cash_rounding) == (Decimal("399.88"), NOTHING)
    back = taken_back(cast, again(other), paid_by="terminal", now=clock())
    assert (back.amount, back.cash_rounding) == (Decimal("399.88"), NOTHING)
    paid = {
        sale.posting.action_key: [line["LineAmount"] for line in sale.posting.payload["PaymentLines"]]
        for sale in Sale.objects.select_related("posting")
    }
    assert sorted(paid.values()) == [["399.88"], ["399.88"], ["400.00"]]
    assert "changed_hands" not in order.events.get(kind="delivered").data
    assert other.events.get(kind="delivered").data["changed_hands"] == "400.00"


@pytest.mark.parametrize(
    ("way", "payments"),
    [
        (CashBooking.EXACT, [("In", 100, "0.24")]),
        (CashBooking.CHANGED_HANDS, [("In", 100, "0.00")]),
        (CashBooking.BOTH, [("In", 100, "0.00"), ("In", ROUNDING_TYPE, "0.24")]),
    ],
)
def test_a_total_that_rounds_to_nothing_is_sold_all_the_same(
    booked_cast: Cast, sandbox: RunningSandbox, way: CashBooking, payments: Payments
) -> None:
    book_as(way)
    night, order = Night(booked_cast, sandbox), unpaid(booked_cast, "W-1", price="0.12")
    delivery.deliver(order, CASH, booked_cast.person("aarhus"), night.clock())
    assert (again(order).cash_rounding, again(order).changed_hands) == (Decimal("-0.24"), NOTHING)
    night.send()
    assert told(sandbox, "W-1") == [payments]
    assert night.compare() == []


def test_norway_pays_whole_kroner_and_an_undone_delivery_leaves_no_money_behind(
    cast: Cast, settings: Settings
) -> None:
    settings.UNDO_SECONDS = 60
    Group.objects.update(currency="NOK")
    clock, freja, order = Clock(), cast.person("aarhus"), unpaid(cast, "W-1", price="99.75")
    delivery.deliver(order, CASH, freja, clock())
    assert (again(order).paid_in_shop, again(order).changed_hands) == (Decimal("199.50"), Decimal("200.00"))
    delivery.undo(order, freja, clock())
    assert (again(order).paid_in_shop, again(order).cash_rounding) == (None, NOTHING)
    assert not Sale.objects.exists()


def test_what_ddd_refused_is_told_as_head_office_says_today(cast: Cast) -> None:
    clock = Clock()
    book_as(CashBooking.CHANGED_HANDS)
    rounded: dict[str, Any] = {
        "paid_at_register": "cash",
        "cash_rounding": Decimal("0.12"),
    }
    posting = refused(cast, clock, partial(sale_row, price="199.94", **rounded))
    assert posting.payload["PaymentLines"][0]["LineAmount"] == "400.00"

    book_as(CashBooking.BOTH)
    assert decisions.what_changes(posting, cast.connection) == [
        ("Direction", None, "Out"),
        ("LineAmount", None, "0.12"),
        ("TransactionType", None, ROUNDING_TYPE),
    ]
    decisions.send_again(posting, cast.person("office"), clock())
    posting.refresh_from_db()
    assert [line["LineAmount"] for line in posting.payload["PaymentLines"]] == ["400.00", "0.12"]
