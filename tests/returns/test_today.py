"""An order's pages: the return policy's answer today, earlier returns, and the timeline."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from orders import sync_status
from orders.delivery import HandOver
from orders.models import RefundDue, WebOrder
from returns import desk, refunds
from returns.models import Condition, ReturnPolicy
from returns.policy import Outcome
from tests.core.pages import Page, browser
from tests.ddd.rows import Clock, drain_to_the_end
from tests.factories import (
    JUMPER,
    NOW,
    SCARF,
    Cast,
    delivered,
    new_order,
    picked,
    received,
    taken,
    taken_back,
)
from tests.sandbox_process import RunningSandbox

pytestmark = pytest.mark.any_database

IN_CASH = HandOver(WebOrder.Way.HAND_OVER, "cash")
TODAY = NOW + timedelta(days=17)  # by the calendar day 17


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(TODAY, tick=False) as traveller:
        yield traveller


def pos_page(client: Client, order: WebOrder) -> Page:
    return Page(client.get(f"/pos/orders/{order.pk}/"))


def office_page(client: Client, order: WebOrder) -> Page:
    return Page(client.get(f"/orders/{order.pk}/"))


def policy(**kwargs: object) -> None:
    ReturnPolicy.objects.filter(group__ddd_group_id=996).update(**kwargs)


# What the policy would say today


def test_the_shop_reads_who_would_pay_how_much_and_why(cast: Cast, aarhus: Client) -> None:
    page = pos_page(aarhus, delivered(cast, new=new_order(price="249.00")))
    assert (
        "If it came back today The register pays 498.00 DKK Day 17 of 30. Paid online. "
        "Nordlys lets the register pay up to 1,000.00 DKK. Take back"
    ) in page.text
    assert page.faults == []


def test_the_page_links_to_the_return_desk(cast: Cast, aarhus: Client) -> None:
    order = delivered(cast)
    assert pos_page(aarhus, order).links["Take back"] == f"/returns/orders/{order.pk}/"


def test_head_office_reads_the_same_of_the_orders_own_shop_and_cannot_take_back(
    cast: Cast, office: Client
) -> None:
    page = office_page(office, delivered(cast, new=new_order(price="249.00")))
    assert "If it came back to Aarhus today The register pays 498.00 DKK Day 17 of 30." in page.text
    assert "Take back" not in page.links
    assert page.faults == []


def test_where_the_register_does_not_pay_the_web_shop_does(cast: Cast, aarhus: Client) -> None:
    policy(register_pays=False)
    page = pos_page(aarhus, delivered(cast))
    assert "The web shop refunds 399.90 DKK Day 17 of 30. Paid online." in page.text


@pytest.mark.parametrize("overruling", ReturnPolicy.Overruling)
def test_too_late_says_so_and_who_can_help(
    cast: Cast, aarhus: Client, overruling: ReturnPolicy.Overruling
) -> None:
    policy(days=14, overruling=overruling)
    page = pos_page(aarhus, delivered(cast))
    assert "It is not taken back Day 17: Nordlys takes pieces back for 14 days." in page.text
    manager_may = overruling == ReturnPolicy.Overruling.MANAGER
    assert ("The shop manager may decide otherwise." in page.text) == manager_may
    assert ("Take back" in page.links) == manager_may


def test_over_the_limit_fewer_pieces_may_still_come_back(cast: Cast, aarhus: Client) -> None:
    policy(money_limit="300.00", overruling=ReturnPolicy.Overruling.NOBODY)
    order = delivered(cast, new=new_order(is_paid=False), hand_over=IN_CASH)
    page = pos_page(aarhus, order)
    assert "It is not taken back" in page.text
    assert "Nordlys lets the register pay up to 300.00 DKK, and this is 399.90 DKK." in page.text
    assert "Take back" in page.links


def test_a_shop_that_takes_no_returns_offers_none(cast: Cast, aarhus: Client) -> None:
    policy(where=ReturnPolicy.Where.CHOSEN)
    page = pos_page(aarhus, delivered(cast))
    assert "It is not taken back This shop does not take this order back." in page.text
    assert "Take back" not in page.links


def test_only_what_the_customer_still_has_is_counted(cast: Cast, aarhus: Client) -> None:
    order = delivered(cast, new=new_order(variants=(JUMPER, SCARF, JUMPER)), missing=(3,))
    taken_back(cast, order, lines=(1,), paid_by="cash")
    assert "The register pays 199.95 DKK" in pos_page(aarhus, order).text


def test_what_ddds_till_delivered_is_judged_alike(cast: Cast, aarhus: Client) -> None:
    order = received(cast)
    sync_status.follow_delivered(order, [line.pk for line in order.lines.all()], NOW)
    assert "If it came back today The register pays 399.90 DKK Day 17 of 30." in pos_page(aarhus, order).text


@pytest.mark.parametrize("state", [received, taken, picked])
def test_an_order_that_did_not_leave_the_shop_says_nothing_of_returns(
    cast: Cast, aarhus: Client, office: Client, state: type
) -> None:
    order = state(cast)
    for page in (pos_page(aarhus, order), office_page(office, order)):
        assert "came back" not in page.text
        assert "Take back" not in page.links


def test_when_everything_is_back_nothing_is_left_to_judge(cast: Cast, aarhus: Client) -> None:
    order = delivered(cast)
    taken_back(cast, order, paid_by="cash")
    page = pos_page(aarhus, order)
    assert "If it came back today" not in page.text
    assert "Return 1" in page.text


# What came back


def rows(page: Page) -> list[str]:
    """Each return as it stands on the page."""
    return [row for row in page.rows if row.startswith("Return ") and "Waiting" not in row]


def test_both_pages_list_a_return_with_who_where_when_what_and_how_it_was_paid(
    cast: Cast, aarhus: Client, office: Client
) -> None:
    order = delivered(cast)
    taken_back(cast, order, lines=(1,), paid_by="cash", condition=Condition.DAMAGED)
    row = (
        "Return 1 199.95 DKK Aarhus · Freja Sørensen · 4 Mar 10:00 "
        "Wool jumper Skagerrak Blue S Passer ikke · Damaged · 199.95 DKK "
        "Paid out in cash: 200.00 DKK (199.95, rounded)"
    )
    assert rows(pos_page(aarhus, order)) == [f"{row} Open the return Return slip"]
    assert rows(office_page(office, order)) == [f"{row} Return slip"]


def test_the_first_return_is_on_top(cast: Cast, aarhus: Client) -> None:
    order = delivered(cast)
    taken_back(cast, order, lines=(2,), paid_by="terminal")
    taken_back(cast, order, lines=(1,), paid_by="cash")
    first, second = rows(pos_page(aarhus, order))
    assert first.startswith("Return 1 199.95 DKK")
    assert "Scarf" in first
    assert "Paid out at the card terminal" in first
    assert second.startswith("Return 2 199.95 DKK")


def test_of_another_shops_return_the_slip_is_not_ours_to_print(cast: Cast, aarhus: Client) -> None:
    order = delivered(cast)
    taken_back(cast, order, who="odense", shop=cast.odense, paid_by="cash")
    (row,) = rows(pos_page(aarhus, order))
    assert "Odense" in row
    assert "Return slip" not in row
    assert "Open the return" not in row


def test_a_refund_says_how_far_it_is(cast: Cast, office: Client) -> None:
    policy(register_pays=False)
    order = delivered(cast)
    one = taken_back(cast, order)
    assert "The web shop refunds the money. To be refunded Return slip" in rows(office_page(office, order))[0]
    refund = RefundDue.objects.get(taken_back=one)
    refunds.close_refund(refund, "PAY-77", cast.person("office"), TODAY)
    (row,) = rows(office_page(office, order))
    assert "The web shop refunds the money. Refunded Karen Østergaard · today 10:00 · PAY-77" in row


def test_what_the_web_shop_closed_itself_says_so(cast: Cast, office: Client) -> None:
    policy(register_pays=False)
    order = delivered(cast)
    one = taken_back(cast, order)
    refunds.close_refund(RefundDue.objects.get(taken_back=one), "PAY-78", None, TODAY)
    assert "Refunded the web shop itself · today 10:00 · PAY-78" in rows(office_page(office, order))[0]


def test_an_overruling_is_told_with_name_and_reason(cast: Cast, office: Client) -> None:
    policy(register_pays=False)
    order = delivered(cast)
    taken_back(
        cast, order, "manager", paid_by="cash", instead=Outcome.REGISTER, overrule_reason="A good customer"
    )
    assert "Overruled by Mads Lindholm: A good customer" in rows(office_page(office, order))[0]


def test_a_cancelled_return_is_told_with_who_did_it_and_why(cast: Cast, aarhus: Client) -> None:
    order = delivered(cast)
    one = taken_back(cast, order, paid_by="cash")
    desk.cancel(one, "Wrong <b>bag</b>", cast.person("manager"), TODAY)
    page = pos_page(aarhus, order)
    (row,) = rows(page)
    assert row.startswith("Return 1 399.90 DKK Cancelled")
    assert "Cancelled by Mads Lindholm, today 10:00: Wrong <b>bag</b>" in row
    assert "The register pays 399.90 DKK" in page.text  # all of it may come back again
    assert page.faults == []


def test_a_reversed_return_too(booked_cast: Cast, sandbox: RunningSandbox) -> None:
    order = delivered(booked_cast)
    one = taken_back(booked_cast, order, paid_by="cash")
    drain_to_the_end(booked_cast.nordlys.pk, Clock())
    desk.reverse(one, "Not ours", booked_cast.person("manager"), TODAY)
    (row,) = rows(pos_page(browser(booked_cast, "aarhus"), order))
    assert row.startswith("Return 1 399.90 DKK Reversed")
    assert "Reversed by Mads Lindholm, today 10:00: Not ours" in row


def test_pieces_that_are_back_are_marked(cast: Cast, aarhus: Client) -> None:
    order = delivered(cast)
    taken_back(cast, order, lines=(1,), paid_by="cash")
    pieces = [row for row in pos_page(aarhus, order).rows if str(JUMPER) in row]
    assert "Returned" in pieces[0]


# The timeline


def told(client: Client, order: WebOrder) -> list[tuple[str, str, tuple[str, ...]]]:
    """What happened after the delivery, by whom, and what more is said."""
    entries = client.get(f"/orders/{order.pk}/").context["timeline"]
    titles = [entry.title for entry in entries]
    return [(one.title, one.who, one.details) for one in entries[titles.index("Delivered") + 1 :]]


def test_the_timeline_tells_a_return_its_reasons_and_how_it_was_paid(cast: Cast, office: Client) -> None:
    order = delivered(cast)
    taken_back(cast, order, lines=(1,), paid_by="terminal", condition=Condition.DAMAGED)
    assert told(office, order) == [
        (
            "Pieces taken back",
            "Freja Sørensen",
            (
                "Return 1",
                "Aarhus",
                "Wool jumper Skagerrak Blue S (Passer ikke, damaged)",
                "Amount 199.95",
                "Paid out at the card terminal",
            ),
        )
    ]


def test_the_timeline_tells_who_overruled_and_what_became_of_the_refund(cast: Cast, office: Client) -> None:
    order = delivered(cast)
    one = taken_back(
        cast, order, "manager", lines=(2,), instead=Outcome.WEB_SHOP, overrule_reason="No cash left"
    )
    refunds.close_refund(RefundDue.objects.get(taken_back=one), "PAY-77", None, TODAY)
    assert told(office, order) == [
        (
            "Pieces taken back",
            "Mads Lindholm",
            (
                "Return 1",
                "Aarhus",
                "Scarf Løvfald Rust One size (Passer ikke)",
                "Amount 199.95",
                "The web shop refunds",
                "Overruled by Mads Lindholm: No cash left",
            ),
        ),
        ("Refunded", "nordlys", ("Return 1", "Amount 199.95", "Reference PAY-77")),
    ]


ROUNDED = "Changed hands, rounded: 200.00"


def test_the_timeline_tells_why_a_return_was_cancelled(cast: Cast, office: Client) -> None:
    order = delivered(cast)
    one = taken_back(cast, order, lines=(1,), paid_by="cash")
    desk.cancel(one, "Wrong bag", cast.person("manager"), TODAY)
    assert told(office, order)[1:] == [
        (
            "Return cancelled",
            "Mads Lindholm",
            ("Return 1", "Aarhus", "Wool jumper Skagerrak Blue S", "Amount 199.95", ROUNDED, "Wrong bag"),
        )
    ]


def test_the_timeline_tells_what_was_told_to_ddd(booked_cast: Cast, sandbox: RunningSandbox) -> None:
    order = delivered(booked_cast)
    taken_back(booked_cast, order, paid_by="cash")
    drain_to_the_end(booked_cast.nordlys.pk, Clock())
    titles = [title for title, who, _details in told(browser(booked_cast, "office"), order) if who == "DdD"]
    assert sorted(titles) == [
        "Item transfer: sent to DdD",  # of the delivery
        "Item transfer: sent to DdD",
        "Return: sent to DdD",
        "Sale: sent to DdD",
        "Web order: sent to DdD",
    ]


# Queries


@pytest.mark.parametrize("pieces", [1, 30])
def test_both_pages_ask_the_same_however_many_pieces_came_back(
    cast: Cast, aarhus: Client, office: Client, django_assert_num_queries: DjangoAssertNumQueries, pieces: int
) -> None:
    policy(money_limit=None)
    order = delivered(cast, new=new_order(variants=(JUMPER,) * (pieces + 1)))
    for number in range(1, pieces + 1):
        taken_back(cast, order, lines=(number,), paid_by="cash")
    # What there is without returns, and: the policy, what is left, the returns, and their pieces.
    with django_assert_num_queries(15):
        aarhus.get(f"/pos/orders/{order.pk}/")
    # Of head office's page also what stands in front of the postings that wait, and what else is owed.
    with django_assert_num_queries(18):
        office.get(f"/orders/{order.pk}/")
