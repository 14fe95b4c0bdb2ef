"""Pieces of a paid order that its customer never gets are refunded by the web shop: each of them once."""

from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from core.errors import Conflict
from orders import collecting, picking, sync_status, trouble
from orders.changes_at_ddd import follow
from orders.models import OrderEvent, RefundDue, RefundedLine, WebOrder
from orders.refund_due import settle_refunds
from returns.refunds import close_refund
from tests.core.pages import Page, browser
from tests.factories import JUMPER, NOW, SCARF, Cast, again, new_order, picked, received
from tests.orders.test_following import LONG_AGO, beside
from tests.orders.together import at_once, kinds
from tests.orders.web_shop import Caller, faults

REFUNDS = "/api/returns/refunds"
SINCE = f"{REFUNDS}/since"
LATER = NOW + timedelta(hours=2)
UNCOLLECTED = NOW + timedelta(days=30)


def three_pieces(cast: Cast, missing: tuple[int, ...] = (2,), **kwargs: Any) -> WebOrder:
    return picked(cast, new=new_order(variants=(JUMPER, SCARF, JUMPER), **kwargs), missing=missing)


def owed() -> list[tuple[str, float, list[tuple[str, str | None, float]]]]:
    """What the web shop reads: state, amount and pieces of each refund."""
    answer = Caller().get(REFUNDS, state="all").json()
    return [
        (
            refund["State"],
            refund["Amount"],
            [(line["Cause"], line["Reason"], line["Amount"]) for line in refund["Lines"]],
        )
        for refund in sorted(answer, key=lambda refund: refund["Id"])
    ]


MISSING = ("Missing", "Not found on the shelf", 199.95)


def test_a_missing_piece_is_told_when_the_order_is_picked(cast: Cast) -> None:
    order = three_pieces(cast, order_no="W-1")
    picking.finish(order, cast.person("aarhus"), LATER)
    refund, line = RefundDue.objects.get(), order.lines.get(number=2)
    (told,) = Caller().get(REFUNDS).json()
    assert told == {
        "Id": refund.pk,
        "OrderNo": "W-1",
        "ReturnNumber": None,
        "State": "Due",
        "Amount": 199.95,
        "Currency": "DKK",
        "MadeOn": "2026-03-03T09:05:00.000000Z",
        "ModifiedOn": told["ModifiedOn"],
        "ShopId": 996001,
        "Lines": [
            {
                "Id": line.pk,
                "VariantId": SCARF,
                "Amount": 199.95,
                "Cause": "Missing",
                "Reason": "Not found on the shelf",
                "ReturnCode": None,
                "Condition": None,
            }
        ],
        "Reference": None,
        "ClosedOn": None,
    }
    assert Caller().post(f"{REFUNDS}/{refund.pk}/close", {"Reference": "PAY-1"}).json() is True
    assert again(order).events.filter(kind="refunded").get().data["reference"] == "PAY-1"


def test_the_rest_is_told_when_the_order_ends(cast: Cast) -> None:
    rest = 399.90
    trouble.cancel(three_pieces(cast), "customer", cast.person("manager"), LATER)
    assert owed() == [
        ("Due", 199.95, [MISSING]),
        ("Due", rest, [("Cancelled", "The customer does not want it", 199.95)] * 2),
    ]
    RefundDue.objects.all().delete()
    assert collecting.give_up(three_pieces(cast), UNCOLLECTED)
    assert owed()[1:] == [("Due", rest, [("NotCollected", None, 199.95)] * 2)]
    RefundDue.objects.all().delete()
    sync_status.follow_cancelled(three_pieces(cast), LATER)
    assert owed()[1:] == [("Due", rest, [("Cancelled", "Cancelled at DdD", 199.95)] * 2)]
    RefundDue.objects.all().delete()
    three_pieces(cast, missing=(1, 2, 3))
    assert owed() == [("Due", 599.85, [MISSING] * 3)]


@pytest.mark.parametrize("price", ["199.95", "0.00"])
def test_of_what_was_not_paid_nothing_is_owed(cast: Cast, price: str) -> None:
    order = three_pieces(cast, is_paid=price == "0.00", price=price)
    for _twice in range(2):
        collecting.give_up(order, UNCOLLECTED)
    assert again(order).status == "Cancelled"
    assert owed() == []
    assert kinds(order).count("refund due") == 2 * (price == "0.00")


def test_a_moved_order_owes_what_its_last_shop_did_not_find(cast: Cast) -> None:
    order = received(cast)
    actor, there = cast.person("aarhus"), cast.person("odense")
    lines = list(order.lines.all())
    picking.report_missing(order, lines[0].pk, "not found", actor, NOW)
    trouble.move_to_shop(again(order), cast.odense, actor, NOW)
    assert owed() == []
    for line, verb in zip(lines, ("pick", "missing"), strict=True):
        if verb == "pick":
            picking.pick(again(order), line.pk, there, LATER)
        else:
            picking.report_missing(again(order), line.pk, "damaged", there, LATER)
    picking.finish(again(order), there, LATER)
    assert owed() == [("Due", 199.95, [("Missing", "Damaged", 199.95)])]
    assert RefundDue.objects.get().shop == cast.odense


def test_what_the_till_gave_out_after_all_is_not_owed_any_more(cast: Cast) -> None:
    order = three_pieces(cast, missing=(1, 2))
    first = order.lines.all()[0]
    delivered = [line.pk for line in order.lines.all() if line.number != 2]
    sync_status.follow_delivered(order, delivered, LATER)
    first.refresh_from_db()
    assert first.status == "Delivered"
    assert owed() == [("Withdrawn", 399.90, [MISSING] * 2), ("Due", 199.95, [MISSING])]
    assert kinds(order)[-3:] == ["delivered", "refund withdrawn", "refund due"]
    refund = RefundDue.objects.earliest("pk")
    with pytest.raises(Conflict, match="the order has changed since") as refused:
        close_refund(refund, "PAY-1", None, LATER)
    assert refused.value.code == "no-longer-due"


def test_and_is_claimed_back_when_it_was_paid(cast: Cast) -> None:
    order = three_pieces(cast)
    close_refund(order.refunds.get(), "PAY-1", None, LATER)
    sync_status.follow_delivered(order, [line.pk for line in order.lines.all()], LATER)
    assert [state for state, *_rest in owed()] == ["Reclaim"]
    page = Page(browser(cast, "office").get("/returns/refunds/"))
    assert "It is not owed any more, but PAY-1 is paid: claim it back." in page.text
    Caller().post(f"{REFUNDS}/{order.refunds.get().pk}/close", {"Reference": "PAY-2"})
    assert [state for state, *_rest in owed()] == ["Reclaimed"]


def test_when_ddd_says_that_it_was_not_paid_or_cost_less_the_refund_follows(cast: Cast) -> None:
    order = three_pieces(cast, order_no="D-1")
    WebOrder.objects.update(source="ddd")
    cheaper = new_order("D-1", variants=(JUMPER, SCARF, JUMPER), price="149.95")
    assert follow(order, cheaper, LATER)
    assert [row[:2] for row in owed()] == [("Withdrawn", 199.95), ("Due", 149.95)]
    unpaid = new_order("D-1", variants=(JUMPER, SCARF, JUMPER), price="149.95", is_paid=False)
    assert follow(again(order), unpaid, LATER)
    assert [state for state, *_rest in owed()] == ["Withdrawn", "Withdrawn"]
    assert follow(again(order), cheaper, LATER)
    assert [state for state, *_rest in owed()] == ["Withdrawn", "Withdrawn", "Due"]
    assert not follow(again(order), cheaper, LATER)
    assert RefundedLine.objects.filter(counts=True).count() == 1


def test_what_an_older_version_has_told_is_not_owed_twice(cast: Cast) -> None:
    order = three_pieces(cast)
    RefundDue.objects.all().delete()
    event = order.events.get(kind="refund due")
    OrderEvent.objects.filter(pk=event.pk).update(
        data={name: value for name, value in event.data.items() if name != "refund"}
    )
    settle_refunds(again(order), LATER)
    assert owed() == []
    trouble.cancel(again(order), "other", cast.person("manager"), LATER)
    assert [row[:2] for row in owed()] == [("Due", 399.90)]


def test_head_office_sees_and_closes_it_like_any_other(cast: Cast) -> None:
    order, office = three_pieces(cast, order_no="W-1"), browser(cast, "office")
    page = Page(office.get("/returns/refunds/"))
    assert page.rows[1].startswith("W-1 nordlys 199.95 DKK")
    assert "Missing: Not found on the shelf" in page.rows[1]
    refund = RefundDue.objects.get()
    office.post(f"/returns/refunds/{refund.pk}/close/", {"reference": "PAY-1"})
    page = Page(office.get(f"/orders/{order.pk}/"))
    assert "Refunds of the web shop" in page.text
    assert "PAY-1" in page.text
    assert Page(browser(cast, "fjord office").get("/returns/refunds/")).rows == []


@pytest.mark.django_db(transaction=True)
def test_two_workers_and_a_person_at_once_owe_each_piece_once(cast: Cast) -> None:
    order, mads = three_pieces(cast), cast.person("manager")
    at_once(
        *[lambda: collecting.give_up(order, UNCOLLECTED)] * 2,
        lambda: trouble.cancel(order, "other", mads, UNCOLLECTED),
        lambda: sync_status.follow_cancelled(order, UNCOLLECTED),
    )
    lines = RefundedLine.objects.filter(counts=True).values_list("line", flat=True)
    assert sorted(lines) == [line.pk for line in order.lines.all()]
    assert [row[:2] for row in owed()] == [("Due", 199.95), ("Due", 399.90)]


# Following


@pytest.mark.parametrize("by_cursor", [False, True], ids=["by time", "by cursor"])
def test_a_refund_that_is_stored_late_is_seen_once(cast: Cast, by_cursor: bool) -> None:
    caller, seen = Caller(), {"dateTime": LONG_AGO, "cursor": ""}

    def look() -> list[str]:
        answer = caller.get(SINCE, **{name: seen[name] for name in (["dateTime", "cursor"][by_cursor],)})
        assert answer.status_code == 200, answer.content
        seen["cursor"] = answer.headers["X-Next-Cursor"]
        seen["dateTime"] = max([seen["dateTime"], *(refund["ModifiedOn"] for refund in answer.json())])
        return [refund["OrderNo"] for refund in answer.json()]

    began = timezone.now()
    quick, late = (received(cast, new_order(number)) for number in ("quick", "late"))
    mads = cast.person("manager")
    trouble.cancel(quick, "other", mads, began + timedelta(minutes=6))
    assert look() == ["quick"]
    trouble.cancel(late, "other", mads, began)
    assert look() == ["late"]
    assert look() == []
    for order in (quick, late):
        close_refund(order.refunds.get(), "PAY-1", None, began)
    assert sorted(look()) == ["late", "quick"]
    assert look() == []


def test_a_cursor_is_no_word_of_ones_own(cast: Cast) -> None:
    assert faults(Caller().get(SINCE, cursor="x")) == {"/cursor": "invalid"}
    assert faults(Caller().get(SINCE)) == {"/dateTime": "invalid"}


@pytest.mark.django_db(transaction=True)
def test_one_that_is_committed_after_later_ones_is_seen(cast: Cast) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    stored, may_commit = Event(), Event()
    slow, quick = (received(cast, new_order(number)) for number in ("slow", "quick"))
    mads = cast.person("manager")

    def cancel_slowly() -> None:
        with transaction.atomic():
            trouble.cancel(slow, "other", mads, timezone.now())
            stored.set()
            assert may_commit.wait(30)

    threads = beside(cancel_slowly)
    assert stored.wait(30)
    trouble.cancel(quick, "other", mads, timezone.now())
    first = Caller().get(SINCE, cursor="")
    assert [refund["OrderNo"] for refund in first.json()] == ["quick"]
    may_commit.set()
    threads[0].join()
    found = Caller().get(SINCE, cursor=first.headers["X-Next-Cursor"])
    assert [refund["OrderNo"] for refund in found.json()] == ["slow"]
