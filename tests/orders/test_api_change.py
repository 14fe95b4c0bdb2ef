"""A web shop changes an order through the Public API, as often as it likes."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from pytest_django import DjangoAssertNumQueries

from ddd.models import Posting
from orders import delivery
from orders.models import OrderEvent, ReceiverWord, WebOrder
from tests.core.pages import browser
from tests.factories import HAND_OVER, JUMPER, NOW, Cast, again, new_order, picked, received
from tests.orders.changes import ADDRESS, change_posted, lines_of, put
from tests.orders.together import at_once, everything
from tests.orders.web_shop import CREATE, Caller, body

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
    assert event.data == {
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
def test_the_same_change_twice_at_once_is_made_once(cast: Cast) -> None:
    order = received(cast, new_order("W-1"))
    sent = {"OrderNo": "W-1", "ReceiveAddress": ADDRESS}
    answers = at_once(lambda: put(sent), lambda: put(sent))
    assert [getattr(answer, "content", answer) for answer in answers] == [b"true", b"true"]
    assert order.events.filter(kind=OrderEvent.Kind.CHANGED).count() == 1
    assert change_posted().payload["ReceiveAddress"] == ADDRESS


# Queries


@pytest.mark.parametrize("pieces", [1, 30])
def test_a_change_asks_the_same_for_an_order_of_one_piece_and_of_thirty(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries, pieces: int
) -> None:
    received(cast, new_order("W-1", variants=(JUMPER,) * pieces))
    # key, and its use; order; savepoints, the order held, its lines; order, its words, event, outbox row
    with django_assert_num_queries(12):
        put({"OrderNo": "W-1", "ReceiveAddress": ADDRESS})
    with django_assert_num_queries(6):
        put({"OrderNo": "W-1", "ReceiveAddress": ADDRESS})
