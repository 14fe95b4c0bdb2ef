"""A DdD that says odd things: nothing falls, nothing is concluded, the rest of the batch goes on."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ddd.models import Notice, Sale
from orders import fulfilment
from orders.importing import Poll, poll
from orders.models import WebOrder
from tests.factories import CAP, JUMPER, JUMPER_L, NOW, SCARF, Cast, again, new_order, picked, received
from tests.orders.together import everything, kinds
from tests.orders.upstream import Upstream, wire_line, wire_order

pytestmark = pytest.mark.django_db
GOOD = wire_order("GOOD", ModifiedOn="2026-03-03T08:59:00Z")
HUGE = 10**30


def polled(cast: Cast, now: datetime = NOW) -> Poll:
    done = poll(cast.nordlys.pk, now)
    assert done is not None, cast.connection.trouble
    return done


def notices() -> list[tuple[str, str]]:
    return list(Notice.objects.order_by("pk").values_list("kind", "subject"))


# --- What nobody knows -------------------------------------------------------------------------------


def test_an_order_for_a_shop_that_nobody_knows_is_put_before_a_person(cast: Cast, upstream: Upstream) -> None:
    upstream.orders = [wire_order("D-1", ShopId=996004), wire_order("D-2", ShopId=997001), GOOD]
    assert polled(cast) == Poll(read=3, imported=1, refused=2)
    assert notices() == [("unknown shop", "D-1"), ("unknown shop", "D-2")]
    assert Notice.objects.get(subject="D-1").detail == "ShopId 996004"
    assert WebOrder.objects.get().order_no == "GOOD"


def test_the_same_trouble_again_is_counted_on_the_same_notice(cast: Cast, upstream: Upstream) -> None:
    upstream.orders = [wire_order("D-1", ShopId=996004)]
    polled(cast)
    polled(cast, NOW + timedelta(minutes=1))
    notice = Notice.objects.get()
    assert (notice.times, notice.first_seen, notice.last_seen) == (2, NOW, NOW + timedelta(minutes=1))


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


@pytest.mark.parametrize("word", ["Ready", "reserved", "2", 7])
def test_a_word_that_nobody_knows_is_put_before_a_person_and_nothing_is_concluded(
    cast: Cast, upstream: Upstream, word: Any
) -> None:
    order = received(cast, new_order("W-1"))
    before = everything(order)["lines"]
    upstream.orders = [wire_order("W-1", word)]
    assert polled(cast) == Poll(read=1)
    assert notices() == [("unknown word", str(word))]
    assert (again(order).status, everything(order)["lines"]) == ("Reserved", before)


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


def test_an_order_that_was_cancelled_here_is_not_delivered_because_ddd_says_so(
    cast: Cast, upstream: Upstream
) -> None:
    order = picked(cast, new=new_order("W-1"), missing=(1, 2))
    upstream.orders = [wire_order("W-1", "Delivered")]
    assert polled(cast) == Poll(read=1)
    assert (again(order).status, Sale.objects.count()) == ("Cancelled", 0)


def test_of_equal_pieces_the_ones_that_are_not_missing_were_delivered(cast: Cast, upstream: Upstream) -> None:
    order = received(cast, new_order("W-1", variants=(JUMPER, JUMPER)))
    fulfilment.report_missing(order, order.lines.all()[0].pk, "sold", cast.person("aarhus"), NOW)
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
    assert upstream.asked_since == [
        "2026-02-01T07:50:00.000000",
        "2026-02-01T07:50:00.000000",
        "2026-03-03T08:49:00.000000",
    ]


# --- Poison ------------------------------------------------------------------------------------------

POISON: dict[str, Any] = {
    "not an object": "an order",
    "null": None,
    "a list": [[]],
    "no OrderNo": wire_order(None),
    "an empty OrderNo": wire_order(""),
    "a long OrderNo": wire_order("x" * 51),
    "a very long OrderNo": wire_order("x" * 5000),
    "an OrderNo that is a list": wire_order(["D-1"]),
    "no ShopId": wire_order(ShopId=None),
    "a huge ShopId": wire_order(ShopId=HUGE),
    "a huge Id": wire_order(Id=HUGE),
    "a negative Id": wire_order(Id=-1),
    "a huge WebshopId": wire_order(WebshopId=HUGE, ShopId=1),
    "a huge CustomerNumber": wire_order(CustomerNumber=HUGE),
    "a negative CustomerNumber": wire_order(CustomerNumber=-1),
    "an odd number": wire_order(CustomerNumber="--5"),
    "a power": wire_order(CustomerNumber="²"),
    "an IsPaid that is a word": wire_order(IsPaid="yes"),
    "a time that is none": wire_order(CreatedOn="yesterday"),
    "lines that are a word": wire_order(WebOrderLines="two"),
    "a line that is a word": wire_order(WebOrderLines=["a jumper"]),
    "a line without a variant": wire_order(WebOrderLines=[wire_line(variant=None)]),
    "a line with a huge variant": wire_order(WebOrderLines=[wire_line(variant=HUGE)]),
    "a line with a negative variant": wire_order(WebOrderLines=[wire_line(variant=-1)]),
    "a huge price": wire_order(WebOrderLines=[wire_line(SalesPrice=HUGE)]),
    "a negative price": wire_order(WebOrderLines=[wire_line(EffectiveSalesPrice=-1)]),
    "a price that is no number": wire_order(WebOrderLines=[wire_line(SalesPrice="NaN")]),
    "an endless price": wire_order(WebOrderLines=[wire_line(SalesPrice="Infinity")]),
    "a price that is a word": wire_order(WebOrderLines=[wire_line(SalesPrice="a lot")]),
}


@pytest.mark.parametrize("what", list(POISON))
def test_an_order_that_cannot_be_kept_is_put_before_a_person_and_stops_no_other(
    cast: Cast, upstream: Upstream, what: str
) -> None:
    upstream.orders = [POISON[what], GOOD]
    done = polled(cast)
    assert (done.imported, done.refused) == (1, 1)
    assert WebOrder.objects.get().order_no == "GOOD"
    assert len(notices()) == 1
    assert cast.connection.polled_until == datetime.fromisoformat("2026-03-03T09:00:00Z") or done.read == 1


KEPT: dict[str, Any] = {
    "no status": wire_order("D-1", None),
    "a discount without end": wire_order("D-1", WebOrderLines=[wire_line(DiscountAmount=-(10**20))]),
    "long texts": wire_order(
        "D-1",
        OrderReference="x" * 300,
        ReceiveAddress="x" * 300,
        ReturnAddress="x" * 3000,
        WebOrderLines=[wire_line(Notes="x" * 300, DeliveryNo="x" * 300)],
    ),
    "texts with NUL": wire_order("D-1", ReceiveAddress="A\x00B", WebOrderLines=[wire_line(Notes="\x00")]),
    ".NET's empty times": wire_order(
        "D-1", OrderedOn="0001-01-01T00:00:00", PickedUpOn="0001-01-01T00:00:00"
    ),
    "the end of time": wire_order("D-1", OrderedOn="9999-12-31T23:59:59.9999999"),
    "no times": wire_order("D-1", OrderedOn=None, CreatedOn=None, ModifiedOn=None),
    "numbers as text": wire_order("D-1", ShopId="996001", Id="501", CustomerNumber="7"),
    "prices as text": wire_order(
        "D-1", WebOrderLines=[wire_line(SalesPrice="219,95", EffectiveSalesPrice="199.95")]
    ),
    "another type": wire_order("D-1", OrderType=None),
    "signs": wire_order("Ø-1/å?#%", ReceiveAddress="ÆØÅ æøå 漢字 😀"),
}


@pytest.mark.parametrize("what", list(KEPT))
def test_an_order_that_is_odd_but_can_be_kept_is_kept(cast: Cast, upstream: Upstream, what: str) -> None:
    upstream.orders = [KEPT[what]]
    assert polled(cast) == Poll(read=1, imported=1)
    order = WebOrder.objects.get()
    assert order.ordered_on is not None
    assert order.ordered_on.year == 2026
    assert notices() == []
    assert polled(cast) == Poll(read=1)


@pytest.mark.parametrize("what", [what for what in POISON if what not in ("null", "a list", "not an object")])
def test_poison_under_the_number_of_an_order_that_is_here_harms_neither(
    cast: Cast, upstream: Upstream, what: str
) -> None:
    order = received(cast, new_order("W-1"))
    poison = POISON[what] | ({"OrderNo": "W-1"} if POISON[what]["OrderNo"] == "D-1" else {})
    upstream.orders = [poison, GOOD]
    polled(cast)
    assert (again(order).status, again(order).order_no) == ("Reserved", "W-1")
    assert WebOrder.objects.filter(order_no="GOOD").exists()


def test_an_order_from_the_future_does_not_hide_those_that_come_after_it(
    cast: Cast, upstream: Upstream
) -> None:
    upstream.orders = [wire_order("D-1", ModifiedOn="9999-12-31T23:59:59Z")]
    polled(cast)
    polled(cast)
    assert cast.connection.polled_until == NOW
    assert upstream.asked_since[-1] == "2026-03-03T08:50:00.000000"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"[",
        b"null",
        b"true",
        b"{}",
        b'"[]"',
        b"<html>",
        b"[" * 100_000,
        b"\xff",
        b"[1e99999999999999999999]",
        b"9" * 5000,
    ],
)
def test_an_answer_that_is_no_list_is_trouble_and_moves_nothing(
    cast: Cast, upstream: Upstream, answer: bytes
) -> None:
    upstream.orders = answer
    done = poll(cast.nordlys.pk, NOW)
    assert done in (None, Poll())
    assert cast.connection.polled_until is None
    assert bool(cast.connection.trouble) == (done is None)


SCALAR = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(st.characters(exclude_categories=()), max_size=60),
    st.sampled_from(
        ["Delivered", "Picked", "Cancelled", "Missing", "0001-01-01T00:00:00+01:00", "2026-03-03T09:00:00Z"]
    ),
    st.sampled_from([996001, 996900, JUMPER, SCARF, 2**31, 2**63, HUGE]),
)
LINE = st.dictionaries(st.sampled_from(list(wire_line())), SCALAR, max_size=3).map(
    lambda change: wire_line() | change
)
ORDER = st.dictionaries(
    st.sampled_from(list(wire_order())), SCALAR | st.lists(LINE | SCALAR, max_size=3), max_size=4
)


@given(changes=st.lists(ORDER, min_size=1, max_size=3))
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_ddd_says_no_poll_falls_and_what_is_kept_can_be_sold(
    cast: Cast, upstream: Upstream, changes: list[dict[str, Any]]
) -> None:
    upstream.orders = [wire_order(f"D-{place}") | change for place, change in enumerate(changes)]
    poll(cast.nordlys.pk, NOW)
    for order in WebOrder.objects.prefetch_related("lines"):
        assert 1 <= len(order.order_no) <= 50
        assert order.lines.all()
        assert all(0 <= line.effective_sales_price <= Decimal("9999999.99") for line in order.lines.all())
