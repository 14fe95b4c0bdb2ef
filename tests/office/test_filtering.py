"""What head office finds: by one box for all that somebody may say, and by what is the matter."""

from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from ddd.models import Difference, Posting
from ddd.words.differences import Kind
from office.listing import columns, searching
from office.listing.filters import Filters
from office.listing.orders import orders_of, page_of
from orders.escalation import escalate_due
from orders.models import Mail, WebOrder
from tests.core.pages import Page, browser
from tests.ddd.rows import a_difference
from tests.factories import (
    JUMPER,
    JUMPER_EAN,
    NOW,
    SCARF,
    SHARED_EAN,
    Cast,
    delivered,
    new_order,
    picked,
    received,
    taken,
)


def numbers(cast: Cast, who: str = "office", **filters: object) -> list[str]:
    """OrderNos, sorted by themselves."""
    orders = orders_of(cast.viewer(who), Filters(**filters), NOW)  # type: ignore[arg-type]
    return sorted(order.order_no for order in orders)


@pytest.fixture
def said(cast: Cast) -> None:
    """Orders that somebody asks for, and in Fjord the same ones."""
    for web_shop, shop_id in (("nordlys", 996001), ("fjord", 997001)):
        received(cast, new_order("AB-100%", shop_id, customer_number=100042), web_shop)
        received(cast, new_order("ab-200", shop_id, (SCARF,), receive_address="Bo Åkjær"), web_shop)
        odd = received(cast, new_order("xy_300", shop_id, (100013,), receive_address=""), web_shop)
        WebOrder.objects.filter(pk=odd.pk).update(order_reference="Basket 77a")


@pytest.mark.usefixtures("said")
@pytest.mark.parametrize("few", [searching.FEW, 0], ids=["few", "many"])
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ab-100%", ["AB-100%"]),
        ("AB-", ["AB-100%", "ab-200"]),
        (" b-2 ", ["ab-200"]),
        ("00%", ["AB-100%"]),
        ("y_3", ["xy_300"]),
        ("%", []),
        ("b-", []),  # too short for a part of an OrderNo
        ("100042", ["AB-100%"]),
        ("10004", []),
        ("0", []),  # who is no member has no number
        ("Basket 77a", ["xy_300"]),
        ("BASKET 77A", []),
        ("basket", []),
        ("åse sør", ["AB-100%"]),
        ("ÅKJÆR", ["ab-200"]),
        (JUMPER_EAN, ["AB-100%"]),
        (SHARED_EAN, ["xy_300"]),
        ("5712345", []),
    ],
)
def test_one_box_finds_an_order_by_whatever_is_said_of_it(
    cast: Cast, text: str, found: list[str], few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "FEW", few)
    assert numbers(cast, text=text) == found


def test_an_order_no_that_is_typed_in_full_is_that_order_alone(cast: Cast) -> None:
    for order_no in ("W-1", "W-10", "W-100"):
        received(cast, new_order(order_no))
    assert numbers(cast, text="W-1") == ["W-1"]
    assert numbers(cast, text="w-10") == ["W-10"]


@pytest.mark.usefixtures("said")
def test_a_search_and_filters_narrow_each_other(cast: Cast) -> None:
    assert numbers(cast, text="ab-", shop=cast.odense.pk) == []
    assert numbers(cast, text="ab-", phase="new", shop=cast.aarhus.pk) == ["AB-100%", "ab-200"]
    assert numbers(cast, "aarhus", text="ab-") == ["AB-100%", "ab-200"]
    assert numbers(cast, "odense", text="ab-") == []


def test_what_very_many_have_is_filtered_sorted_and_paged_to_the_last(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    taken(cast, new=new_order("SAME-first"))
    for number in range(1, 61):
        received(cast, new_order(f"SAME-{number}"), now=NOW + timedelta(minutes=number))
    monkeypatch.setattr(searching, "FEW", 3)
    office, same = cast.viewer("office"), Filters(text="same")
    # OrderNo; Ean, number, name, part of an OrderNo; orders, lines
    with django_assert_num_queries(7):
        page = page_of(office, same, NOW)
    assert [order.order_no for order in page.orders] == [f"SAME-{number}" for number in range(60, 10, -1)]
    assert page.after is not None
    rest = page_of(office, same, NOW, after=page.after)
    last = [*(f"SAME-{number}" for number in range(10, 0, -1)), "SAME-first"]
    assert ([order.order_no for order in rest.orders], rest.after) == (last, None)
    assert numbers(cast, text="same", phase="picking") == ["SAME-first"]
    assert page_of(office, same, NOW, sort=columns.OLDEST).orders[0].order_no == "SAME-first"


def test_orders_are_filtered_by_web_shop_and_those_of_ddd_have_none(cast: Cast) -> None:
    received(cast, new_order("N-1"))
    received(cast, new_order("O-1"), web_shop="outlet")
    by_ddd = received(cast, new_order("D-1"))
    WebOrder.objects.filter(pk=by_ddd.pk).update(web_shop=None)
    client, outlet = browser(cast, "office"), str(cast.web_shop("outlet").webshop_id)
    for chosen, found in (("", {"N-1", "O-1", "D-1"}), ("ddd", {"D-1"}), (outlet, {"O-1"})):
        answer = client.get("/orders/", {"web_shop": chosen})
        assert {order.order_no for order in answer.context["page"].orders} == found
    other = browser(cast, "fjord office").get("/orders/", {"web_shop": outlet})
    assert "A filter has a value that does not exist" in Page(other).text


def test_days_are_those_of_the_groups_clock_and_the_last_one_counts(cast: Cast) -> None:
    # Copenhagen is an hour ahead of UTC, from 29 March on two.
    for name, moment in {
        "before": datetime(2026, 3, 27, 22, 59, tzinfo=UTC),
        "first": datetime(2026, 3, 27, 23, 0, tzinfo=UTC),
        "last": datetime(2026, 3, 29, 21, 59, tzinfo=UTC),
        "after": datetime(2026, 3, 29, 22, 0, tzinfo=UTC),
    }.items():
        received(cast, new_order(name), now=moment)
    client = browser(cast, "office")

    def listed(**days: str) -> list[str]:
        return [order.order_no for order in client.get("/orders/", days).context["page"].orders]

    assert listed(came_from="2026-03-28", came_until="2026-03-29") == ["last", "first"]
    assert listed(came_from="2026-03-30") == ["after"]
    assert listed(came_until="2026-03-27") == ["before"]


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ({"came_from": "2026-03-02", "came_until": "2026-03-01"}, "The last day is before the first"),
        ({"came_from": "1999-12-31"}, "greater than or equal to"),
        ({"came_until": "9999-12-31"}, "less than or equal to"),
        ({"came_from": "yesterday"}, "Enter a valid date."),
    ],
)
def test_days_that_cannot_be_are_said_and_hide_nothing(cast: Cast, days: dict[str, str], said: str) -> None:
    received(cast)
    answer = browser(cast, "office").get("/orders/", days)
    assert "A filter has a value that does not exist: everything is shown." in Page(answer).text
    assert said in Page(answer).text
    assert len(answer.context["page"].orders) == 1


def test_in_trouble_is_what_waits_needs_attention_and_what_cannot_be_finished(cast: Cast) -> None:
    received(cast, new_order("well"), now=NOW + timedelta(hours=2))
    picked(cast, new=new_order("ready without a piece"), missing=(2,))
    delivered(cast, new=new_order("refused"))
    Posting.objects.filter(order_no="refused", kind="sale").update(state="rejected", needs_attention=True)
    for kind, order_no in ((Kind.SALE_TWICE, "seen to"), (Kind.SALE_MISSING, "differs")):
        a_difference(cast.nordlys, kind, order_no=delivered(cast, new=new_order(order_no)).order_no)
        Difference.objects.filter(order_no="seen to").update(state="seen to")
    unsure = picked(cast, new=new_order("no mail", customer_number=100042))
    unsure.mails.update(state=Mail.State.UNCERTAIN)
    stopped = taken(cast, new=new_order("stopped"))
    stopped.lines.filter(number=1).update(status="Missing")
    received(cast, new_order("nobody's"))
    escalate_due(NOW + timedelta(hours=1))
    assert numbers(cast, only="trouble") == ["differs", "no mail", "nobody's", "refused", "stopped"]
    assert numbers(cast, only="trouble", shop=cast.odense.pk) == []
    assert numbers(cast, "fjord office", only="trouble") == []
    text = Page(browser(cast, "office").get("/orders/", {"only": "trouble"})).text
    assert "In trouble is what stands under Needs attention" in text


def test_missing_pieces_and_a_late_promise_are_asked_for_by_name(cast: Cast) -> None:
    picked(cast, new=new_order("missing", variants=(JUMPER, SCARF)), missing=(2,))
    late = received(cast, new_order("late"))
    WebOrder.objects.filter(pk=late.pk).update(promised_at=NOW - timedelta(minutes=1))
    assert numbers(cast, only="missing") == ["missing"]
    assert numbers(cast, only="overdue") == ["late"]
