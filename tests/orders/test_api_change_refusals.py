"""Changes of a web shop that the portal refuses, with every fault by name: nothing of them is done."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.demo_secrets import FJORD_KEY, OUTLET_KEY
from orders import sync_status, trouble
from orders.models import OrderEvent, WebOrder
from tests.factories import NOW, SCARF, Cast, delivered, new_order, picked, received, taken_back
from tests.orders.changes import ADDRESS, lines_of, put
from tests.orders.together import everything
from tests.orders.web_shop import FETCH, PROBLEM, Caller, faults


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
    sync_status.follow_delivered(order, [line.pk for line in order.lines.all()], NOW)
    return order


def all_back(cast: Cast, new: Any) -> WebOrder:
    order = delivered(cast, new=new)
    taken_back(cast, order, paid_by="cash")
    return order


def cancelled_order(cast: Cast, new: Any) -> WebOrder:
    order = received(cast, new)
    trouble.cancel(order, "customer", cast.person("aarhus"), NOW)
    return order


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (lambda cast, new: delivered(cast, new=new), "Delivered"),
        (gone_by_ddd, "Delivered"),
        (all_back, "Returned"),
        (cancelled_order, "Cancelled"),
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


def test_an_order_without_a_web_shop_cannot_be_changed(cast: Cast) -> None:
    order = received(cast, new_order("W-1"))
    WebOrder.objects.update(web_shop=None)
    before = everything(order)
    answer = put({"OrderNo": "W-1", "ReceiveAddress": ADDRESS})
    assert (answer.status_code, answer.json()["code"]) == (409, "of-another-web-shop")
    assert everything(order) == before
