"""Head office's overview: its numbers, and that each leads to exactly the orders that it counts."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts import tablets
from accounts.models import OpeningHours, Shop
from ddd.models import Connection, Difference, Notice, Posting
from ddd.words import causes
from ddd.words.differences import Kind
from office.overview.dashboard import Dashboard, dashboard_of
from orders import picking, trouble
from orders.escalation import escalate_due
from orders.models import WebOrder
from returns import desk
from tests.core.pages import HTMX, Page, browser
from tests.factories import (
    NOW,
    Cast,
    again,
    delivered,
    new_order,
    picked,
    received,
    taken,
    taken_back,
)

pytestmark = pytest.mark.any_database

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
AARHUS, ODENSE = 996001, 996002
# session, person, Group; shops, hours, holidays, tablets; moments, returns; open orders, pieces that lie;
# unsent, on its way, connection, comparison, workers; rows of each kind; refunds. Around it two more.
FULL, FRAGMENT = 20, 18


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Tuesday, 10:50 in Copenhagen: what came in at 10 is promised for 11."""
    with time_machine.travel(NOW + 50 * MINUTE, tick=False) as traveller:
        yield traveller


@pytest.fixture
def office(cast: Cast, clock: time_machine.Traveller) -> Client:
    """Karen at head office, in English; every shop has an alert, and DdD was just read."""
    every_shop_has_an_alert(cast, NOW + DAY)
    Connection.objects.update(last_good_poll_at=NOW + 50 * MINUTE)
    return browser(cast, "office")


def every_shop_has_an_alert(cast: Cast, until: datetime) -> None:
    for shop in Shop.objects.filter(takes_orders=True):
        tablets.report(shop, uuid4(), True, until + DAY, until)


def promised(order: WebOrder, at: datetime) -> WebOrder:
    WebOrder.objects.filter(pk=order.pk).update(promised_at=at)
    return order


def board(client: Client) -> Dashboard:
    found: Dashboard = client.get("/orders/dashboard/").context["board"]
    return found


def counts(client: Client) -> dict[str, dict[str, int]]:
    """What is not 0, by shop, from the top."""
    return {
        row.shop.name: {cell.name: cell.count for cell in row.cells if cell.count}
        for row in board(client).rows
    }


def listed(client: Client, query: str) -> set[str]:
    """The OrderNos of the list behind a number, which has no fault."""
    answer = client.get(f"/orders/?{query}")
    assert "A filter has a value" not in Page(answer).text
    return {order.order_no for order in answer.context["page"].orders}


# What the shops have to do


def test_each_shop_has_its_numbers_and_the_worst_stands_on_top(cast: Cast, office: Client) -> None:
    now = timezone.now()
    promised(received(cast, new_order(shop_id=ODENSE)), now + DAY)
    promised(received(cast), now + 14 * MINUTE)
    promised(taken(cast), now - MINUTE)
    promised(picked(cast), now - MINUTE)  # ready in time or not: it is ready
    delivered(cast)
    trouble.cancel(picked(cast), "customer", cast.person("aarhus"), NOW)
    received(cast, new_order(shop_id=997001), web_shop="fjord")
    assert counts(office) == {
        "Aarhus": {"overdue": 1, "at risk": 1, "new": 1, "picking": 1, "ready": 1, "put back": 1},
        "Odense": {"new": 1},
    }
    assert [cell.count for cell in board(office).totals] == [1, 1, 2, 1, 1, 1]
    assert "København" in [shop.name for shop in board(office).quiet]
    assert counts(browser(cast, "fjord office")).keys() == {cast.shop(997001).name}


@pytest.mark.parametrize(
    ("minutes", "name"),
    [(-1, "overdue"), (0, "at risk"), (14, "at risk"), (15, ""), (60, "")],
)
def test_what_is_promised_within_a_quarter_of_an_hour_is_at_risk(
    cast: Cast, office: Client, minutes: int, name: str
) -> None:
    promised(received(cast), timezone.now() + minutes * MINUTE)
    assert counts(office) == {"Aarhus": {"new": 1, **({name: 1} if name else {})}}


def test_a_shop_with_one_overdue_order_stands_above_one_with_many_new(cast: Cast, office: Client) -> None:
    now = timezone.now()
    for _number in range(5):
        promised(received(cast), now + DAY)
    promised(received(cast, new_order(shop_id=ODENSE)), now + MINUTE)
    promised(received(cast, new_order(shop_id=996003)), now - MINUTE)
    assert list(counts(office)) == ["København", "Odense", "Aarhus"]


def test_every_number_of_a_shop_leads_to_exactly_its_orders(cast: Cast, office: Client) -> None:
    now, mine = timezone.now(), {}
    mine["overdue"] = promised(taken(cast), now - MINUTE)
    mine["at risk"] = promised(received(cast), now + MINUTE)
    mine["new"] = mine["at risk"]
    mine["picking"] = mine["overdue"]
    mine["ready"] = picked(cast)
    mine["put back"] = picked(cast)
    trouble.cancel(mine["put back"], "customer", cast.person("aarhus"), NOW)
    for shop_id in (ODENSE, 996003):
        promised(received(cast, new_order(shop_id=shop_id)), now - MINUTE)
    row = next(row for row in board(office).rows if row.shop.name == "Aarhus")
    found = {cell.name: listed(office, cell.query) for cell in row.cells}
    assert found == {name: {order.order_no} for name, order in mine.items()}
    for cell in board(office).totals:
        assert len(listed(office, cell.query)) == cell.count, cell.name


def test_a_piece_lies_in_the_shop_from_which_its_order_was_moved(cast: Cast, office: Client) -> None:
    order = taken(cast)
    picking.pick(order, order.lines.all()[0].pk, cast.person("aarhus"), NOW)
    trouble.move_to_shop(again(order), cast.odense, cast.person("aarhus"), timezone.now())
    assert counts(office)["Aarhus"] == {"put back": 1}
    assert "put back" not in counts(office)["Odense"]
    assert listed(office, f"only=put+back&shop={AARHUS}") == {order.order_no}
    assert listed(office, f"only=put+back&shop={ODENSE}") == set()


def test_a_shop_that_takes_no_orders_any_more_is_shown_while_it_has_some(cast: Cast, office: Client) -> None:
    order = received(cast)
    Shop.objects.filter(shop_id=AARHUS).update(takes_orders=False)
    assert counts(office) == {"Aarhus": {"new": 1, "at risk": 1}}
    assert listed(office, f"shop={AARHUS}") == {order.order_no}


def test_the_list_shows_what_has_missing_pieces(cast: Cast, office: Client) -> None:
    received(cast)
    order = picked(cast, missing=(2,))
    assert listed(office, "only=missing") == {order.order_no}


# Today and yesterday


def figures(client: Client) -> dict[str, tuple[float | None, float | None]]:
    rows = board(client).figures
    return {f"{row.happened.value}{' min' * row.in_minutes}": (row.today, row.yesterday) for row in rows}


def test_today_stands_beside_yesterday_until_the_same_time(
    cast: Cast, office: Client, clock: time_machine.Traveller
) -> None:
    delivered(cast)
    picked(cast)
    taken_back(cast, delivered(cast), paid_by="cash", now=NOW + 40 * MINUTE)
    for minutes in (49, 50, 51):
        received(cast, now=NOW - DAY + minutes * MINUTE)
    received(cast, now=NOW - DAY - 10 * 60 * MINUTE)  # midnight
    received(cast, now=NOW - DAY - 10 * 60 * MINUTE - MINUTE)  # the day before yesterday
    assert figures(office) == {
        "came in": (3, 3),
        "ready": (3, 0),
        "delivered": (2, 0),
        "returned": (1, 0),
        "taken min": (1.0, None),
        "ready min": (5.0, None),
    }
    clock.move_to(NOW + DAY + 50 * MINUTE)
    assert {name: pair[1] for name, pair in figures(office).items()} == {
        "came in": 3,
        "ready": 3,
        "delivered": 2,
        "returned": 1,
        "taken min": 1.0,
        "ready min": 5.0,
    }


def test_every_figure_leads_to_exactly_its_orders(
    cast: Cast, office: Client, clock: time_machine.Traveller
) -> None:
    only_in, ready, gone = received(cast), picked(cast), delivered(cast)
    back = delivered(cast)
    taken_back(cast, back, paid_by="cash", now=NOW + 40 * MINUTE)
    all_four = {order.order_no for order in (only_in, ready, gone, back)}
    expected = [
        all_four,
        all_four - {only_in.order_no},
        {gone.order_no, back.order_no},
        {back.order_no},
        all_four - {only_in.order_no},
        all_four - {only_in.order_no},
    ]
    assert [listed(office, row.queries[0]) for row in board(office).figures] == expected
    clock.shift(DAY)
    received(cast, now=timezone.now())
    assert [listed(office, row.queries[1]) for row in board(office).figures] == expected


def test_a_return_that_was_cancelled_has_not_happened(cast: Cast, office: Client) -> None:
    order = delivered(cast)
    wrong = taken_back(cast, order, paid_by="cash", now=NOW + 40 * MINUTE)
    assert figures(office)["returned"] == (1, 0)
    desk.cancel(wrong, "Wrong bag", cast.person("manager"), NOW + 41 * MINUTE)
    assert figures(office)["returned"] == (0, 0)


def test_the_day_begins_at_midnight_in_the_groups_own_time_zone(
    cast: Cast, office: Client, clock: time_machine.Traveller
) -> None:
    clock.move_to(datetime.fromisoformat("2026-10-25T08:00:00+01:00"))  # the clocks went back this night
    for text in ("2026-10-25T00:00:00+02:00", "2026-10-24T23:59:59+02:00", "2026-10-24T00:00:00+02:00"):
        received(cast, now=datetime.fromisoformat(text))
    received(cast, now=datetime.fromisoformat("2026-10-24T08:00:01+02:00"))
    assert figures(browser(cast, "office"))["came in"] == (1, 1)


@pytest.mark.parametrize(
    "query",
    [
        "happened=ready",
        "happened=lost&since=2026-03-03&until=2026-03-04",
        "since=2026-03-03&until=2026-03-04",
        "happened=ready&since=0001-01-01T00:00:00%2B10:00&until=2026-03-04",
        "happened=ready&since=x&until=y",
        "only=lost",
    ],
)
def test_a_span_that_does_not_exist_is_said_and_hides_nothing(cast: Cast, office: Client, query: str) -> None:
    order = received(cast)
    answer = office.get(f"/orders/?{query}")
    assert "A filter has a value that does not exist" in Page(answer).text
    assert [found.order_no for found in answer.context["page"].orders] == [order.order_no]


# What is wrong


def said(client: Client) -> str:
    return Page(client.get("/orders/dashboard/")).text


def test_when_nothing_is_wrong_it_says_so(cast: Cast, office: Client) -> None:
    promised(received(cast, now=timezone.now()), timezone.now() + DAY)
    assert board(office).alarms == []
    assert "Nothing is wrong." in said(office)


def test_each_thing_that_is_wrong_is_said_with_the_way_to_it(cast: Cast, office: Client) -> None:
    now = timezone.now()
    for shop_id in (AARHUS, AARHUS, ODENSE):
        promised(received(cast, new_order(shop_id=shop_id)), now - MINUTE)
    escalate_due(NOW + 60 * MINUTE)
    promised(received(cast), now + MINUTE)
    tablets.report(cast.odense, uuid4(), True, None, now)
    cast.odense.tablets.update(session_until=None)
    Posting.objects.filter(kind="order").update(made_at=now - 20 * MINUTE)
    stuck = [delivered(cast), delivered(cast)]
    for order, state in zip(stuck, ("rejected", "uncertain"), strict=True):
        Posting.objects.filter(order_no=order.order_no, kind="sale").update(state=state, needs_attention=True)
    Notice.put(cast.nordlys, Notice.Kind.UNKNOWN_WORD, "Parked", {}, now)
    Notice.put(cast.nordlys, Notice.Kind.UNREADABLE, "W-1", {}, now)
    for ean, known in (("57", {}), ("58", {"seen_at": NOW}), ("59", {"gone_at": NOW})):
        cast.nordlys.shared_eans.create(ean=ean, first_seen_at=NOW, asked_at=NOW, **known)
    seen = {"about_at": NOW, "first_seen_at": NOW, "last_seen_at": NOW}
    for state in Difference.State:
        cast.nordlys.differences.create(kind=Kind.SALE_TWICE, subject=state.value, state=state, **seen)
    Connection.objects.update(last_good_poll_at=now - 10 * MINUTE)
    page = Page(office.get("/orders/dashboard/"))
    assert {text: link for text, link in page.links.items() if text[0].isdigit() and len(text) > 5} == {
        "3 orders are overdue in 2 shops": "/orders/?only=overdue",
        "1 order will be overdue within 15 minutes": "/orders/?only=at+risk",
        "1 shop is open and cannot hear": "/orders/attention/#deaf",
        "1 posting is uncertain": "/orders/attention/#uncertain",
        "1 Ean is shared by several variants": "/orders/attention/#eans",
    }
    assert page.links["Nobody takes 3 orders, although everybody was told"] == "/orders/attention/#not-taken"
    assert page.links["DdD has not been read for more than 10 minutes"] == "#ddd"
    assert (
        page.links["Something has waited for DdD for more than 15 minutes"]
        == "/orders/?only=unsent&sort=oldest"
    )
    assert page.links["DdD refused 1 posting"] == "/orders/attention/#rejected"
    assert page.links["DdD's books differ from ours in 1 place"] == "/orders/attention/#differences"
    assert page.links["DdD used 1 word that nobody knows"] == "/orders/attention/#words"
    assert page.links["DdD said 1 thing that nobody understood"] == "/orders/attention/#notices"
    assert "Nothing is wrong" not in page.text


def test_ddd_in_trouble_is_said_with_its_words_and_since_when(cast: Cast, office: Client) -> None:
    Connection.objects.update(trouble=causes.ANSWERED(status=503, said="closed"), trouble_since=NOW)
    text = said(office)
    assert "DdD does not answer as it should since today 10:00 DdD answered 503: closed" in text
    Connection.objects.all().delete()
    assert "This Group has no connection to DdD yet." in said(office)


def test_what_is_not_all_in_ddd_is_counted_in_orders(cast: Cast, office: Client) -> None:
    order = delivered(cast)  # the order, its sale and its transfer
    health = board(office).health
    assert (health.unsent, health.oldest_unsent, health.is_sending_late) == (1, NOW, True)
    assert listed(office, "only=unsent") == {order.order_no}
    Posting.objects.update(state="sent")
    stuck = {}
    for state in ("rejected", "uncertain"):
        stuck[state] = delivered(cast)
        postings = Posting.objects.filter(order_no=stuck[state].order_no)
        postings.exclude(kind="sale").update(state="sent")
        postings.filter(kind="sale").update(state=state, needs_attention=True)
    health = board(office).health
    assert (health.unsent, health.oldest_unsent, health.is_sending_late) == (2, None, False)
    assert listed(office, "only=unsent") == {one.order_no for one in stuck.values()}
    Posting.objects.filter(needs_attention=True).update(state="given up", needs_attention=False)
    assert board(office).health.unsent == 0
    assert listed(office, "only=unsent") == set()


def test_a_closed_shop_needs_no_alert(cast: Cast, office: Client) -> None:
    cast.odense.tablets.all().delete()
    assert [reach.shop.name for reach in board(office).without_alert] == ["Odense"]
    assert "Odense" in [row.shop.name for row in board(office).rows]
    OpeningHours.objects.filter(shop=cast.odense).delete()
    OpeningHours.objects.create(shop=cast.odense, weekday=6, opens="09:00", closes="10:00")
    assert board(office).without_alert == []


# How it is asked


def test_htmx_gets_the_fragment_that_renews_itself(cast: Cast, office: Client) -> None:
    answer = office.get("/orders/dashboard/", headers=HTMX)
    page = Page(answer)
    assert page.faults == []
    assert b"<html" not in answer.content
    tag, attributes = page.attributes[0]
    assert (tag, attributes["id"], attributes["hx-get"]) == ("div", "board", "/orders/dashboard/")
    assert attributes["hx-trigger"] == "every 10s"


def test_head_office_begins_here(office: Client) -> None:
    assert office.get("/")["Location"] == "/orders/dashboard/"


@pytest.mark.slow
def test_it_asks_the_same_for_three_shops_and_for_sixty(
    cast: Cast, office: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    received(cast)
    with django_assert_num_queries(FULL):
        office.get("/orders/dashboard/")
    for number in range(60):
        shop = Shop.objects.create(group=cast.nordlys, shop_id=5000 + number, name=f"Shop {number}")
        cast.web_shop("nordlys").shops.add(shop)
        promised(received(cast, new_order(shop_id=shop.shop_id)), timezone.now() - MINUTE)
    taken_back(cast, delivered(cast), paid_by="cash", now=NOW + 40 * MINUTE)
    with django_assert_num_queries(FULL):
        office.get("/orders/dashboard/")
    with django_assert_num_queries(FRAGMENT):
        office.get("/orders/dashboard/", headers=HTMX)
    assert len(board(office).rows) == 61


def test_another_group_sees_none_of_it(cast: Cast, office: Client) -> None:
    promised(delivered(cast), NOW)
    promised(received(cast), NOW)
    fjord = dashboard_of(cast.viewer("fjord office"), timezone.now())
    assert [cell.count for cell in fjord.totals] == [0] * 6
    assert [(row.today, row.yesterday) for row in fjord.figures] == [(0, 0)] * 4 + [(None, None)] * 2
    assert fjord.health.unsent == 0
    assert {shop.group for shop in fjord.quiet} == {cast.fjord}
