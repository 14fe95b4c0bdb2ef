"""What cannot come back is refused, says where and why, and leaves everything as it was."""

from datetime import timedelta
from typing import Any

import pytest

from core.errors import Conflict, Invalid, NotFound
from ddd.models import Connection
from orders import delivery
from orders.delivery import HandOver
from orders.models import WebOrder
from returns.models import ReturnPolicy, ReturnReason
from returns.reasons import offered_reasons
from tests.factories import NOW, Cast, delivered, picked, taken_back
from tests.returns.known import BACK, all_of, refused, request_for

pytestmark = pytest.mark.usefixtures("a_minute")


def test_what_was_not_delivered_is_not_taken_back(cast: Cast) -> None:
    order = picked(cast)
    refusal = refused(
        order,
        request_for(order, 1, paid_by="cash"),
        cast.person("aarhus"),
        "Only what was delivered can come back",
    )
    assert refusal.code == "not-delivered"


@pytest.mark.parametrize(
    ("return_request", "pointer", "code"),
    [
        ({"reason": "Just so"}, "/pieces/0/reason", "not-offered"),
        ({"condition": "lost"}, "/pieces/0/condition", "unknown-condition"),
        ({"paid_by": ""}, "/paid_by", "required"),
        ({"paid_by": "web shop"}, "/paid_by", "required"),
        ({"paid_by": "cheque"}, "/paid_by", "required"),
    ],
)
def test_an_error_is_shown_at_its_field(
    return_request: dict[str, Any], pointer: str, code: str, cast: Cast
) -> None:
    order = delivered(cast)
    refusal = refused(
        order, request_for(order, 1, **({"paid_by": "cash"} | return_request)), cast.person("aarhus"), "."
    )
    assert isinstance(refusal, Invalid)
    assert [(fault.pointer, fault.code) for fault in refusal.faults] == [(pointer, code)]


def test_every_wrong_piece_is_named(cast: Cast) -> None:
    order = delivered(cast)
    return_request = request_for(order, 1, 2, reason="Just so", condition="lost", paid_by="cash")
    refusal = refused(order, return_request, cast.person("aarhus"), "Choose why")
    assert isinstance(refusal, Invalid)
    assert [fault.pointer for fault in refusal.faults] == [
        "/pieces/0/reason",
        "/pieces/0/condition",
        "/pieces/1/reason",
        "/pieces/1/condition",
    ]


def test_a_reason_that_is_no_longer_offered_is_refused(cast: Cast) -> None:
    order, gone = delivered(cast), offered_reasons(cast.nordlys)[0].code
    ReturnReason.objects.filter(words=gone).update(offered=False)
    refused(order, request_for(order, 1, reason=gone, paid_by="cash"), cast.person("aarhus"), "Choose why")


def test_nothing_chosen_a_piece_named_twice_and_a_strange_piece_are_refused(cast: Cast) -> None:
    order, other, freja = delivered(cast), delivered(cast), cast.person("aarhus")
    nothing = refused(order, request_for(order, paid_by="cash"), freja, "No piece is chosen")
    assert isinstance(nothing, Invalid)
    assert [fault.pointer for fault in nothing.faults] == ["/pieces"]
    twice = refused(order, request_for(order, 1, 1, paid_by="cash"), freja, "named twice")
    assert isinstance(twice, Invalid)
    assert [fault.pointer for fault in twice.faults] == ["/pieces/1/line"]
    assert isinstance(refused(order, request_for(other, 1, paid_by="cash"), freja, "no such piece"), NotFound)


def test_the_register_pays_nothing_that_the_web_shop_refunds(cast: Cast) -> None:
    """The screen showed another outcome: nothing is booked that the person did not mean."""
    order = delivered(cast)
    ReturnPolicy.objects.filter(group=cast.nordlys).update(register_pays=False)
    refusal = refused(
        order, request_for(order, 1, paid_by="cash"), cast.person("aarhus"), "The web shop refunds"
    )
    assert isinstance(refusal, Invalid)
    assert [(fault.pointer, fault.code) for fault in refusal.faults] == [("/paid_by", "not-paid-here")]


def test_too_late_and_a_shop_that_takes_none_are_refused_in_the_policys_words(cast: Cast) -> None:
    order, freja = delivered(cast), cast.person("aarhus")
    return_request = request_for(order, 1, paid_by="cash")
    late = refused(
        order,
        return_request,
        freja,
        "Day 31: Nordlys takes pieces back for 30 days",
        now=NOW + timedelta(days=31),
    )
    assert (late.code, late.data["manager_may"]) == ("too-late", ["register", "web shop"])
    taken_back(cast, order, paid_by="cash", lines=(2,), now=NOW + timedelta(days=30))

    ReturnPolicy.objects.filter(group=cast.nordlys).update(where=ReturnPolicy.Where.SAME_SHOP)
    elsewhere = refused(
        order,
        return_request,
        cast.person("odense"),
        "This shop does not take this order back",
        shop=cast.odense,
    )
    assert (elsewhere.code, elsewhere.data["manager_may"]) == ("not-taken-here", [])
    refused(order, return_request, freja, "This shop does not take", shop=cast.turnover_shop)
    refused(order, return_request, freja, "This shop does not take", shop=cast.shop(997001))


def test_a_group_that_is_not_connected_takes_nothing_back_and_delivers_nothing(cast: Cast) -> None:
    order, ready = delivered(cast), picked(cast)
    Connection.objects.filter(group=cast.nordlys).delete()
    words = "Nordlys is not connected to DdD yet, so nothing can be booked"
    assert (
        refused(order, request_for(order, 1, paid_by="cash"), cast.person("aarhus"), words).code
        == "not-connected"
    )
    before = all_of(ready)
    with pytest.raises(Conflict, match=words):
        delivery.deliver(ready, HandOver(WebOrder.Way.HAND_OVER), cast.person("aarhus"), BACK)
    assert all_of(ready) == before
