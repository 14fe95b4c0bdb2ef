"""A web shop changes an order through the Public API, and DdD is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.demo_secrets import FJORD_KEY, OUTLET_KEY
from ddd import dispatch
from ddd.models import Posting
from orders import delivery, following, trouble
from orders.models import OrderEvent, ReceiverWord, WebOrder
from tests.core.pages import browser
from tests.ddd.rows import Clock, drain_to_the_end
from tests.factories import (
    HAND_OVER,
    JUMPER,
    NOW,
    SCARF,
    Cast,
    again,
    delivered,
    new_order,
    picked,
    received,
    taken_back,
)
from tests.orders.together import at_once
from tests.orders.web_shop import CREATE, FETCH, PROBLEM, Caller, body, faults
from tests.sandbox_process import RunningSandbox

if TYPE_CHECKING:
    from tests.orders.web_shop import Answer

CHANGE = "/api/weborder"
ADDRESS = "Ny Nabo#Havnegade 1#8000 Aarhus C"


def put(sent: Any, caller: Caller | None = None, path: str = CHANGE) -> Answer:
    return (caller or Caller()).put(path, sent)


def lines_of(order: WebOrder) -> list[int]:
    """The Ids by which the web shop names the lines."""
    return [line["Id"] for line in Caller().get(f"{FETCH}/orderNo/{order.order_no}").json()["WebOrderLines"]]


def everything(order: WebOrder) -> tuple[Any, ...]:
    """To show that nothing changed."""
    rows = WebOrder.objects.filter(pk=order.pk).values_list()
    postings = Posting.objects.filter(kind=Posting.Kind.CHANGE).count()
    return list(rows), list(order.lines.values_list()), order.events.count(), postings


def change_posted() -> Posting:
    return Posting.objects.get(kind=Posting.Kind.CHANGE)


# What changes


@pytest.mark.parametrize("state", [received, picked])
def test_addresses_prices_delivery_no_and_notes_change_while_the_order_is_in_the_shop(
    cast: Cast, state: Callable[..., WebOrder]
) -> None:
    order = state(cast, new=new_order("W-1"))
    first, second = lines_of(order)
    answer = put(
        {
            "OrderNo": "W-1",
            "ReceiveAddress": ADDRESS,
            "ReturnAddress": "Nordlys#Lager 4",
            "WebOrderLines": [
                {"Id": first, "EffectiveSalesPrice": 149.5, "DiscountAmount": "70,45", "Notes": "Gave"},
                {"Id": second, "DeliveryNo": "00370"},
            ],
        }
    )
    assert (answer.status_code, answer.content) == (200, b"true")
    order = again(order)
    assert (order.receive_address, order.return_address) == (ADDRESS, "Nordlys#Lager 4")
    assert order.modified_at > NOW + timedelta(days=1)
    one, other = order.lines.all()
    assert (one.sales_price, one.effective_sales_price, one.discount_amount, one.notes, one.delivery_no) == (
        *(Decimal("219.95"), Decimal("149.50"), Decimal("70.45")),
        *("Gave", ""),
    )
    assert (other.effective_sales_price, other.delivery_no) == (Decimal("199.95"), "00370")


def test_what_is_left_out_or_null_stays_and_what_is_empty_is_emptied(cast: Cast) -> None:
    order = received(cast, new_order("W-1", notes="Gave"))
    first, second = lines_of(order)
    lines = [{"Id": first, "Notes": "", "SalesPrice": None}, {"Id": second, "Notes": None}]
    assert put({"OrderNo": "W-1", "ReceiveAddress": None, "WebOrderLines": lines}).content == b"true"
    assert again(order).receive_address == order.receive_address
    assert [(line.notes, line.sales_price) for line in order.lines.all()] == [
        ("", Decimal("219.95")),
        ("Gave", Decimal("219.95")),
    ]


def test_the_route_is_known_in_any_case_and_with_a_slash(cast: Cast) -> None:
    received(cast, new_order("W-1"))
    for path in ("/API/WebOrder", "/api/weborder/"):
        assert put({"orderno": "W-1", "receiveaddress": ADDRESS}, path=path).content == b"true"


def test_the_shop_and_head_office_see_what_was_changed_but_no_address(cast: Cast) -> None:
    order = received(cast, new_order("W-1"))
    put(
        {
            "OrderNo": "W-1",
            "ReceiveAddress": ADDRESS,
            "WebOrderLines": [{"Id": lines_of(order)[1], "Notes": "Gave"}],
        }
    )
    event = order.events.get(kind=OrderEvent.Kind.CHANGED)
    assert event.facts == {
        "web_shop": "nordlys",
        "fields": ["ReceiveAddress", "Notes"],
        "pieces": ["Scarf Løvfald Rust One size"],
    }
    entry = browser(cast, "office").get(f"/orders/{order.pk}/").context["timeline"][-1]
    assert (entry.title, entry.who, entry.details) == (
        "Web order changed by the web shop",
        "nordlys",
        ("Scarf Løvfald Rust One size", "Address", "Notes"),
    )


def test_who_collects_it_now_is_found_by_the_new_name_only(cast: Cast) -> None:
    order = received(cast, new_order("W-1"))
    put({"OrderNo": "W-1", "ReceiveAddress": ADDRESS})
    assert [
        bytes(row.word).decode() for row in ReceiverWord.objects.filter(order=order).order_by("word")
    ] == [
        "nabo",
        "ny",
    ]


def test_the_new_prices_are_those_of_the_sale(cast: Cast) -> None:
    order = picked(cast, new=new_order("W-1"))
    first, _second = lines_of(order)
    put(
        {
            "OrderNo": "W-1",
            "WebOrderLines": [{"Id": first, "EffectiveSalesPrice": 100, "DiscountAmount": 119.95}],
        }
    )
    delivery.deliver(again(order), HAND_OVER, cast.person("aarhus"), NOW + timedelta(days=1))
    sale = Posting.objects.get(kind=Posting.Kind.SALE)
    assert sale.payload["PaymentLines"][0]["LineAmount"] == "299.95"


# Twice, and at once


def test_the_same_change_again_is_true_and_changes_nothing(cast: Cast) -> None:
    order = received(cast, new_order("W-1"))
    sent = {"OrderNo": "W-1", "ReceiveAddress": ADDRESS}
    put(sent)
    before = everything(order)
    assert put(sent).content == b"true"
    assert everything(order) == before


def test_an_answer_that_was_lost_is_repeated_also_when_the_order_has_left_meanwhile(cast: Cast) -> None:
    order = picked(cast, new=new_order("W-1"))
    sent = {"OrderNo": "W-1", "ReceiveAddress": ADDRESS}
    put(sent)
    delivery.deliver(again(order), HAND_OVER, cast.person("aarhus"), NOW + timedelta(days=1))
    assert put(sent).content == b"true"


def test_the_first_order_sent_again_after_a_change_is_still_that_order(cast: Cast) -> None:
    caller = Caller()
    caller.post(CREATE, body("W-1"))
    put({"OrderNo": "W-1", "ReceiveAddress": ADDRESS})
    assert caller.post(CREATE, body("W-1")).content == b"true"
    assert WebOrder.objects.get().receive_address == ADDRESS


@pytest.mark.django_db(transaction=True)
def test_the_same_change_twice_at_one_moment_is_made_once(cast: Cast) -> None:
    order = received(cast, new_order("W-1"))
    sent = {"OrderNo": "W-1", "ReceiveAddress": ADDRESS}
    answers = at_once(lambda: put(sent), lambda: put(sent))
    assert [getattr(answer, "content", answer) for answer in answers] == [b"true", b"true"]
    assert order.events.filter(kind=OrderEvent.Kind.CHANGED).count() == 1
    assert change_posted().payload["ReceiveAddress"] == ADDRESS


# What is refused


def test_what_cannot_be_changed_is_refused_by_name_and_may_be_sent_as_it_is(cast: Cast) -> None:
    order = received(cast, new_order("W-1"))
    whole = Caller().get(f"{FETCH}/orderNo/W-1").json()
    assert put(whole).content == b"true"
    before = everything(order)
    wrong = {**whole, "ShopId": 996002, "IsPaid": False, "ReceiveAddress": ADDRESS}
    wrong["WebOrderLines"] = [{**whole["WebOrderLines"][0], "Status": "Cancelled", "VariantId": SCARF}]
    answer = put(wrong)
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == PROBLEM
    assert faults(answer) == {
        "/ShopId": "cannot-change",
        "/IsPaid": "cannot-change",
        "/WebOrderLines/0/Status": "cannot-change",
        "/WebOrderLines/0/VariantId": "cannot-change",
    }
    assert everything(order) == before


def test_all_faults_come_at_once_and_nothing_is_changed(cast: Cast) -> None:
    order = received(cast, new_order("W-1"))
    first, _second = lines_of(order)
    before = everything(order)
    answer = put(
        {
            "OrderNo": "W-1",
            "ReceiveAddress": "x" * 256,
            "Colour": "blue",
            "WebOrderLines": [
                {"Id": first, "SalesPrice": -1, "DiscountAmount": 1.001, "Notes": "n" * 251},
                {"Id": first, "DeliveryNo": 7},
                {"SalesPrice": 1},
            ],
        }
    )
    assert answer.status_code == 422
    assert faults(answer) == {
        "/ReceiveAddress": "too-long",
        "/Colour": "unknown-field",
        "/WebOrderLines/0/SalesPrice": "out-of-range",
        "/WebOrderLines/0/DiscountAmount": "not-an-amount",
        "/WebOrderLines/0/Notes": "too-long",
        "/WebOrderLines/1/DeliveryNo": "not-text",
        "/WebOrderLines/1/Id": "twice",
        "/WebOrderLines/2/Id": "required",
    }
    assert everything(order) == before


@pytest.mark.parametrize(
    ("sent", "fault"),
    [
        (
            [],
            {
                "/": "not-an-object",
            },
        ),
        ({}, {"/OrderNo": "required"}),
        ({"OrderNo": "W-1", "WebOrderLines": "all"}, {"/WebOrderLines": "not-a-list"}),
        ({"OrderNo": "W-1", "WebOrderLines": [7]}, {"/WebOrderLines/0": "not-an-object"}),
        ({"OrderNo": "W-1", "WebOrderLines": [{"Id": 1}] * 201}, {"/WebOrderLines": "too-many"}),
    ],
)
def test_what_is_no_change_at_all_is_refused(cast: Cast, sent: Any, fault: dict[str, str]) -> None:
    order = received(cast, new_order("W-1"))
    before = everything(order)
    answer = put(sent)
    assert (answer.status_code, faults(answer)) == (422, fault)
    assert everything(order) == before


def test_a_line_of_another_order_is_none_of_this_one(cast: Cast) -> None:
    order, other = received(cast, new_order("W-1")), received(cast, new_order("W-2"))
    before = everything(other)
    answer = put({"OrderNo": "W-1", "WebOrderLines": [{"Id": lines_of(other)[0], "Notes": "Gave"}]})
    assert (answer.status_code, faults(answer)) == (422, {"/WebOrderLines/0/Id": "unknown-line"})
    assert everything(other) == before
    assert not order.events.filter(kind=OrderEvent.Kind.CHANGED).exists()


def test_the_price_of_a_piece_that_is_not_sold_stays_but_the_others_change(cast: Cast) -> None:
    order = picked(cast, new=new_order("W-1"), missing=(1,))
    first, second = lines_of(order)
    before = everything(order)
    answer = put({"OrderNo": "W-1", "WebOrderLines": [{"Id": first, "SalesPrice": 1}]})
    assert (answer.status_code, faults(answer)) == (422, {"/WebOrderLines/0/SalesPrice": "not-sold"})
    assert everything(order) == before
    assert put({"OrderNo": "W-1", "WebOrderLines": [{"Id": second, "SalesPrice": 200}]}).content == b"true"


def gone_by_ddd(cast: Cast, new: Any) -> WebOrder:
    order = received(cast, new)
    following.follow_delivered(order, [line.pk for line in order.lines.all()], NOW)
    return order


def all_back(cast: Cast, new: Any) -> WebOrder:
    order = delivered(cast, new=new)
    taken_back(cast, order, paid_by="cash")
    return order


def called_off(cast: Cast, new: Any) -> WebOrder:
    order = received(cast, new)
    trouble.cancel(order, trouble.CancelReason.CUSTOMER, cast.person("aarhus"), NOW)
    return order


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (lambda cast, new: delivered(cast, new=new), "Delivered"),
        (gone_by_ddd, "Delivered"),
        (all_back, "Returned"),
        (called_off, "Cancelled"),
    ],
)
@pytest.mark.parametrize("what", ["address", "price"])
def test_an_order_that_has_left_the_shop_or_was_cancelled_stays_as_it_is(
    cast: Cast, state: Callable[[Cast, Any], WebOrder], status: str, what: str
) -> None:
    order = state(cast, new_order("W-1"))
    before = everything(order)
    price = {"WebOrderLines": [{"Id": lines_of(order)[0], "SalesPrice": 1}]}
    answer = put({"OrderNo": "W-1", **(price if what == "price" else {"ReceiveAddress": ADDRESS})})
    if what == "price" and status == "Cancelled":
        assert (answer.status_code, faults(answer)) == (422, {"/WebOrderLines/0/SalesPrice": "not-sold"})
    else:
        problem = answer.json()
        assert (answer.status_code, problem["code"]) == (409, "too-late-to-change")
        assert problem["Status"] == status
        assert problem["detail"] == f"The order is {status.lower()}: nothing of it can be changed any more."
    assert everything(order) == before


def test_an_order_that_there_is_not_is_404(cast: Cast) -> None:
    assert put({"OrderNo": "NONE", "ReceiveAddress": ADDRESS}).status_code == 404


def test_another_groups_order_does_not_exist_and_another_web_shops_is_its_own(cast: Cast) -> None:
    order = received(cast, new_order("W-1"))
    before = everything(order)
    sent = {"OrderNo": "W-1", "ReceiveAddress": ADDRESS}
    assert put(sent, Caller(FJORD_KEY)).status_code == 404
    answer = put(sent, Caller(OUTLET_KEY))
    assert (answer.status_code, answer.json()["code"]) == (409, "of-another-web-shop")
    assert put(sent, Caller("nonsense")).status_code == 401
    assert everything(order) == before


def test_an_order_of_which_nobody_knows_the_web_shop_is_nobodys_to_change(cast: Cast) -> None:
    order = received(cast, new_order("W-1"))
    WebOrder.objects.update(web_shop=None)
    before = everything(order)
    answer = put({"OrderNo": "W-1", "ReceiveAddress": ADDRESS})
    assert (answer.status_code, answer.json()["code"]) == (409, "of-another-web-shop")
    assert everything(order) == before


# DdD is told


@pytest.fixture
def clock(settings: Settings) -> Clock:
    settings.DDD_TIMEOUT_SECONDS = 0.4
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


# Queries


@pytest.mark.parametrize("pieces", [1, 30])
def test_a_change_asks_the_same_for_an_order_of_one_piece_and_of_thirty(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries, pieces: int
) -> None:
    received(cast, new_order("W-1", variants=(JUMPER,) * pieces))
    # key; order; savepoints, the order held, its lines; order, its words, event, outbox row
    with django_assert_num_queries(11):
        put({"OrderNo": "W-1", "ReceiveAddress": ADDRESS})
    with django_assert_num_queries(6):
        put({"OrderNo": "W-1", "ReceiveAddress": ADDRESS})
