"""A web shop follows its orders through the Public API."""

import re
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.demo_secrets import FJORD_KEY, OUTLET_KEY
from accounts.models import ApiKey
from orders import picking
from orders.models import Line, WebOrder
from tests.factories import JUMPER, NOW, SCARF, Cast, delivered, new_order, picked, received, taken
from tests.orders.web_shop import FETCH, PROBLEM, STATUS, Caller

pytestmark = pytest.mark.any_database

if TYPE_CHECKING:
    from tests.orders.web_shop import Answer

LATER = "2026-03-03T09:00:30Z"


def numbers(answer: "Answer") -> list[str]:
    assert answer.status_code == 200, answer.content
    return [order["OrderNo"] for order in answer.json()]


def test_an_order_is_fetched_as_ddds_header_with_the_portals_own_words(cast: Cast) -> None:
    new = new_order("W-1", customer_number=2**40, notes="Gave")
    order = delivered(cast, new=new, missing=(2,))
    jumper, scarf = order.lines.all()

    answer = Caller().get(f"{FETCH}/W-1")

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    assert answer.json() == {
        "Id": order.pk,
        "OrderType": "ClickAndCollect",
        "ShopId": 996001,
        "OrderNo": "W-1",
        "OrderReference": None,
        "OrderedOn": "2026-03-03T09:00:00.000000Z",
        "PickedUpOn": "2026-03-03T09:30:00.000000Z",
        "CreatedOn": "2026-03-03T09:00:00.000000Z",
        "ModifiedOn": "2026-03-03T09:30:00.000000Z",
        "IsPaid": True,
        "CustomerNumber": 2**40,
        "WebshopId": 1,
        "ReceiveAddress": "Åse Ø. Sørensen#Bakkevej 3, 2. tv.#8000 Aarhus C",
        "ReturnAddress": None,
        "WebOrderLines": [
            {
                "Id": jumper.pk,
                "VariantId": JUMPER,
                "Status": "Delivered",
                "ModifiedOn": "2026-03-03T09:30:00.000000Z",
                "SalesPrice": 219.95,
                "EffectiveSalesPrice": 199.95,
                "DiscountAmount": 20.0,
                "DeliveryNo": "",
                "Notes": "Gave",
            },
            {
                "Id": scarf.pk,
                "VariantId": SCARF,
                "Status": "Missing",
                "ModifiedOn": "2026-03-03T09:05:00.000000Z",
                "SalesPrice": 219.95,
                "EffectiveSalesPrice": 199.95,
                "DiscountAmount": 20.0,
                "DeliveryNo": "",
                "Notes": "Gave",
            },
        ],
    }


def test_an_order_is_fetched_by_order_no_and_by_id_and_the_long_route_knows_the_order_no_only(
    cast: Cast,
) -> None:
    order = received(cast, new_order("W-1"))
    caller = Caller()
    assert caller.get(f"{FETCH}/W-1").json()["Id"] == order.pk
    assert caller.get(f"{FETCH}/orderNo/W-1").json()["Id"] == order.pk
    assert caller.get(f"{FETCH}/{order.pk}").json()["OrderNo"] == "W-1"
    assert caller.get(f"{FETCH}/orderNo/{order.pk}").status_code == 404


def test_an_order_no_of_digits_only_comes_before_an_id(cast: Cast) -> None:
    first = received(cast, new_order("W-1"))
    second = received(cast, new_order(str(first.pk)))
    caller = Caller()
    assert caller.get(f"{FETCH}/{first.pk}").json()["Id"] == second.pk
    assert caller.get(f"{FETCH}/orderNo/{first.pk}").json()["Id"] == second.pk
    assert caller.get(f"{FETCH}/{second.pk}").json()["Id"] == second.pk


@pytest.mark.parametrize("order_no", ["Ø-1/å?#%", "a b", "orderNo", "1/2/3", "..-x", "+45"])
def test_an_order_no_with_any_sign_is_fetched_when_it_is_escaped(cast: Cast, order_no: str) -> None:
    received(cast, new_order(order_no))
    caller = Caller()
    assert caller.get(f"{FETCH}/{quote(order_no, safe='')}").json()["OrderNo"] == order_no
    assert caller.get(f"{FETCH}/orderNo/{quote(order_no, safe='')}").json()["OrderNo"] == order_no


@pytest.mark.parametrize(
    "key", ["W-2", "w-1", "0", "9" * 19, "9" * 20, "9" * 5000, "-1", "%00", "W-1%00", "%ff", "²", "x" * 3000]
)
def test_what_is_not_there_is_a_problem(cast: Cast, key: str) -> None:
    received(cast, new_order("W-1"))
    for route in (FETCH, f"{FETCH}/orderNo"):
        answer = Caller().get(f"{route}/{key}")
        assert (answer.status_code, answer.headers["Content-Type"]) == (404, PROBLEM)
        assert answer.json()["status"] == 404


def test_another_groups_key_sees_nothing(cast: Cast) -> None:
    order = received(cast, new_order("W-1"))
    fjord = Caller(FJORD_KEY)
    for path in (f"{FETCH}/W-1", f"{FETCH}/orderNo/W-1", f"{FETCH}/{order.pk}"):
        seen = fjord.get(path)
        assert seen.status_code == 404
        assert b"Aarhus" not in seen.content
    assert numbers(fjord.get(f"{STATUS}/All")) == []
    assert numbers(fjord.get(f"{STATUS}/All/since", dateTime="2000-01-01")) == []
    assert numbers(fjord.get(f"{STATUS}/All/since/webshop", dateTime="2000-01-01")) == []


def test_a_refusal_says_the_same_of_a_hidden_order_as_of_none(cast: Cast) -> None:
    received(cast, new_order("W-1"))
    hidden, none = (Caller(FJORD_KEY).get(f"{FETCH}/{number}").json() for number in ("W-1", "W-2"))
    assert hidden["detail"].replace("W-1", "W-2") == none["detail"]
    assert set(hidden) == set(none)


def test_another_web_shop_of_the_group_sees_the_order_as_ddds_routes_show_it(cast: Cast) -> None:
    received(cast, new_order("W-1"))
    assert Caller(OUTLET_KEY).get(f"{FETCH}/W-1").json()["WebshopId"] == 1


@pytest.mark.parametrize(
    "path",
    [
        f"{FETCH}/W-1",
        f"{FETCH}/orderNo/W-1",
        f"{STATUS}/All",
        f"{STATUS}/All/since",
        f"{STATUS}/All/since/webshop",
    ],
)
def test_each_route_needs_a_key(cast: Cast, path: str) -> None:
    received(cast, new_order("W-1"))
    ApiKey.objects.filter(web_shop=cast.web_shop("outlet")).update(revoked_at=timezone.now())
    for key in ("", "nobody", OUTLET_KEY):
        answer = Caller(key).get(path, dateTime="2026-01-01")
        assert (answer.status_code, answer.headers["Content-Type"]) == (401, PROBLEM)
        assert b"W-1" not in answer.content


def an_order_in_each_status(cast: Cast) -> None:
    received(cast, new_order("reserved"))
    picked(cast, new=new_order("picked"), missing=(1,))
    delivered(cast, new=new_order("delivered"))
    picked(cast, new=new_order("cancelled"), missing=(1, 2))
    returned = delivered(cast, new=new_order("returned"))
    WebOrder.objects.filter(pk=returned.pk).update(status="Returned")  # no verb yet: issue of the returns


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["All", "all", "ALL", "0"], {"reserved", "picked", "delivered", "cancelled", "returned"}),
        (["Reserved", "reserved", "RESERVED", "1"], {"reserved"}),
        (["Picked", "pIcKeD", "2"], {"picked"}),
        (["Delivered", "delivered", "3"], {"delivered"}),
        (["Returned", "returned", "4"], {"returned"}),
        (["Cancelled", "cancelled", "5"], {"cancelled"}),
        (["Missing", "missing", "6"], {"picked", "cancelled"}),
    ],
)
def test_orders_are_listed_by_the_name_and_the_number_of_a_status(
    cast: Cast, words: list[str], expected: set[str]
) -> None:
    an_order_in_each_status(cast)
    caller = Caller()
    for word in words:
        for path in (f"{STATUS}/{word}", f"{STATUS}/{word}/since", f"{STATUS}/{word}/since/webshop"):
            found = numbers(caller.get(path, dateTime="2026-01-01T00:00:00Z"))
            assert (set(found), len(found)) == (expected, len(expected)), path


@pytest.mark.parametrize("word", ["7", "-1", "00", "Reservd", "Reserved ", "%00", "١", "new"])
def test_an_unknown_status_is_refused_with_the_known_words(cast: Cast, word: str) -> None:
    answer = Caller().get(f"{STATUS}/{word}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, PROBLEM)
    known = "All, Reserved, Picked, Delivered, Returned, Cancelled, Missing"
    assert answer.json()["errors"] == [
        {"pointer": "/status", "detail": f"Known are: {known}, and 0 to 6.", "code": "invalid"}
    ]


def test_since_lists_what_changed_after_that_time_and_the_longest_unchanged_first(cast: Cast) -> None:
    early, late = received(cast, new_order("early")), received(cast, new_order("late"))
    received(cast, new_order("untouched"))
    picking.accept(late, cast.person("aarhus"), NOW + timedelta(minutes=2))
    picking.accept(early, cast.person("aarhus"), NOW + timedelta(minutes=1))
    caller = Caller()

    assert numbers(caller.get(f"{STATUS}/All")) == ["untouched", "early", "late"]
    assert numbers(caller.get(f"{STATUS}/All/since", dateTime=LATER)) == ["early", "late"]
    assert numbers(caller.get(f"{STATUS}/All/since", dateTime="2026-03-03T09:01:00Z")) == ["late"]
    assert numbers(caller.get(f"{STATUS}/All/since", dateTime="2026-03-03T09:02:00Z")) == []
    assert numbers(caller.get(f"{STATUS}/Picked/since", dateTime=LATER)) == []


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-03T09:00:30",
        "2026-03-03T09:00:30Z",
        "2026-03-03T09:00:30.0000001Z",
        "2026-03-03T10:00:30+01:00",
        "2026-03-03T10:00:30 01:00",
        "2026-03-03 09:00:30",
        " 2026-03-03T09:00:30Z ",
    ],
)
def test_the_time_is_utc_with_or_without_an_offset(cast: Cast, text: str) -> None:
    taken(cast, new=new_order("taken at 09:01"))
    received(cast, new_order("received at 09:00"))
    assert numbers(Caller().get(f"{STATUS}/All/since", dateTime=text)) == ["taken at 09:01"]
    assert numbers(Caller().get(f"{STATUS}/All/since", DATETIME=text)) == ["taken at 09:01"]


@pytest.mark.parametrize(
    "query",
    [
        {},
        *[
            {"dateTime": text}
            for text in ("", "yesterday", "2026-13-01", "0001-01-01T00:00:30+10:00", "\x00", "1")
        ],
    ],
)
def test_a_time_that_is_none_is_refused(cast: Cast, query: dict[str, str]) -> None:
    for path in (f"{STATUS}/All/since", f"{STATUS}/All/since/webshop"):
        answer = Caller().get(path, **query)
        assert (answer.status_code, answer.headers["Content-Type"]) == (422, PROBLEM)
        assert answer.json()["errors"][0]["pointer"] == "/dateTime"


def test_since_webshop_lists_only_this_web_shops_orders(cast: Cast) -> None:
    received(cast, new_order("nordlys"))
    received(cast, new_order("outlet"), web_shop="outlet")
    path, since = f"{STATUS}/All/since/webshop", "2026-01-01"
    assert numbers(Caller().get(path, dateTime=since)) == ["nordlys"]
    assert numbers(Caller(OUTLET_KEY).get(path, dateTime=since)) == ["outlet"]
    assert numbers(Caller().get(f"{STATUS}/All/since", dateTime=since)) == ["nordlys", "outlet"]


def many_orders(cast: Cast, count: int) -> list[str]:
    """Straight into the database: 500 by the API would be half a minute. Many share one moment."""
    pattern = received(cast, new_order("first"))
    orders = [
        WebOrder(
            **{
                field.attname: getattr(pattern, field.attname)
                for field in WebOrder._meta.concrete_fields
                if field.attname not in ("id", "order_no", "modified_at")
            },
            order_no=f"W-{number:04d}",
            modified_at=NOW + timedelta(microseconds=number // 70),
        )
        for number in range(count - 1)
    ]
    WebOrder.objects.bulk_create(orders)
    return ["first", *(order.order_no for order in orders)]


@pytest.mark.parametrize(
    "path",
    [
        f"{STATUS}/All",
        f"{STATUS}/1/since?dateTime=2026-03-03T00:00:00%2B01:00",
        f"{STATUS}/reserved/since/webshop?dateTime=2026-03-03",
    ],
)
def test_a_long_list_goes_on_where_its_link_leads_without_loss_or_repetition(cast: Cast, path: str) -> None:
    wanted = many_orders(cast, 501)
    caller, found, sizes = Caller(), [], []
    address: str | None = path
    while address:
        answer = caller.client.get(address)
        page = numbers(answer)
        found += page
        sizes.append(len(page))
        link = re.fullmatch(r'<http://testserver(/api/[^>]+)>; rel="next"', answer.headers.get("Link", ""))
        address = link and link[1]
    assert sizes == [200, 200, 101]
    assert found == wanted


def test_what_changes_while_a_list_is_read_is_seen_again_and_nothing_is_lost(cast: Cast) -> None:
    wanted = many_orders(cast, 250)
    caller = Caller()
    first = caller.client.get(f"{STATUS}/All")
    moved = WebOrder.objects.get(order_no=wanted[3])
    picking.accept(moved, cast.person("aarhus"), NOW + timedelta(minutes=1))
    link = first.headers["Link"].removeprefix("<").partition(">")[0]
    second = caller.client.get(link)
    assert numbers(first) == wanted[:200]
    assert numbers(second) == [*wanted[200:], wanted[3]]


def test_a_list_of_exactly_two_hundred_does_not_go_on(cast: Cast) -> None:
    many_orders(cast, 200)
    answer = Caller().get(f"{STATUS}/All")
    assert (len(numbers(answer)), "Link" in answer.headers) == (200, False)


@pytest.mark.parametrize(
    "after",
    [
        "x",
        "2026-03-03T09:00:00Z",
        "2026-03-03T09:00:00Z_",
        "2026-03-03T09:00:00Z_x",
        "_1",
        "2026-03-03_" + "9" * 5000,
    ],
)
def test_a_broken_continuation_is_refused(cast: Cast, after: str) -> None:
    answer = Caller().get(f"{STATUS}/All", after=after)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/after")


def test_reading_takes_the_same_few_queries_for_any_number_of_orders(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    caller = Caller()
    order = received(cast, new_order("W-1"))
    received(cast, new_order("W-2"), web_shop="outlet")
    with django_assert_num_queries(5):  # once in an hour it is noted that the key was used
        caller.get(f"{FETCH}/W-1")
    with django_assert_num_queries(4):
        caller.get(f"{FETCH}/orderNo/W-1")
    with django_assert_num_queries(5):
        caller.get(f"{FETCH}/{order.pk}")
    many_orders(cast, 150)
    for path in (f"{STATUS}/All", f"{STATUS}/All/since", f"{STATUS}/1/since/webshop", f"{STATUS}/Missing"):
        caller.get(path, dateTime="2026-01-01")
        with django_assert_num_queries(5 if path.endswith(("All", "since", "webshop")) else 3):
            caller.get(path, dateTime="2026-01-01")


def test_whatever_else_a_client_accepts_it_gets_json(cast: Cast) -> None:
    received(cast, new_order("W-1"))
    caller = Caller()
    for accept in ("application/pdf", "text/json", "text/plain", "image/png;q=0.1", "nonsense", ""):
        caller.client.defaults["HTTP_ACCEPT"] = accept
        found, none = caller.get(f"{FETCH}/W-1"), caller.get(f"{FETCH}/W-2")
        assert (found.status_code, found.headers["Content-Type"]) == (200, "application/json"), accept
        assert (none.status_code, none.headers["Content-Type"]) == (404, PROBLEM), accept


def test_every_status_of_a_line_is_one_of_the_words_that_a_list_can_be_asked_for(cast: Cast) -> None:
    an_order_in_each_status(cast)
    caller = Caller()
    for status in set(Line.objects.values_list("status", flat=True)):
        assert caller.get(f"{STATUS}/{status}").status_code == 200
