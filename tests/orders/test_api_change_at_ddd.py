"""A web shop's changes are sent to DdD once, and the later change wins."""

from decimal import Decimal
from typing import Any

import pytest
from pytest_django import Settings

from ddd.models import Posting
from ddd.sending import dispatch
from orders import delivery
from orders.models import WebOrder
from tests.ddd.rows import Clock, drain_to_the_end
from tests.factories import JUMPER, SCARF, Cast, again, new_order, picked, received
from tests.orders.changes import ADDRESS, change_posted, lines_of, put
from tests.sandbox_process import RunningSandbox


@pytest.fixture
def clock(settings: Settings) -> Clock:
    settings.DDD_QUIET_SECONDS = 60
    return Clock()


def at_ddd(sandbox: RunningSandbox) -> dict[str, Any]:
    """The order as DdD has it."""
    [order] = sandbox.ledger()["orders"]
    now: dict[str, Any] = order["now"]
    return now


def told(sandbox: RunningSandbox) -> list[tuple[int, Decimal, str, str]]:
    """VariantId, price, DeliveryNo and notes of each line at DdD."""
    return [
        (
            line["VariantId"],
            Decimal(str(line["EffectiveSalesPrice"])),
            line["DeliveryNo"],
            line["Notes"] or "",
        )
        for line in at_ddd(sandbox)["WebOrderLines"]
    ]


def test_ddd_has_all_that_was_changed(booked_cast: Cast, sandbox: RunningSandbox, clock: Clock) -> None:
    order = received(booked_cast, new_order("W-1"), now=clock())
    first, second = lines_of(order)
    put(
        {
            "OrderNo": "W-1",
            "ReceiveAddress": ADDRESS,
            "WebOrderLines": [
                {"Id": first, "EffectiveSalesPrice": 149.5, "DiscountAmount": 70.45},
                {"Id": second, "Notes": "Gave", "DeliveryNo": "00370"},
            ],
        }
    )
    clock.forward(60)
    drain_to_the_end(booked_cast.nordlys.pk, clock)
    assert change_posted().state == Posting.State.SENT
    assert told(sandbox) == [(JUMPER, Decimal("149.5"), "", ""), (SCARF, Decimal("199.95"), "00370", "Gave")]
    assert at_ddd(sandbox)["ReceiveAddress"] == ADDRESS


def test_two_equal_pieces_get_their_own_prices_whichever_ddd_means(
    booked_cast: Cast, sandbox: RunningSandbox, clock: Clock
) -> None:
    order = received(booked_cast, new_order("W-1", variants=(JUMPER, JUMPER)), now=clock())
    first, second = lines_of(order)
    for pk, price in ((first, 80), (second, 70)):
        put({"OrderNo": "W-1", "WebOrderLines": [{"Id": pk, "EffectiveSalesPrice": price}]})
    clock.forward(60)
    drain_to_the_end(booked_cast.nordlys.pk, clock)
    assert sorted(price for _variant, price, _number, _notes in told(sandbox)) == [70, 80]


def test_of_two_changes_the_later_one_has_the_last_word_also_when_ddd_was_away_for_the_first(
    booked_cast: Cast, sandbox: RunningSandbox, clock: Clock
) -> None:
    received(booked_cast, new_order("W-1"), now=clock())
    clock.forward(60)
    drain_to_the_end(booked_cast.nordlys.pk, clock)
    put({"OrderNo": "W-1", "ReceiveAddress": "First#1"})
    sandbox.fault("503", times=1)
    clock.forward(60)
    dispatch.drain(booked_cast.nordlys.pk, clock)
    put({"OrderNo": "W-1", "ReceiveAddress": "Second#2"})
    dispatch.drain(booked_cast.nordlys.pk, clock)
    clock.forward(1)
    drain_to_the_end(booked_cast.nordlys.pk, clock)
    states = Posting.objects.filter(kind=Posting.Kind.CHANGE).values_list("state", flat=True)
    assert list(states) == [Posting.State.SENT, Posting.State.SENT]
    assert at_ddd(sandbox)["ReceiveAddress"] == "Second#2"


def test_a_change_whose_answer_was_lost_is_read_back_and_not_sent_again(
    booked_cast: Cast, sandbox: RunningSandbox, clock: Clock
) -> None:
    received(booked_cast, new_order("W-1"), now=clock())
    clock.forward(60)
    drain_to_the_end(booked_cast.nordlys.pk, clock)
    put({"OrderNo": "W-1", "ReceiveAddress": ADDRESS})
    sandbox.fault("lose the answer after committing", times=1, on="posts")
    clock.forward(60)
    drain_to_the_end(booked_cast.nordlys.pk, clock)
    assert change_posted().state == Posting.State.SENT
    assert [attempt.purpose for attempt in change_posted().attempts.order_by("pk")] == ["send", "read back"]
    assert at_ddd(sandbox)["ReceiveAddress"] == ADDRESS


def test_the_carriers_number_of_the_delivery_outlives_an_earlier_change(
    booked_cast: Cast, sandbox: RunningSandbox, clock: Clock
) -> None:
    order = picked(booked_cast, new=new_order("W-1"))
    put({"OrderNo": "W-1", "ReceiveAddress": ADDRESS})
    sent = delivery.HandOver(WebOrder.Way.SEND, delivery_no="00370")
    delivery.deliver(again(order), sent, booked_cast.person("aarhus"), clock())
    drain_to_the_end(booked_cast.nordlys.pk, clock)
    assert [number for _variant, _price, number, _notes in told(sandbox)] == ["00370", "00370"]
    assert at_ddd(sandbox)["ReceiveAddress"] == ADDRESS
