"""What the Public API does not take: each fault is named, and nothing is stored."""

import gzip
import json
from typing import Any

import pytest
from django.utils import timezone

from accounts.demo_secrets import OUTLET_KEY
from accounts.models import ApiKey
from ddd.models import Posting
from orders.models import Line, OrderEvent, WebOrder
from tests.factories import SHARED_EAN, Cast
from tests.orders.web_shop import (
    BY_EAN,
    CREATE,
    PROBLEM,
    Caller,
    body,
    body_by_ean,
    faults,
    line,
    line_by_ean,
)


def nothing_was_stored() -> bool:
    return not (
        WebOrder.objects.exists()
        or Line.objects.exists()
        or OrderEvent.objects.exists()
        or Posting.objects.exists()
    )


def test_all_faults_of_shape_and_of_the_catalogue_are_told_at_once_with_their_places(
    booked_cast: Cast,
) -> None:
    sent = {
        "OrderNo": "x" * 51,
        "ShopId": 997001,
        "IsPaid": "yes",
        "OrderedOn": "yesterday",
        "ReceiveAddress": "x" * 256,
        "Colour/~": "blue",
        "WebOrderLines": [
            line_by_ean(SHARED_EAN),
            line_by_ean("0000000000000", SalesPrice=-1, EffectiveSalesPrice=1.234, DiscountAmount=None),
            line_by_ean(" ", Notes="x" * 251, DeliveryNo="x" * 51),
            "a jumper",
        ],
    }

    answer = Caller().post(BY_EAN, sent)

    assert (answer.status_code, answer.headers["Content-Type"]) == (422, PROBLEM)
    assert faults(answer) == {
        "/OrderNo": "too-long",
        "/ShopId": "unknown-shop",
        "/IsPaid": "not-true-or-false",
        "/OrderedOn": "not-a-time",
        "/CustomerNumber": "required",
        "/ReceiveAddress": "too-long",
        "/Colour~1~0": "unknown-field",
        "/WebOrderLines/0/Ean": "ambiguous-ean",
        "/WebOrderLines/1/Ean": "unknown-ean",
        "/WebOrderLines/1/SalesPrice": "out-of-range",
        "/WebOrderLines/1/EffectiveSalesPrice": "not-an-amount",
        "/WebOrderLines/1/DiscountAmount": "required",
        "/WebOrderLines/2/Ean": "required",
        "/WebOrderLines/2/Notes": "too-long",
        "/WebOrderLines/2/DeliveryNo": "too-long",
        "/WebOrderLines/3": "not-an-object",
    }
    assert nothing_was_stored()


def test_a_problem_names_its_type_title_status_and_detail(cast: Cast) -> None:
    answer = Caller().post(CREATE, body(ShopId=997001))

    assert answer.headers["Content-Type"] == PROBLEM
    assert answer.json() == {
        "type": "/problems/invalid",
        "title": "Not accepted",
        "status": 422,
        "detail": "The order was not taken in: 1 things are wrong with it.",
        "code": "invalid",
        "errors": [
            {
                "pointer": "/ShopId",
                "detail": "Shop 997001 takes no orders of this web shop. It may be: 996001, 996002, 996003.",
                "code": "unknown-shop",
            }
        ],
    }
    assert nothing_was_stored()


def test_an_ean_of_several_variants_is_refused_with_the_candidates(cast: Cast) -> None:
    answer = Caller().post(BY_EAN, body_by_ean(WebOrderLines=[line_by_ean(), line_by_ean(SHARED_EAN)]))

    assert answer.status_code == 422
    [fault] = answer.json()["errors"]
    assert fault["pointer"] == "/WebOrderLines/1/Ean"
    assert fault["code"] == "ambiguous-ean"
    assert fault["candidates"] == [
        {"VariantId": 100013, "Description": "Rain jacket Vesterhav", "Colour": "Navy", "Size": "L"},
        {"VariantId": 100014, "Description": "Down vest Rimfrost", "Colour": "Black", "Size": "S"},
    ]
    assert nothing_was_stored()


@pytest.mark.parametrize("shop_id", [996900, 996004, 997001, 1])
def test_the_turnover_shop_an_unknown_shop_and_another_groups_shop_get_no_orders(
    cast: Cast, shop_id: int
) -> None:
    answer = Caller().post(CREATE, body(ShopId=shop_id))
    assert (answer.status_code, faults(answer)) == (422, {"/ShopId": "unknown-shop"})
    assert nothing_was_stored()


def test_a_shop_that_is_not_one_of_the_web_shops_gets_no_orders_of_it(cast: Cast) -> None:
    cast.web_shop("nordlys").shops.remove(cast.odense)
    answer = Caller().post(CREATE, body(ShopId=996002))
    assert "996001, 996003" in answer.json()["errors"][0]["detail"]
    assert Caller(OUTLET_KEY).post(CREATE, body(ShopId=996002)).content == b"true"


def test_an_order_no_of_fifty_characters_is_taken_and_one_more_is_refused_with_the_reason(cast: Cast) -> None:
    assert Caller().post(CREATE, body("x" * 50)).content == b"true"
    answer = Caller().post(CREATE, body("y" * 51))
    assert answer.status_code == 422
    assert answer.json()["errors"] == [
        {
            "pointer": "/OrderNo",
            "detail": "At most 50 characters, because DdD's sale line takes no more; this has 51.",
            "code": "too-long",
        }
    ]
    assert WebOrder.objects.count() == 1


@pytest.mark.parametrize(
    ("order_no", "code"),
    [
        ("", "required"),
        ("   ", "required"),
        (None, "required"),
        (" W-1", "space-around"),
        ("W-1 ", "space-around"),
        ("W\n1", "control-character"),
        ("W\x001", "control-character"),
        ("W\ud8001", "control-character"),
        (17, "not-text"),
        (["W-1"], "not-text"),
    ],
)
def test_an_order_no_that_could_not_be_found_again_is_refused(cast: Cast, order_no: Any, code: str) -> None:
    answer = Caller().post(CREATE, body() | {"OrderNo": order_no})
    assert (answer.status_code, faults(answer)) == (422, {"/OrderNo": code})
    assert nothing_was_stored()


@pytest.mark.parametrize(
    "ordered_on", ["0001-01-01T00:00:01Z", "9999-12-31T23:59:59Z", "1899-12-31T00:00:00Z"]
)
def test_a_time_that_no_screen_could_show_is_refused(cast: Cast, ordered_on: str) -> None:
    answer = Caller().post(CREATE, body(OrderedOn=ordered_on))
    assert (answer.status_code, faults(answer)) == (422, {"/OrderedOn": "not-a-time"})
    assert nothing_was_stored()


def test_a_lone_surrogate_in_a_fields_name_is_refused(cast: Cast) -> None:
    answer = Caller().post(CREATE, body() | {"Colour\ud800": 1})
    assert (answer.status_code, faults(answer)) == (422, {"/Colour?": "unknown-field"})


@pytest.mark.parametrize("lines", [None, [], {}, "x", 0])
def test_an_order_needs_a_line_for_every_piece(cast: Cast, lines: Any) -> None:
    answer = Caller().post(CREATE, body(WebOrderLines=lines))
    assert (answer.status_code, faults(answer)) == (422, {"/WebOrderLines": "required"})


def test_an_order_of_two_hundred_lines_is_taken_and_one_more_is_refused(cast: Cast) -> None:
    assert Caller().post(CREATE, body("W-1", WebOrderLines=[line()] * 200)).content == b"true"
    answer = Caller().post(CREATE, body("W-2", WebOrderLines=[line()] * 201))
    assert (answer.status_code, faults(answer)) == (422, {"/WebOrderLines": "too-many"})
    assert Line.objects.count() == 200


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"true false",
        b"\xff\xfe",
        b'{"OrderNo": NaN}',
        b"[" * 100_000,
        b'{"a": 1e99999999999999999999}',
        b"9" * 5000,
    ],
)
def test_what_is_not_json_is_told_so(cast: Cast, raw: bytes) -> None:
    answer = Caller().post(CREATE, raw)
    assert (answer.status_code, answer.headers["Content-Type"]) in [(400, PROBLEM), (422, PROBLEM)]
    assert nothing_was_stored()


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/soap+xml", "application/x-www-form-urlencoded"]
)
def test_another_content_type_is_told_so(cast: Cast, content_type: str) -> None:
    answer = Caller().post(CREATE, body(), content_type)
    assert (answer.status_code, answer.headers["Content-Type"]) == (415, PROBLEM)
    assert (answer.json()["title"], answer.json()["status"]) == ("Send JSON or XML", 415)
    assert nothing_was_stored()


@pytest.mark.parametrize("packed", ["gzip", "br", "deflate, gzip"])
def test_a_packed_body_is_told_so_and_a_plain_one_taken(cast: Cast, packed: str) -> None:
    caller = Caller()
    caller.client.defaults["HTTP_CONTENT_ENCODING"] = packed
    answer = caller.post(CREATE, gzip.compress(json.dumps(body()).encode()))
    assert (answer.status_code, answer.headers["Content-Type"]) == (415, PROBLEM)
    assert f"Content-Encoding {packed} is not read" in answer.json()["detail"]
    assert nothing_was_stored()
    caller.client.defaults["HTTP_CONTENT_ENCODING"] = "identity"
    assert caller.post(CREATE, body()).content == b"true"


@pytest.mark.parametrize("path", ["//api/weborder", "///API/nothing", "//api"])
def test_a_slash_too_many_is_told_in_json(cast: Cast, path: str) -> None:
    answer = Caller().client.get("/", PATH_INFO=path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, PROBLEM)


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "ddd_token",
        "ddd_token ",
        "ddd_token nobody",
        "Basic ZGVtbw==",
        "demo-nordlys-key",
        "Bearer demo-nordlys-key x",
    ],
)
def test_without_a_good_key_nothing_is_taken(cast: Cast, authorization: str) -> None:
    caller = Caller()
    caller.client.defaults["HTTP_AUTHORIZATION"] = authorization
    answer = caller.post(CREATE, body())
    assert (answer.status_code, answer.headers["Content-Type"]) == (401, PROBLEM)
    assert answer.headers["WWW-Authenticate"] == "ddd_token"
    problem = answer.json()
    assert (problem["title"], problem["status"]) == ("A valid key is needed", 401)
    assert set(problem) == {"type", "title", "status", "detail", "code"}
    assert nothing_was_stored()


def test_a_revoked_key_opens_nothing(cast: Cast) -> None:
    ApiKey.objects.filter(web_shop=cast.web_shop("nordlys")).update(revoked_at=timezone.now())
    answer = Caller().post(CREATE, body())
    assert (answer.status_code, answer.json()["detail"]) == (401, "This key is not known or was revoked.")
    assert nothing_was_stored()


def test_an_unknown_route_and_a_wrong_method_are_problems_too(cast: Cast) -> None:
    for answer, status in ((Caller().post(CREATE + "s", body()), 404), (Caller().get(CREATE), 405)):
        assert (answer.status_code, answer.headers["Content-Type"]) == (status, PROBLEM)
        assert answer.json()["status"] == status


def test_problems_speak_the_callers_language(cast: Cast) -> None:
    caller = Caller()
    caller.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "da"
    assert caller.post(CREATE, b"{").headers["Content-Language"] == "da"


def test_an_unknown_article_while_ddd_is_away_may_be_sent_again_later(cast: Cast) -> None:
    answer = Caller().post(CREATE, body(WebOrderLines=[line(VariantId=4242)]))
    assert (answer.status_code, answer.headers["Content-Type"]) == (503, PROBLEM)
    assert answer.headers["Retry-After"] == "10"
    assert answer.json()["code"] == "try-later"
    assert nothing_was_stored()


def test_faults_are_told_even_when_ddd_is_away(cast: Cast) -> None:
    answer = Caller().post(CREATE, body(OrderNo="", WebOrderLines=[line(VariantId=4242)]))
    assert (answer.status_code, faults(answer)) == (422, {"/OrderNo": "required"})
