"""Head office sees what web shops owe their customers, and closes what it has seen paid."""

from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from orders.models import RefundDue
from returns import desk
from returns.models import Return
from returns.policy import Outcome
from returns.refunds import close_refund
from returns.refunds_listing import REFUNDS_ON_A_PAGE
from tests.core.pages import ENGLISH, Page, browser
from tests.factories import NOW, Cast, delivered, new_order, taken_back
from tests.orders.together import everything
from tests.returns.test_refunds import LATER, due, kept, reversed_return

REFUNDS = "/returns/refunds/"
pytestmark = [pytest.mark.any_database, pytest.mark.usefixtures("today")]


def listed(client: Client, **query: str) -> list[str]:
    """The OrderNos of the list, from the top."""
    page = client.get(REFUNDS, query).context["page"]
    return [refund.order.order_no for refund in page.refunds]


def rows(client: Client, **query: str) -> list[str]:
    return Page(client.get(REFUNDS, query)).rows[1:]


def copies(refund: RefundDue, count: int, step: timedelta) -> None:
    """As many more of it, each `step` later than the one before."""
    for number in range(1, count + 1):
        copy = RefundDue.objects.get(pk=refund.pk)
        copy.pk = None
        copy.made_at = refund.made_at + number * step
        copy.modified_at = refund.modified_at + number * step
        copy.save()
        back = Return.objects.get(pk=refund.taken_back.pk)
        back.pk, back.number, back.refund_due = None, number + 1, copy
        back.save()


def test_what_is_due_says_for_which_order_how_much_since_when_and_why(cast: Cast, office: Client) -> None:
    refund = due(cast, "W-1", lines=(2,))
    (row,) = rows(office)
    assert row == (
        "W-1 nordlys 199.95 DKK yesterday 10:00 for 27 h 0 min Scarf Løvfald Rust One size Passer ikke "
        "Aarhus Reference of the payment, W-1 Refunded"
    )
    page = Page(office.get(REFUNDS))
    assert page.links["W-1"] == f"/orders/{refund.taken_back.order_id}/"
    assert page.links["Refunds 1"] == REFUNDS


def test_open_ones_are_sorted_oldest_first_and_done_ones_newest_first(cast: Cast, office: Client) -> None:
    for number in ("A", "B", "C"):
        refund = due(cast, number)
        RefundDue.objects.filter(pk=refund.pk).update(made_at=NOW - timedelta(days=ord(number)))
    assert listed(office) == ["C", "B", "A"]
    for number in ("B", "C", "A"):
        refund = RefundDue.objects.get(taken_back__order__order_no=number)
        close_refund(refund, f"PAY-{number}", None, LATER + timedelta(hours=ord(number)))
    assert listed(office) == []
    assert listed(office, tab="done") == ["C", "B", "A"]


def test_what_is_done_says_how_it_ended_and_who_closed_it(cast: Cast, office: Client) -> None:
    close_refund(due(cast, "BY-API"), "re_1", None, NOW + timedelta(days=1, hours=1))
    close_refund(due(cast, "BY-HAND"), "PAY-2", cast.person("office"), NOW + timedelta(days=1, hours=2))
    withdrawn = due(cast, "WRONG")
    back = Return.objects.get(pk=withdrawn.taken_back.pk)
    desk.cancel(back, "Wrong customer", cast.person("manager"), NOW + timedelta(days=1, hours=3))
    wrong, by_hand, by_api = rows(office, tab="done")
    assert wrong.startswith("WRONG")
    assert wrong.endswith("No longer due yesterday 13:00")
    assert by_hand.endswith("Refunded PAY-2 Karen Østergaard · yesterday 12:00")
    assert by_api.endswith("Refunded re_1 nordlys · yesterday 11:00")
    assert rows(office) == []
    assert "No refund is due." in Page(office.get(REFUNDS)).text


def test_what_was_paid_for_a_reversed_return_is_open_again_until_it_is_claimed_back(
    cast: Cast, office: Client
) -> None:
    refund = due(cast, "W-1")
    close_refund(refund, "PAY-77", None, LATER)
    reversed_return(cast, refund)
    (row,) = rows(office)
    assert "The return was reversed, but PAY-77 is paid: claim it back." in row
    assert row.endswith("Claimed back")
    office.post(f"{REFUNDS}{refund.pk}/close/", {"reference": "CLAIM-1"})
    assert rows(office) == []
    (row,) = rows(office, tab="done")
    assert row.endswith("Claimed back CLAIM-1 Karen Østergaard · today 13:00")


def test_head_office_closes_one_with_its_reference(cast: Cast, office: Client) -> None:
    refund = due(cast, "W-1")
    answer = office.post(f"{REFUNDS}{refund.pk}/close/", {"reference": " PAY-77 "})
    assert (answer.status_code, answer["Location"]) == (302, REFUNDS)
    page = Page(office.get(REFUNDS))
    assert "Closed: W-1." in page.text
    assert "Refunds" in page.links
    assert (kept(refund)["state"], kept(refund)["reference"]) == ("refunded", "PAY-77")
    timeline = Page(office.get(f"/orders/{refund.taken_back.order_id}/")).text
    assert "Refunded Karen Østergaard today 13:00 Return 1 · Amount 399.90 · Reference PAY-77" in timeline


@pytest.mark.parametrize("sent", [{}, {"reference": " "}, {"reference": "x" * 101}])
def test_without_a_reference_nothing_is_closed(cast: Cast, office: Client, sent: dict[str, str]) -> None:
    refund = due(cast)
    before = kept(refund), everything(refund.taken_back.order)
    assert office.post(f"{REFUNDS}{refund.pk}/close/", sent).status_code == 422
    assert (kept(refund), everything(refund.taken_back.order)) == before


def test_the_slower_of_two_is_told_that_the_web_shop_was_faster(cast: Cast, office: Client) -> None:
    refund = due(cast)
    close_refund(refund, "re_1", None, LATER)
    before = kept(refund), everything(refund.taken_back.order)
    answer = office.post(f"{REFUNDS}{refund.pk}/close/", {"reference": "PAY-77"})
    assert answer.status_code == 409
    assert "nordlys has closed it already, under the reference re_1." in Page(answer).text
    assert (kept(refund), everything(refund.taken_back.order)) == before


def test_another_group_sees_and_closes_nothing(cast: Cast) -> None:
    refund, solveig = due(cast, "W-1"), browser(cast, "fjord office", ENGLISH)
    before = kept(refund), everything(refund.taken_back.order)
    page = Page(solveig.get(REFUNDS))
    assert "W-1" not in page.text
    assert "Refunds" in page.links
    assert solveig.post(f"{REFUNDS}{refund.pk}/close/", {"reference": "X"}).status_code == 404
    assert (kept(refund), everything(refund.taken_back.order)) == before


def test_a_refund_in_fjord_is_due_without_anybody_choosing_it(cast: Cast) -> None:
    order = delivered(cast, "fjord staff", new_order("F-1", 997001), "fjord")
    assert taken_back(cast, order, "fjord staff").outcome == Outcome.WEB_SHOP
    (row,) = rows(browser(cast, "fjord office", ENGLISH))
    assert row.startswith("F-1 fjord 399.90 NOK")


@pytest.mark.parametrize("tab", ["open", "done"])
@pytest.mark.parametrize("step", [timedelta(0), timedelta(seconds=1)])
def test_a_long_list_is_read_page_by_page_and_misses_nothing(
    cast: Cast, office: Client, tab: str, step: timedelta
) -> None:
    copies(due(cast), REFUNDS_ON_A_PAGE + 4, step)
    if tab == "done":
        RefundDue.objects.update(state="refunded")
    first = office.get(REFUNDS, {"tab": tab})
    seen = [refund.pk for refund in first.context["page"].refunds]
    assert len(seen) == REFUNDS_ON_A_PAGE
    second = office.get(REFUNDS + Page(first).links["Next"])
    seen += [refund.pk for refund in second.context["page"].refunds]
    assert seen == sorted(RefundDue.objects.values_list("pk", flat=True), reverse=tab == "done")
    links = Page(second).links
    assert "Next" not in links
    assert links["First page"] == f"?tab={tab}"


@pytest.mark.parametrize("after", ["x", "2026-03-04T09:00:00_1", "2026-03-04T09:00:00+00:00_x", "9999_1"])
def test_a_broken_page_address_is_said(cast: Cast, office: Client, after: str) -> None:
    answer = office.get(REFUNDS, {"after": after})
    assert answer.status_code == 422
    assert "This page address is broken: begin at the first page." in Page(answer).text


def test_a_tab_that_does_not_exist_is_the_first(cast: Cast, office: Client) -> None:
    due(cast, "W-1")
    assert listed(office, tab="lost") == ["W-1"]


def test_a_hundred_and_more_are_counted_to_a_hundred(cast: Cast, office: Client) -> None:
    copies(due(cast), 98, timedelta(seconds=1))
    assert "Refunds 99" in Page(office.get("/orders/")).links
    copies(due(cast), 1, timedelta(seconds=1))
    assert "Refunds 100+" in Page(office.get("/orders/")).links


def test_a_long_list_asks_the_database_no_more_than_a_short_one(
    cast: Cast, office: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    refund = due(cast)
    for more in (0, 30):
        copies(refund, more, timedelta(seconds=1))
        with django_assert_num_queries(
            8
        ):  # session, person, Group; refunds, pieces that came back, and that nobody got; two that wait
            office.get(REFUNDS)
