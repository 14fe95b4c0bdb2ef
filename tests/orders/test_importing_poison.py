"""Invalid data from DdD: no poll fails, the rest of the batch is imported, and a person gets a notice."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.causes import StoredCause
from ddd.api.wire import WireOrder
from ddd.models import Connection, Notice
from ddd.words import causes
from orders import importing, importing_at_once
from orders.importing import Poll, poll
from orders.models import WebOrder
from orders.orders_of_ddd import as_new
from orders.reading import NewOrder
from tests.factories import JUMPER, NOW, SCARF, Cast, again, new_order, received
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
    "a line with a variant that no sale can carry": wire_order(
        WebOrderLines=[wire_line(variant=100_000_000)]
    ),
    "no IsPaid": wire_order(IsPaid=None),
    "a line with a negative variant": wire_order(WebOrderLines=[wire_line(variant=-1)]),
    "no price": wire_order(WebOrderLines=[wire_line(EffectiveSalesPrice=None)]),
    "a line of two": wire_order(WebOrderLines=[wire_line(Quantity=2)]),
    "a line of none, in text": wire_order(WebOrderLines=[wire_line(Quantity="0")]),
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


@pytest.mark.parametrize(
    ("what", "name", "danish"),
    [
        ("not an object", "'an order'", "en ordre er ikke et objekt: 'an order'"),
        ("no OrderNo", "501", "en ordre har intet OrderNo"),
        ("no ShopId", "D-1", "ShopId i en ordre er None"),
        ("a price that is a word", "D-1", "SalesPrice i en ordrelinje er 'a lot'"),
        ("a negative Id", "D-1", "Ordren har et umuligt CustomerNumber eller Id."),
    ],
)
def test_what_is_wrong_with_an_order_is_said_in_the_readers_language(
    cast: Cast, upstream: Upstream, what: str, name: str, danish: str
) -> None:
    upstream.orders = [POISON[what]]
    polled(cast)
    notice = Notice.objects.get()
    with translation.override("da"):
        assert (notice.subject, notice.detail_words) == (name, danish)


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
    "an Id that is no number": wire_order("D-1", Id="6f1c-77", WebOrderLines=[wire_line(Id="")]),
    "numbers that are empty": wire_order("D-1", CustomerNumber="", WebshopId=" "),
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
    assert upstream.since_param[-1] == "2026-03-03T08:50:00.000000"


@pytest.mark.parametrize(
    "unset", ["0001-01-01T00:00:00", "1900-01-01T00:00:00", "/Date(-62135596800000)/", ""]
)
def test_a_batch_without_times_leaves_the_next_poll_alive(cast: Cast, upstream: Upstream, unset: str) -> None:
    times = dict.fromkeys(("OrderedOn", "CreatedOn", "ModifiedOn", "PickedUpOn"), unset)
    upstream.orders = [wire_order("D-1", **times)]
    assert polled(cast).imported == 1
    upstream.orders = [wire_order("D-1", **times), GOOD]
    assert polled(cast).imported == 1
    assert cast.connection.polled_until == datetime.fromisoformat("2026-03-03T08:59:00Z")


def test_a_cursor_from_before_all_times_does_no_harm(cast: Cast, upstream: Upstream) -> None:
    Connection.objects.filter(group=cast.nordlys).update(polled_until=datetime(1, 1, 1, tzinfo=UTC))
    upstream.orders = [GOOD]
    assert polled(cast).imported == 1
    assert polled(cast) == Poll(read=1)


def test_an_order_that_breaks_the_portal_is_told_and_stops_no_other(
    cast: Cast, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No value is known that does; should there be one, it must not cost the others."""

    def break_on_it(wire: WireOrder, _in_store: bool = False) -> StoredCause:
        return {} if wire.order_no == "GOOD" else causes.IMPOSSIBLE_NUMBER(no="such data")

    for module in (importing, importing_at_once):
        monkeypatch.setattr(module, "unusable", break_on_it)
    upstream.orders = [wire_order("D-1"), GOOD]
    assert (polled(cast).imported, notices()) == (1, [("unreadable", "D-1")])
    assert Notice.objects.get().detail_words.startswith("The portal cannot take it over: TypeError")


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


@pytest.mark.slow
@given(changes=st.lists(ORDER, min_size=1, max_size=3))
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_answer_of_ddd_breaks_a_poll_and_stored_orders_can_be_sold(
    cast: Cast, upstream: Upstream, changes: list[dict[str, Any]]
) -> None:
    upstream.orders = [wire_order(f"D-{place}") | change for place, change in enumerate(changes)]
    poll(cast.nordlys.pk, NOW)
    for order in WebOrder.objects.prefetch_related("lines"):
        assert 1 <= len(order.order_no) <= 50
        assert order.lines.all()
        assert all(0 <= line.effective_sales_price <= Decimal("9999999.99") for line in order.lines.all())


def test_a_poll_that_dies_has_stored_the_oldest_and_the_next_one_goes_on_there(
    cast: Cast, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    minutes = {"NEWEST": 40, "OLDEST": 10, "MIDDLE": 20, "TIMELESS": None}
    upstream.orders = [
        wire_order(no, ModifiedOn=None if at is None else f"2026-03-03T08:{at}:00Z")
        for no, at in minutes.items()
    ]

    def die_at_the_newest(wire: WireOrder, in_store: bool = False) -> NewOrder:
        if wire.order_no == "NEWEST":
            raise SystemExit
        return as_new(wire, in_store)

    with monkeypatch.context() as dying:
        dying.setattr(importing, "PART", 1)
        dying.setattr(importing_at_once, "as_new", die_at_the_newest)
        with pytest.raises(SystemExit):
            poll(cast.nordlys.pk, NOW)
    assert set(WebOrder.objects.values_list("order_no", flat=True)) == {"TIMELESS", "OLDEST", "MIDDLE"}
    assert cast.connection.polled_until == datetime(2026, 3, 3, 8, 20, tzinfo=UTC)

    assert polled(cast) == Poll(read=4, imported=1)
    assert cast.connection.polled_until == datetime(2026, 3, 3, 8, 40, tzinfo=UTC)
