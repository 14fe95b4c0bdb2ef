"""Odd answers of DdD: nothing is concluded from them, and a person gets a notice."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from ddd.models import Connection, Notice, Posting, Sale
from ddd.sending import decisions
from ddd.words import causes
from orders import picking
from orders.importing import Poll, poll
from orders.models import WebOrder
from returns import desk as desk_of_returns
from tests.factories import (
    CAP,
    JUMPER,
    JUMPER_L,
    NOW,
    SCARF,
    Cast,
    again,
    delivered,
    new_order,
    picked,
    received,
    taken_back,
)
from tests.orders.together import everything, kinds
from tests.orders.upstream import Upstream, wire_line, wire_order

pytestmark = pytest.mark.django_db
TOKENS_OF_WEB_SHOPS = 2
GOOD = wire_order("GOOD", ModifiedOn="2026-03-03T08:59:00Z")


def polled(cast: Cast, now: datetime = NOW) -> Poll:
    done = poll(cast.nordlys.pk, now)
    assert done is not None, cast.connection.trouble
    return done


def notices() -> list[tuple[str, str]]:
    return list(Notice.objects.order_by("pk").values_list("kind", "subject"))


# --- Unknown values ----------------------------------------------------------------------------------


def test_an_order_for_a_shop_that_nobody_knows_is_put_before_a_person(cast: Cast, upstream: Upstream) -> None:
    upstream.orders = [wire_order("D-1", ShopId=996004), wire_order("D-2", ShopId=997001), GOOD]
    assert polled(cast) == Poll(read=3, imported=1, refused=2)
    assert notices() == [("unknown shop", "D-1"), ("unknown shop", "D-2")]
    assert Notice.objects.get(subject="D-1").detail == causes.SHOP_ID(shop_id=996_004)
    assert WebOrder.objects.get().order_no == "GOOD"


def test_the_same_trouble_is_counted_when_ddd_changed_the_order_and_not_because_polls_overlap(
    cast: Cast, upstream: Upstream
) -> None:
    for minute, changed in enumerate(("08:58", "08:58", "09:01")):
        upstream.orders = [wire_order("D-1", ShopId=996004, ModifiedOn=f"2026-03-03T{changed}:00Z")]
        polled(cast, NOW + timedelta(minutes=minute))
    notice = Notice.objects.get()
    assert (notice.times, notice.first_seen, notice.last_seen) == (2, NOW, NOW + timedelta(minutes=2))


def test_what_a_person_closed_stays_closed_until_ddd_changes_the_order(
    cast: Cast, upstream: Upstream
) -> None:
    upstream.orders = [wire_order("D-1", ShopId=996004), wire_order("D-2", "Ready")]
    polled(cast)
    for notice in Notice.objects.all():
        decisions.close_notice(notice, cast.person("office"), NOW)
    polled(cast)
    assert not Notice.objects.filter(closed_at=None).exists()

    upstream.orders = [wire_order("D-1", ShopId=996004, ModifiedOn="2026-03-03T09:01:00Z")]
    polled(cast, NOW + timedelta(minutes=1))
    assert [notice.subject for notice in Notice.objects.filter(closed_at=None)] == ["D-1"]


def test_a_late_commit_below_the_cursor_is_still_reported(cast: Cast, upstream: Upstream) -> None:
    upstream.orders = [GOOD]
    polled(cast)
    upstream.orders = [wire_order("D-1", ShopId=996004, ModifiedOn="2026-03-03T08:50:00Z")]
    polled(cast)
    assert notices() == [("unknown shop", "D-1")]


@pytest.mark.parametrize("status", ["Reserved", "Delivered"])
def test_an_order_in_store_is_not_taken_over_because_ddds_till_sells_it_itself(
    cast: Cast, upstream: Upstream, status: str
) -> None:
    upstream.orders = [wire_order("D-1", status, OrderType="OrderInStore"), GOOD]
    assert polled(cast) == Poll(read=2, imported=1, refused=1)
    assert notices() == [("unknown type", "OrderInStore")]
    assert not Sale.objects.exists()


def test_an_order_is_kept_when_its_shop_is_known_by_the_next_poll(cast: Cast, upstream: Upstream) -> None:
    upstream.orders = [wire_order("D-1", ShopId=996004)]
    polled(cast)
    cast.nordlys.shops.create(shop_id=996004, name="Nordlys Skagen")
    assert polled(cast) == Poll(read=1, imported=1)


def test_a_variant_that_nobody_knows_goes_by_its_number_and_the_order_is_kept(
    cast: Cast, upstream: Upstream
) -> None:
    upstream.orders = [wire_order("D-1", WebOrderLines=[wire_line(variant=4242), wire_line(variant=JUMPER)])]
    assert polled(cast) == Poll(read=1, imported=1)
    assert [str(line.variant) for line in WebOrder.objects.get().lines.all()] == [
        "4242",
        "Wool jumper Skagerrak Blue S",
    ]
    assert notices() == [("unknown variant", "D-1")]


def test_a_web_shop_that_nobody_knows_leaves_the_order_without_one(cast: Cast, upstream: Upstream) -> None:
    upstream.orders = [
        wire_order("D-1", WebshopId=77),
        wire_order("D-2", WebshopId=None),
        wire_order("D-3", WebshopId=3),
    ]
    assert polled(cast).imported == 3
    assert set(WebOrder.objects.values_list("web_shop", flat=True)) == {None}


@pytest.mark.parametrize("word", ["Ready", "Re-served", "2", 7])
def test_a_word_that_nobody_knows_is_put_before_a_person_and_nothing_is_concluded(
    cast: Cast, upstream: Upstream, word: Any
) -> None:
    order = received(cast, new_order("W-1"))
    before = everything(order)["lines"]
    upstream.orders = [wire_order("W-1", word)]
    assert polled(cast) == Poll(read=1)
    assert notices() == [("unknown word", str(word))]
    assert (again(order).status, everything(order)["lines"]) == ("Reserved", before)


@pytest.mark.parametrize("word", ["picked", "PICKED", " Picked "])
@pytest.mark.parametrize("order_type", ["clickAndCollect", "CLICKANDCOLLECT", "ClickAndCollect ", "", None])
def test_the_case_of_a_word_never_matters(
    cast: Cast, upstream: Upstream, word: str, order_type: str | None
) -> None:
    upstream.orders = [wire_order("D-1", word, OrderType=order_type)]
    assert polled(cast) == Poll(read=1, imported=1, followed=1)
    assert (WebOrder.objects.get().status, notices()) == ("Picked", [])


def test_an_old_order_with_a_word_that_nobody_knows_is_not_taken_for_a_new_one(
    cast: Cast, upstream: Upstream
) -> None:
    """The first contact of a Group: what its tills did before the portal came must not be done again here."""
    Connection.objects.filter(group=cast.nordlys).update(started_at=NOW)
    old = {"CreatedOn": "2026-02-25T09:00:00Z", "ModifiedOn": "2026-02-26T09:00:00Z"}
    upstream.orders = [wire_order(f"OLD-{number}", "HandedOut", **old) for number in range(3)]
    upstream.orders.append(wire_order("OPEN-1", "Reserved", **old))
    assert polled(cast).imported == 1
    assert WebOrder.objects.get().order_no == "OPEN-1"
    assert notices() == [("unknown word", "HandedOut")]

    connection = cast.connection
    connection.status_words["HandedOut"] = "Delivered"
    connection.polled_until = None
    connection.save()
    assert polled(cast).imported == 0
    assert not Posting.objects.exists()


def test_the_groups_own_table_translates_ddds_words(cast: Cast, upstream: Upstream) -> None:
    order = received(cast, new_order("W-1"))
    connection = cast.connection
    connection.status_words["Klar"] = "Picked"
    connection.save()
    upstream.orders = [wire_order("W-1", "Klar")]
    assert polled(cast) == Poll(read=1, followed=1)
    assert again(order).status == "Picked"


# --- What is concluded and what is not ---------------------------------------------------------------


def lines_with(*statuses: str) -> list[dict[str, Any]]:
    return [wire_line(status, variant) for status, variant in zip(statuses, (JUMPER, SCARF), strict=True)]


@pytest.mark.parametrize(
    ("statuses", "order_status", "line_statuses", "sold"),
    [
        (("Reserved", "Reserved"), "Reserved", ["Reserved", "Reserved"], None),
        (("Picked", "Reserved"), "Reserved", ["Reserved", "Reserved"], None),
        (("Picked", "Delivered"), "Reserved", ["Reserved", "Reserved"], None),
        (("Picked", "Picked"), "Picked", ["Picked", "Picked"], None),
        (("Picked", "Missing"), "Picked", ["Picked", "Missing"], None),
        (("Delivered", "Delivered"), "Delivered", ["Delivered", "Delivered"], "399.90"),
        (("Delivered", "Missing"), "Delivered", ["Delivered", "Missing"], "199.95"),
        (("Missing", "Delivered"), "Delivered", ["Missing", "Delivered"], "199.95"),
        (("Delivered", "Cancelled"), "Delivered", ["Delivered", "Missing"], "199.95"),
        (("Returned", "Returned"), "Delivered", ["Delivered", "Delivered"], "399.90"),
        (("Returned", "Delivered"), "Delivered", ["Delivered", "Delivered"], "399.90"),
        (("Cancelled", "Cancelled"), "Cancelled", ["Cancelled", "Cancelled"], None),
        (("Missing", "Missing"), "Cancelled", ["Cancelled", "Cancelled"], None),
        (("", ""), "Reserved", ["Reserved", "Reserved"], None),
        (("Delivered", "Unheard-of"), "Reserved", ["Reserved", "Reserved"], None),
    ],
)
def test_what_ddd_says_of_the_lines_is_what_happens_to_the_order(
    cast: Cast,
    upstream: Upstream,
    statuses: tuple[str, str],
    order_status: str,
    line_statuses: list[str],
    sold: str | None,
) -> None:
    order = received(cast, new_order("W-1"))
    upstream.orders = [wire_order("W-1", WebOrderLines=lines_with(*statuses))]
    for _time in range(2):
        polled(cast)
        assert again(order).status == order_status
        assert [line.status for line in order.lines.all()] == line_statuses
        assert list(Sale.objects.values_list("amount", flat=True)) == ([Decimal(sold)] if sold else [])
    lost = order_status != "Reserved" and set(line_statuses) & {"Missing", "Cancelled"}
    assert kinds(order).count("refund due") == bool(lost)


@pytest.mark.parametrize("lines", [None, []])
def test_an_answer_without_lines_cancels_nothing(cast: Cast, upstream: Upstream, lines: Any) -> None:
    order = received(cast, new_order("W-1"))
    upstream.orders = [wire_order("W-1", WebOrderLines=lines), wire_order("D-1", WebOrderLines=lines)]
    assert polled(cast) == Poll(read=2, refused=1)
    assert again(order).status == "Reserved"
    assert notices() == [("unreadable", "D-1")]


@pytest.mark.parametrize("status", ["Picked", "Delivered", "Cancelled"])
def test_another_order_with_the_same_order_no_says_nothing_about_ours(
    cast: Cast, upstream: Upstream, status: str
) -> None:
    order = received(cast, new_order("W-1"))
    before = everything(order)["lines"]
    upstream.orders = [wire_order("W-1", WebOrderLines=[wire_line(status, CAP), wire_line(status, JUMPER_L)])]
    assert polled(cast) == Poll(read=1)
    assert (again(order).status, everything(order)["lines"], Sale.objects.count()) == ("Reserved", before, 0)
    assert notices() == [("unreadable", "W-1")]


def test_what_was_delivered_cancelled_or_given_to_a_customer_is_never_followed_back(
    cast: Cast, upstream: Upstream
) -> None:
    order = received(cast, new_order("W-1"))
    upstream.orders = [wire_order("W-1", "Delivered")]
    polled(cast)
    before = everything(order)
    for status in ("Reserved", "Picked", "Cancelled", "Delivered", "Returned"):
        upstream.orders = [wire_order("W-1", status)]
        assert polled(cast) == Poll(read=1)
    assert everything(order) == before
    # That it is open again, then that it is cancelled, and that pieces came back.
    assert notices() == [("set back", "W-1"), ("taken back", "W-1")]


# --- What DdD's till took back --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statuses", "pieces"), [(("Returned", "Delivered"), 1), (("Returned", "Returned"), 2)]
)
def test_what_ddds_till_took_back_is_put_before_a_person_and_nothing_is_booked(
    cast: Cast, upstream: Upstream, statuses: tuple[str, str], pieces: int
) -> None:
    order = delivered(cast, new=new_order("W-1"))
    upstream.orders = [wire_order("W-1", "Delivered")]
    polled(cast)
    before = everything(order)
    assert notices() == [("delivered again", "W-1")]
    upstream.orders = [wire_order("W-1", WebOrderLines=lines_with(*statuses))]
    for _time in range(2):
        assert polled(cast) == Poll(read=1)
    assert everything(order) == before
    notice = Notice.objects.exclude(kind="delivered again").get()
    assert (notice.kind, notice.subject, notice.times) == ("taken back", "W-1", 1)
    assert notice.detail == causes.TAKEN_BACK(count=pieces)


def test_what_the_till_delivered_and_took_back_between_two_polls_is_sold_and_told(
    cast: Cast, upstream: Upstream
) -> None:
    order = received(cast, new_order("W-1"))
    upstream.orders = [wire_order("W-1", WebOrderLines=lines_with("Returned", "Delivered"))]
    assert polled(cast) == Poll(read=1, followed=1)
    assert (again(order).status, Sale.objects.get().amount) == ("Delivered", Decimal("399.90"))
    assert notices() == [("taken back", "W-1")]


def test_what_was_taken_back_here_is_no_news_when_ddd_says_it_too(cast: Cast, upstream: Upstream) -> None:
    order = delivered(cast, new=new_order("W-1"))
    made = taken_back(cast, order, lines=(2,), paid_by="cash")
    upstream.orders = [wire_order("W-1", WebOrderLines=lines_with("Delivered", "Returned"))]
    assert (polled(cast), notices()) == (Poll(read=1), [])
    desk_of_returns.cancel(made, "Forkert vare", cast.person("manager"), NOW + timedelta(days=1))
    assert (polled(cast), notices()) == (Poll(read=1), [])

    upstream.orders = [wire_order("W-1", WebOrderLines=lines_with("Returned", "Returned"))]
    polled(cast)
    assert Notice.objects.get().detail == causes.TAKEN_BACK(count=1)


def test_returned_pieces_of_another_order_with_the_same_order_no_say_nothing_about_ours(
    cast: Cast, upstream: Upstream
) -> None:
    delivered(cast, new=new_order("W-1"))
    lines = [wire_line("Returned", CAP), wire_line("Returned", JUMPER_L)]
    upstream.orders = [wire_order("W-1", WebOrderLines=lines)]
    polled(cast)
    assert notices() == [("unreadable", "W-1")]


# --- What was done here already ------------------------------------------------------------------------


def test_an_order_that_was_cancelled_here_is_not_delivered_because_ddd_says_so(
    cast: Cast, upstream: Upstream
) -> None:
    order = picked(cast, new=new_order("W-1"), missing=(1, 2))
    upstream.orders = [wire_order("W-1", "Delivered")]
    assert polled(cast) == Poll(read=1)
    assert (again(order).status, Sale.objects.count()) == ("Cancelled", 0)


def test_of_equal_pieces_the_ones_that_are_not_missing_were_delivered(cast: Cast, upstream: Upstream) -> None:
    order = received(cast, new_order("W-1", variants=(JUMPER, JUMPER)))
    picking.report_missing(order, order.lines.all()[0].pk, "sold", cast.person("aarhus"), NOW)
    upstream.orders = [
        wire_order("W-1", WebOrderLines=[wire_line("Delivered", JUMPER), wire_line("Missing", JUMPER)])
    ]
    polled(cast)
    assert [line.status for line in order.lines.all()] == ["Missing", "Delivered"]


# --- From before the portal --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "taken_over"),
    [("Reserved", True), ("Picked", True), ("Delivered", False), ("Returned", False), ("Cancelled", False)],
)
def test_of_the_orders_from_before_only_those_that_are_not_finished_are_taken_over(
    cast: Cast, upstream: Upstream, status: str, taken_over: bool
) -> None:
    upstream.orders = [wire_order("D-1", status, CreatedOn="2026-03-03T07:59:00Z")]
    assert polled(cast).imported == taken_over
    assert WebOrder.objects.count() == taken_over
    assert not Sale.objects.exists()
    assert notices() == []


@pytest.mark.parametrize("status", ["Delivered", "Returned"])
def test_what_was_ordered_since_the_portal_is_sold_even_when_it_was_delivered_before_the_first_poll(
    cast: Cast, upstream: Upstream, status: str
) -> None:
    upstream.orders = [wire_order("D-1", status, CreatedOn="2026-03-03T08:01:00Z")]
    assert polled(cast) == Poll(read=1, imported=1, followed=1)
    assert Sale.objects.get().order_no == "D-1"


def test_the_first_poll_looks_back_thirty_days_and_the_next_ones_ten_minutes(
    cast: Cast, upstream: Upstream
) -> None:
    polled(cast)
    upstream.orders = [GOOD]
    polled(cast)
    polled(cast)
    with_the_groups_token = upstream.since_param[:: 1 + TOKENS_OF_WEB_SHOPS]
    assert with_the_groups_token == [
        "2026-02-01T07:50:00.000000",
        "2026-02-01T07:50:00.000000",
        "2026-03-03T08:49:00.000000",
    ]
