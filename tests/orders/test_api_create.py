"""A web shop creates orders through the Public API."""

import json
from decimal import Decimal
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.demo_secrets import FJORD_KEY, OUTLET_KEY
from ddd.models import Posting
from orders.models import Line, OrderEvent, WebOrder
from tests.factories import JUMPER, SCARF, Cast
from tests.orders.together import at_once
from tests.orders.web_shop import (
    BY_EAN,
    CREATE,
    PROBLEM,
    Caller,
    body,
    body_by_ean,
    line,
)


def test_a_good_order_is_answered_true_and_stored_with_its_lines_its_event_and_its_outbox_row(
    cast: Cast,
) -> None:
    sent = body(
        OrderReference="R-7",
        OrderedOn="2026-03-03T10:00:00.1234567+01:00",
        ReturnAddress="Nordlys#Lager 4",
        CustomerNumber=4711,
        WebOrderLines=[line(Notes="Gave", DeliveryNo="D1"), line(VariantId=SCARF)],
    )

    answer = Caller().post(CREATE, sent)

    assert (answer.status_code, answer.content) == (200, b"true")
    assert answer.headers["Content-Type"] == "application/json"
    order = WebOrder.objects.get()
    assert (order.group, order.shop, order.web_shop) == (cast.nordlys, cast.aarhus, cast.web_shop("nordlys"))
    assert (order.order_no, order.order_reference, order.customer_number) == ("W-1", "R-7", 4711)
    assert (order.status, order.source, order.is_paid) == ("Reserved", "api", True)
    assert order.ordered_on is not None
    assert order.ordered_on.isoformat() == "2026-03-03T09:00:00.123456+00:00"
    assert order.receive_address == "Åse Ø. Sørensen#Bakkevej 3, 2. tv.#8000 Aarhus C"
    first, second = order.lines.all()
    assert (first.number, first.variant.variant_id, first.notes, first.delivery_no) == (
        1,
        JUMPER,
        "Gave",
        "D1",
    )
    assert (second.number, second.variant.variant_id) == (2, SCARF)
    assert (first.sales_price, first.effective_sales_price, first.discount_amount) == (
        Decimal("219.95"),
        Decimal("199.95"),
        Decimal("20.00"),
    )
    event = OrderEvent.objects.get()
    assert (event.order, event.shop, event.kind) == (order, cast.aarhus, "created")
    posting = Posting.objects.get()
    assert (posting.kind, posting.order_no, posting.state) == ("order", "W-1", "waiting")
    assert posting.payload == {
        "OrderNo": "W-1",
        "ShopId": 996001,
        "IsPaid": True,
        "CustomerNumber": 4711,
        "OrderReference": "R-7",
        "OrderedOn": "2026-03-03T09:00:00.123456Z",
        "ReceiveAddress": "Åse Ø. Sørensen#Bakkevej 3, 2. tv.#8000 Aarhus C",
        "ReturnAddress": "Nordlys#Lager 4",
        "WebOrderLines": [
            {
                "VariantId": JUMPER,
                "SalesPrice": "219.95",
                "EffectiveSalesPrice": "199.95",
                "DiscountAmount": "20.00",
                "DeliveryNo": "D1",
                "Notes": "Gave",
            },
            {
                "VariantId": SCARF,
                "SalesPrice": "219.95",
                "EffectiveSalesPrice": "199.95",
                "DiscountAmount": "20.00",
            },
        ],
    }


def test_an_order_by_ean_is_stored_with_the_variants_that_the_eans_name(cast: Cast) -> None:
    assert Caller().post(BY_EAN, body_by_ean()).content == b"true"

    lines = WebOrder.objects.get().lines.all()
    assert [(one.variant.variant_id, one.ean) for one in lines] == [
        (JUMPER, "5712345000014"),
        (SCARF, "5712345000397"),
    ]
    assert [one["VariantId"] for one in Posting.objects.get().payload["WebOrderLines"]] == [JUMPER, SCARF]


def in_case(value: Any, change: Any) -> Any:
    if isinstance(value, dict):
        return {change(name): in_case(inner, change) for name, inner in value.items()}
    return [in_case(inner, change) for inner in value] if isinstance(value, list) else value


@pytest.mark.parametrize("change", [str.lower, str.upper, lambda name: name[0].lower() + name[1:]])
def test_names_are_taken_in_any_case(cast: Cast, change: Any) -> None:
    assert Caller().post(CREATE, in_case(body("W-1"), change)).content == b"true"
    assert Caller().post(BY_EAN, in_case(body_by_ean("W-2"), change)).content == b"true"
    assert WebOrder.objects.count() == 2


@pytest.mark.parametrize("scheme", ["ddd_token", "DDD_TOKEN", "Bearer", "bearer"])
def test_a_key_is_taken_as_ddd_token_and_as_bearer(cast: Cast, scheme: str) -> None:
    assert Caller(scheme=scheme).post(CREATE, body()).content == b"true"


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/json; charset=utf-8", "text/json", "APPLICATION/JSON"]
)
def test_json_is_taken_under_each_of_its_names(cast: Cast, content_type: str) -> None:
    assert Caller().post(CREATE, body(), content_type).content == b"true"


def test_the_byte_order_mark_of_dotnet_is_accepted(cast: Cast) -> None:
    assert Caller().post(CREATE, b"\xef\xbb\xbf" + json.dumps(body()).encode()).content == b"true"


def test_what_ddds_older_models_and_answers_carry_is_passed_over(cast: Cast) -> None:
    sent = body(LoyaltyMemberId="x", MemberId=3, PickedUpOn="2026-03-03T08:00:00Z", Status="All", Id=9)
    assert Caller().post(CREATE, sent).content == b"true"


def test_prices_stay_exact_and_may_be_text_with_a_comma_as_ddds_pattern_has_it(cast: Cast) -> None:
    prices = line(SalesPrice="9999999,99", EffectiveSalesPrice="0.1", DiscountAmount="0")
    assert Caller().post(CREATE, body(WebOrderLines=[prices])).content == b"true"

    stored = Line.objects.get()
    assert stored.sales_price == Decimal("9999999.99")
    assert stored.effective_sales_price == Decimal("0.10")


def test_a_price_of_minus_zero_is_stored_and_forwarded_as_zero(cast: Cast) -> None:
    sent = json.dumps(body(WebOrderLines=[line(DiscountAmount=7)])).replace(
        '"DiscountAmount": 7', '"DiscountAmount": -0.0'
    )
    assert Caller().post(CREATE, sent.encode()).content == b"true"
    assert Posting.objects.get().payload["WebOrderLines"][0]["DiscountAmount"] == "0.00"


def test_the_same_order_again_is_true_however_often_and_changes_nothing(cast: Cast) -> None:
    caller = Caller()
    for _time in range(5):
        answer = caller.post(CREATE, body())
        assert (answer.status_code, answer.content) == (200, b"true")

    assert (WebOrder.objects.count(), Line.objects.count()) == (1, 2)
    assert (OrderEvent.objects.count(), Posting.objects.count()) == (1, 1)


def test_the_same_order_in_other_spelling_is_the_same_order(cast: Cast) -> None:
    caller = Caller()
    caller.post(CREATE, body(OrderedOn="2026-03-03T10:00:00+01:00"))
    lines = [
        line(SalesPrice="219,95", EffectiveSalesPrice=199.950, DiscountAmount="20.00"),
        line(VariantId=SCARF, Notes=None, DeliveryNo=""),
    ]
    again = in_case(
        body(OrderedOn="2026-03-03T09:00:00Z", WebOrderLines=lines, OrderReference=None), str.lower
    )

    assert caller.post(CREATE, again).content == b"true"
    assert WebOrder.objects.count() == 1


def test_the_same_order_is_still_true_when_the_shop_works_on_it(cast: Cast) -> None:
    caller = Caller()
    caller.post(CREATE, body("W-1"))
    order = WebOrder.objects.get()
    WebOrder.objects.filter(pk=order.pk).update(status="Picked")

    assert caller.post(CREATE, body("W-1")).content == b"true"
    assert WebOrder.objects.get().status == "Picked"


@pytest.mark.django_db(transaction=True)
def test_twenty_equal_requests_at_once_make_one_order_and_twenty_times_true(cast: Cast) -> None:
    def send() -> tuple[int, bytes]:
        answer = Caller().post(CREATE, body())
        return answer.status_code, answer.content

    assert at_once(*[send] * 20) == [(200, b"true")] * 20
    assert (WebOrder.objects.count(), Line.objects.count()) == (1, 2)
    assert (OrderEvent.objects.count(), Posting.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_of_two_different_orders_with_one_number_at_once_one_is_taken_and_the_other_told(
    cast: Cast,
) -> None:
    def send(customer: int) -> int:
        return Caller().post(CREATE, body(CustomerNumber=customer)).status_code

    answers = at_once(*[lambda number=number: send(number) for number in range(1, 9)])
    assert sorted(answers, key=str) == [200] + [409] * 7
    assert (WebOrder.objects.count(), Posting.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    "change",
    [
        {"ShopId": 996002},
        {"IsPaid": False},
        {"CustomerNumber": 1},
        {"ReceiveAddress": "Somebody else"},
        {"WebOrderLines": [line()]},
        {"WebOrderLines": [line(), line(VariantId=SCARF, Notes="x")]},
        {"WebOrderLines": [line(VariantId=SCARF), line()]},
        {"WebOrderLines": [line(), line(VariantId=SCARF, EffectiveSalesPrice=199.96)]},
    ],
)
def test_the_same_order_no_with_other_content_is_a_conflict_and_changes_nothing(
    cast: Cast, change: dict[str, Any]
) -> None:
    caller = Caller()
    caller.post(CREATE, body())
    before = WebOrder.objects.values().get()

    answer = caller.post(CREATE, body(**change))

    assert (answer.status_code, answer.headers["Content-Type"]) == (409, PROBLEM)
    assert answer.json() == {
        "type": "/problems/order-no-taken",
        "title": "Conflicts with what is stored",
        "status": 409,
        "detail": "There is another order with the OrderNo W-1. An OrderNo is used once in a Group.",
        "code": "order-no-taken",
        "OrderNo": "W-1",
    }
    assert WebOrder.objects.values().get() == before
    assert (Line.objects.count(), OrderEvent.objects.count(), Posting.objects.count()) == (2, 1, 1)


def test_another_web_shop_of_the_group_cannot_use_the_order_no_even_with_the_same_content(cast: Cast) -> None:
    Caller().post(CREATE, body())
    assert Caller(OUTLET_KEY).post(CREATE, body()).status_code == 409
    assert WebOrder.objects.get().web_shop == cast.web_shop("nordlys")


def test_another_group_may_use_the_same_order_no(cast: Cast) -> None:
    Caller().post(CREATE, body())
    assert Caller(FJORD_KEY).post(CREATE, body(ShopId=997001)).content == b"true"
    assert [order.group.name for order in WebOrder.objects.order_by("pk")] == ["Nordlys", "Fjord"]


def test_creating_takes_the_same_few_queries_for_any_number_of_lines(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    caller = Caller()
    with django_assert_num_queries(15):  # once in an hour it is noted that the key was used
        caller.post(CREATE, body("W-1"))
    with django_assert_num_queries(14):
        caller.post(CREATE, body("W-2", WebOrderLines=[line(), line(VariantId=SCARF)] * 20))
    with django_assert_num_queries(2):
        caller.post(CREATE, body("W-1"))


def test_routes_are_known_in_any_case_as_they_are_at_ddd(cast: Cast) -> None:
    caller = Caller()
    answer = caller.post("/API/WebOrder/ClickAndCollect", body("CASE-1"))
    assert (answer.status_code, answer.json()) == (200, True)
    assert caller.get("/api/WEBORDER/Fetch/ORDERNO/CASE-1").json()["OrderNo"] == "CASE-1"
