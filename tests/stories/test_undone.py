"""A wrong tap: delivered, undone and delivered again, down to DdD: one sale, and no gap in the receipts."""

from datetime import timedelta

import pytest
from pytest_django import Settings

from ddd.models import Posting, Sale
from ddd.sending import dispatch
from orders import delivery
from orders.delivery import HandOver
from orders.models import WebOrder
from tests.ddd.rows import Clock, drain_to_the_end
from tests.factories import HAND_OVER, JUMPER, SCARF, Cast, again, new_order, picked
from tests.sandbox_process import RunningSandbox

SENT = HandOver(WebOrder.Way.SEND, "", "00370726202635")


@pytest.fixture(autouse=True)
def a_minute(settings: Settings) -> None:
    settings.UNDO_SECONDS = 60


def test_an_undone_delivery_never_reaches_ddd_and_leaves_no_gap(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    clock, freja = Clock(), booked_cast.person("aarhus")
    first, wrong, last = (picked(booked_cast, new=new_order(f"W-{number}")) for number in (1, 2, 3))
    for order in (first, wrong, last):
        delivery.deliver(order, HAND_OVER, freja, clock())
        clock.forward(1)
    delivery.undo(wrong, freja, clock())
    drain_to_the_end(booked_cast.nordlys.pk, clock)
    assert {sale["ItemLines"][0]["WebOrderOrderNo"] for sale in sandbox.ledger()["sales"]} == {"W-1", "W-3"}

    # It was to be sent, not handed over.
    delivery.deliver(again(wrong), SENT, freja, clock())
    assert dispatch.drain(booked_cast.nordlys.pk, clock) == 0
    clock.forward(60)
    drain_to_the_end(booked_cast.nordlys.pk, clock)

    ledger = sandbox.ledger()
    sold = {sale["ItemLines"][0]["WebOrderOrderNo"]: sale["ReceiptId"] for sale in ledger["sales"]}
    assert (len(ledger["sales"]), set(sold)) == (3, {"W-1", "W-2", "W-3"})
    assert sorted(sold.values()) == [1, 2, 3]
    assert sold["W-2"] == 3
    assert len(ledger["transfers"]) == 3
    numbers = {
        order["OrderNo"]: [(line["VariantId"], line["DeliveryNo"]) for line in order["now"]["WebOrderLines"]]
        for order in ledger["orders"]
    }
    assert numbers["W-1"] == numbers["W-3"] == [(JUMPER, ""), (SCARF, "")]
    assert numbers["W-2"] == [(JUMPER, "00370726202635"), (SCARF, "00370726202635")]

    assert Sale.objects.filter(order_no="W-2").count() == 1
    withdrawn = Posting.objects.filter(order_no="W-2", state="withdrawn")
    assert {posting.kind for posting in withdrawn} == {"sale", "transfer"}
    assert not any(posting.attempts.exists() or posting.first_sent_at for posting in withdrawn)
    undone_at = again(wrong).events.get(kind="delivery undone").at
    assert all(posting.not_before - undone_at > timedelta() for posting in withdrawn)
