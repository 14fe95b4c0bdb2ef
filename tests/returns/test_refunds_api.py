"""A web shop follows what it is to refund, and says what it has paid, through the Public API."""

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.demo_secrets import FJORD_KEY, OUTLET_KEY
from core.api import PAGE_SIZE
from orders.models import Line, RefundDue
from returns import desk
from returns.models import Condition, Return
from returns.policy import Outcome
from tests.factories import JUMPER, NOW, SCARF, Cast, delivered, new_order, taken_back
from tests.orders.together import everything
from tests.orders.web_shop import PROBLEM, Caller, faults
from tests.returns.test_refunds import LATER, due, kept, reversed_return

pytestmark = pytest.mark.any_database

if TYPE_CHECKING:
    from tests.orders.web_shop import Answer

REFUNDS = "/api/returns/refunds"
SINCE = f"{REFUNDS}/since"
BEFORE, AFTER = "2026-03-04T08:59:59Z", "2026-03-04T09:00:00Z"  # the second of the return, and it itself


def numbers(answer: "Answer") -> list[str]:
    assert answer.status_code == 200, answer.content
    return [refund["OrderNo"] for refund in answer.json()]


def close(refund: RefundDue, body: Any, key: Caller | None = None) -> "Answer":
    return (key or Caller()).post(f"{REFUNDS}/{refund.pk}/close", body)


def test_a_refund_says_what_came_back_why_and_how_much_is_owed(cast: Cast) -> None:
    order = delivered(cast, new=new_order("W-1"))
    jumper, _scarf = order.lines.all()
    back = taken_back(
        cast,
        order,
        "manager",
        cast.aarhus,
        lines=(1,),
        condition=Condition.DAMAGED,
        instead=Outcome.WEB_SHOP,
        overrule_reason="No cash today",
    )
    refund = RefundDue.objects.get(taken_back=back)
    answer = Caller().get(f"{REFUNDS}/{refund.pk}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    assert answer.json() == {
        "Id": refund.pk,
        "OrderNo": "W-1",
        "ReturnNumber": 1,
        "State": "Due",
        "Amount": 199.95,
        "Currency": "DKK",
        "MadeOn": "2026-03-04T09:00:00.000000Z",
        "ModifiedOn": "2026-03-04T09:00:00.000000Z",
        "ShopId": 996001,
        "Lines": [
            {
                "Id": jumper.pk,
                "VariantId": JUMPER,
                "Amount": 199.95,
                "Cause": "Returned",
                "Reason": "Passer ikke",
                "ReturnCode": 1,
                "Condition": "Damaged",
            }
        ],
        "Reference": None,
        "ClosedOn": None,
    }


def test_a_return_of_several_pieces_has_a_line_for_each(cast: Cast) -> None:
    refund = due(cast)
    (told,) = Caller().get(REFUNDS).json()
    assert told["Amount"] == 399.90
    assert [(line["VariantId"], line["Condition"]) for line in told["Lines"]] == [
        (JUMPER, "Shelf"),
        (SCARF, "Shelf"),
    ]
    lines = Line.objects.filter(order=refund.taken_back.order)
    assert [line["Id"] for line in told["Lines"]] == [line.pk for line in lines]


def test_closing_answers_true_and_shows_what_was_paid(cast: Cast) -> None:
    refund = due(cast)
    answer = close(refund, {"Reference": "PAY-77"})
    assert (answer.status_code, answer.json()) == (200, True)
    told = Caller().get(f"{REFUNDS}/{refund.pk}").json()
    assert (told["State"], told["Reference"]) == ("Refunded", "PAY-77")
    assert told["ClosedOn"] == told["ModifiedOn"]
    assert refund.taken_back.order.events.filter(kind="refunded").count() == 1


def test_closing_twice_under_one_reference_changes_nothing(cast: Cast) -> None:
    refund = due(cast)
    close(refund, {"Reference": "PAY-77"})
    before = kept(refund), everything(refund.taken_back.order)
    for body in ({"Reference": "PAY-77"}, {"reference": " PAY-77 "}, {"REFERENCE": "PAY-77", "Note": 1}):
        answer = close(refund, body)
        assert (answer.status_code, answer.json()) == (200, True)
    assert (kept(refund), everything(refund.taken_back.order)) == before


def test_another_reference_for_the_same_refund_is_a_conflict(cast: Cast) -> None:
    refund = due(cast)
    close(refund, {"Reference": "PAY-77"})
    before = kept(refund), everything(refund.taken_back.order)
    answer = close(refund, {"Reference": "PAY-78"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (409, PROBLEM)
    assert answer.json()["code"] == "closed-already"
    assert answer.json()["detail"] == "nordlys has closed it already, under the reference PAY-77."
    assert (kept(refund), everything(refund.taken_back.order)) == before


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/Reference"),
        ({"Reference": None}, "/Reference"),
        ({"Reference": 77}, "/Reference"),
        ({"Reference": ["PAY-77"]}, "/Reference"),
        ({"Reference": ""}, "/Reference"),
        ({"Reference": " \t "}, "/Reference"),
        ({"Reference": "x" * 101}, "/Reference"),
        ({"Reference": "a\u0000b"}, "/Reference"),
        ("PAY-77", "/"),
        ([{"Reference": "PAY-77"}], "/"),
        (None, "/"),
    ],
)
def test_a_body_that_says_no_reference_is_refused_at_its_field(cast: Cast, body: Any, pointer: str) -> None:
    refund = due(cast)
    before = kept(refund), everything(refund.taken_back.order)
    answer = close(refund, body)
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, PROBLEM)
    assert faults(answer) == {pointer: "invalid"}
    assert (kept(refund), everything(refund.taken_back.order)) == before


def test_what_is_not_json_is_refused(cast: Cast) -> None:
    refund = due(cast)
    before = kept(refund)
    answer = Caller().post(f"{REFUNDS}/{refund.pk}/close", b"Reference=PAY-77")
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, PROBLEM)
    assert kept(refund) == before


@pytest.mark.parametrize("key", [OUTLET_KEY, FJORD_KEY])
def test_another_web_shop_sees_and_closes_nothing(cast: Cast, key: str) -> None:
    refund, stranger = due(cast), Caller(key)
    before = kept(refund), everything(refund.taken_back.order)
    assert numbers(stranger.get(REFUNDS)) == []
    assert numbers(stranger.get(SINCE, dateTime=BEFORE)) == []
    for answer in (stranger.get(f"{REFUNDS}/{refund.pk}"), close(refund, {"Reference": "X"}, stranger)):
        assert (answer.status_code, answer.headers["Content-Type"]) == (404, PROBLEM)
    assert (kept(refund), everything(refund.taken_back.order)) == before


def test_the_outlet_refunds_its_own(cast: Cast) -> None:
    due(cast)
    order = delivered(cast, new=new_order("O-1"), web_shop="outlet")
    taken_back(cast, order, "manager", instead=Outcome.WEB_SHOP, overrule_reason="No cash today")
    assert numbers(Caller(OUTLET_KEY).get(REFUNDS)) == ["O-1"]


@pytest.mark.parametrize("key", ["0", "9" * 19, "9" * 20, "-1", "x", "%00", "²", "1.0", "refunds"])
def test_a_refund_that_is_not_there_is_a_problem(cast: Cast, key: str) -> None:
    due(cast)
    for answer in (
        Caller().get(f"{REFUNDS}/{key}"),
        Caller().post(f"{REFUNDS}/{key}/close", {"Reference": "X"}),
    ):
        assert (answer.status_code, answer.headers["Content-Type"]) == (404, PROBLEM)


def in_every_state(cast: Cast) -> None:
    """One refund in each state, made by the real functions; its OrderNo names the state."""
    due(cast, "due")
    close(due(cast, "refunded"), {"Reference": "A"})
    withdrawn = due(cast, "withdrawn")
    back = Return.objects.get(pk=withdrawn.taken_back.pk)
    desk.cancel(back, "Wrong customer", cast.person("manager"), LATER)
    for number in ("reclaim", "reclaimed"):
        refund = due(cast, number)
        close(refund, {"Reference": "B"})
        reversed_return(cast, refund)
    close(refund, {"Reference": "C"})


@pytest.mark.parametrize(
    ("state", "found"),
    [
        (None, {"due", "reclaim"}),
        ("open", {"due", "reclaim"}),
        ("OPEN", {"due", "reclaim"}),
        ("Due", {"due"}),
        ("refunded", {"refunded"}),
        ("Withdrawn", {"withdrawn"}),
        ("Reclaim", {"reclaim"}),
        ("reclaimed", {"reclaimed"}),
        ("All", {"due", "refunded", "withdrawn", "reclaim", "reclaimed"}),
    ],
)
def test_refunds_are_listed_by_their_state(cast: Cast, state: str | None, found: set[str]) -> None:
    in_every_state(cast)
    answer = Caller().get(REFUNDS, **({"state": state} if state else {}))
    assert set(numbers(answer)) == found
    assert len(answer.json()) == len(found)
    assert all(refund["State"].lower() == refund["OrderNo"] for refund in answer.json())


@pytest.mark.parametrize("state", ["lost", "", "%00"])
def test_a_state_that_does_not_exist_is_named(cast: Cast, state: str) -> None:
    answer = Caller().get(REFUNDS, state=state)
    assert (answer.status_code, faults(answer)) == (422, {"/state": "invalid"})
    assert answer.json()["detail"] == ("Known are: Open, All, Due, Refunded, Withdrawn, Reclaim, Reclaimed.")


def test_what_changed_is_told_in_every_state_the_longest_unchanged_first(cast: Cast) -> None:
    in_every_state(cast)
    told = Caller().get(SINCE, dateTime=BEFORE).json()
    assert {refund["State"] for refund in told} == {"Due", "Refunded", "Withdrawn", "Reclaim", "Reclaimed"}
    assert [refund["ModifiedOn"] for refund in told] == sorted(refund["ModifiedOn"] for refund in told)
    assert "due" not in numbers(Caller().get(SINCE, dateTime=AFTER))


def test_what_is_closed_is_told_again(cast: Cast) -> None:
    refund = due(cast, "W-1")
    assert numbers(Caller().get(SINCE, datetime=AFTER)) == []
    close(refund, {"Reference": "PAY-77"})
    assert numbers(Caller().get(SINCE, DATETIME=AFTER)) == ["W-1"]


@pytest.mark.parametrize("moment", ["", "yesterday", "2026-13-01", "9999-13-01T00:00:00+14:00"])
def test_a_time_that_is_none_is_refused(cast: Cast, moment: str) -> None:
    answer = Caller().get(SINCE, dateTime=moment)
    assert (answer.status_code, faults(answer)) == (422, {"/dateTime": "invalid"})
    assert faults(Caller().get(SINCE)) == {"/dateTime": "invalid"}


def many(cast: Cast, count: int) -> None:
    """As many refunds, of which some changed at one moment."""
    first = due(cast)
    for number in range(1, count):
        refund = RefundDue.objects.get(pk=first.pk)
        refund.pk = None
        refund.modified_at = refund.stored_at = first.modified_at + timedelta(seconds=number // 3)
        refund.stored_at_is_due = False
        refund.save()
        back = Return.objects.get(pk=first.taken_back.pk)
        back.pk, back.number, back.refund_due = None, number + 1, refund
        back.save()


@pytest.mark.parametrize(
    ("path", "query"), [(REFUNDS, {}), (REFUNDS, {"state": "all"}), (SINCE, {"dateTime": BEFORE})]
)
def test_a_long_list_is_read_part_by_part_and_misses_nothing(
    cast: Cast, path: str, query: dict[str, str]
) -> None:
    many(cast, PAGE_SIZE + 5)
    caller, seen = Caller(), []
    answer = caller.get(path, **query)
    assert len(answer.json()) == PAGE_SIZE
    while True:
        seen += [refund["Id"] for refund in answer.json()]
        link = answer.headers.get("Link")
        if not link:
            break
        found = re.fullmatch(r'<http://testserver(.+)>; rel="next"', link)
        assert found
        answer = caller.client.get(found[1])
    assert len(seen) == len(set(seen)) == PAGE_SIZE + 5
    changed = dict(RefundDue.objects.values_list("pk", "stored_at"))
    assert seen == sorted(seen, key=lambda pk: (changed[pk], pk))


def test_a_page_address_is_taken_from_the_link_alone(cast: Cast) -> None:
    for after in ("x", "2026-03-04T09:00:00Z", "2026-03-04T09:00:00Z_x"):
        assert faults(Caller().get(REFUNDS, after=after)) == {"/after": "invalid"}


def test_a_long_list_asks_the_database_no_more_than_a_short_one(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    in_every_state(cast)
    Caller().get(REFUNDS)  # gives the times by which they are followed
    for state in ("due", "all"):
        with django_assert_num_queries(5):  # key; whether times are due; refunds, pieces of both kinds
            Caller().get(REFUNDS, state=state)


@pytest.mark.parametrize("path", ["/API/Returns/REFUNDS", "/api/returns/refunds/", "/api/RETURNS/Refunds"])
def test_the_routes_are_known_in_any_case(cast: Cast, path: str) -> None:
    refund = due(cast, "W-1")
    caller = Caller()
    assert numbers(caller.get(path)) == ["W-1"]
    path = path.rstrip("/")
    assert numbers(caller.get(f"{path}/SINCE", dateTime=BEFORE)) == ["W-1"]
    assert caller.get(f"{path}/{refund.pk}/").json()["Id"] == refund.pk
    assert caller.post(f"{path}/{refund.pk}/Close", {"Reference": "X"}).json() is True


def test_without_a_good_key_there_is_nothing(cast: Cast) -> None:
    refund = due(cast)
    before = kept(refund)
    for key in ("", "wrong"):
        for answer in (
            Caller(key).get(REFUNDS),
            Caller(key).get(SINCE, dateTime=BEFORE),
            Caller(key).get(f"{REFUNDS}/{refund.pk}"),
            close(refund, {"Reference": "X"}, Caller(key)),
        ):
            assert answer.status_code == 401
    assert kept(refund) == before


def test_a_wrong_method_is_none(cast: Cast) -> None:
    refund = due(cast)
    assert Caller().get(f"{REFUNDS}/{refund.pk}/close").status_code == 405
    assert Caller().post(REFUNDS, {}).status_code == 405


def test_times_are_utc_to_the_microsecond(cast: Cast) -> None:
    refund = due(cast)
    told = Caller().get(f"{REFUNDS}/{refund.pk}").json()
    assert datetime.fromisoformat(told["MadeOn"]) == NOW + timedelta(days=1)
