"""An OrderNo has nothing in it that nobody sees, and no two orders have one that people read alike."""

from datetime import timedelta

import pytest

from ddd.models import Notice
from orders.importing import poll
from orders.models import WebOrder, new_pickup_code
from orders.order_no import folded
from orders.pickup_codes import free_pickup_code
from tests.core.pages import Page, browser
from tests.factories import NOW, Cast, delivered, new_order, picked, received
from tests.orders.together import at_once, everything
from tests.orders.upstream import Upstream, wire_order
from tests.orders.web_shop import CREATE, Caller, body, faults

LATER = NOW + timedelta(minutes=5)


@pytest.mark.parametrize(
    "unseen",
    [
        *("\u200b", "\u200d", "\u2060", "\ufeff", "\u00ad"),  # of no width
        *("\u202e", "\u2066", "\u200f", "\u061c"),  # that turn the direction
        *("\u2028", "\u2029", "\u0085"),  # that break the line
        *("\u00a0", "\u2007", "\u3000"),  # that look like a space
        *("\u3164", "\u2800", "\ufe0f", "\U000e0001", "\ue000"),  # that are drawn as nothing
    ],
)
def test_what_nobody_sees_is_refused_and_named(cast: Cast, unseen: str) -> None:
    answer = Caller().post(CREATE, body(f"W{unseen}1"))
    assert (answer.status_code, faults(answer)) == (422, {"/OrderNo": "unseen-character"})
    assert f"U+{ord(unseen):04X}" in answer.json()["errors"][0]["detail"]
    assert not WebOrder.objects.exists()


@pytest.mark.parametrize("seen", ["Ørsted-Å 1", "W  88", "注文1", "W/1#2", "e\u0301", "١٢٣"])
def test_what_people_can_read_is_taken(cast: Cast, seen: str) -> None:
    assert Caller().post(CREATE, body(seen)).json() is True


ALIKE = ["Straße-1", "STRASSE-1", "ｓｔｒａｓｓｅ-1", "Stras\u017fe-1"]


@pytest.mark.parametrize("other", ALIKE[1:])
def test_one_that_is_read_like_another_is_refused(cast: Cast, other: str) -> None:
    assert Caller().post(CREATE, body(ALIKE[0])).json() is True
    before = everything(WebOrder.objects.get())
    answer = Caller().post(CREATE, body(other))
    assert (answer.status_code, faults(answer)) == (422, {"/OrderNo": "order-no-alike"})
    assert "Straße-1" in answer.json()["errors"][0]["detail"]
    assert Caller().post(CREATE, body(ALIKE[0])).json() is True  # the very same again
    assert everything(WebOrder.objects.get()) == before
    assert Caller("demo-fjord-key").post(CREATE, body(other, ShopId=997001)).json() is True


@pytest.mark.django_db(transaction=True)
def test_of_several_at_once_one_is_taken(cast: Cast) -> None:
    answers = at_once(
        *[lambda number=number: Caller().post(CREATE, body(number)).status_code for number in ALIKE]
    )
    assert sorted(map(str, answers)) == ["200", "422", "422", "422"]
    assert WebOrder.objects.filter(order_no_folded=folded(ALIKE[0])).count() == 1


def test_an_order_of_ddd_is_never_refused_for_it_but_told(cast: Cast, upstream: Upstream) -> None:
    received(cast, new_order("w-1"))
    upstream.orders = [wire_order("W-1")]
    for _twice in range(2):
        assert poll(cast.nordlys.pk, LATER) is not None
    assert sorted(WebOrder.objects.values_list("order_no", "order_no_is_first")) == [
        ("W-1", False),
        ("w-1", True),
    ]
    notice = Notice.objects.get(kind=Notice.Kind.ORDER_NO_ALIKE)
    assert (notice.subject, notice.detail_words, notice.times) == ("W-1", "The other one is w-1", 1)
    page = Page(browser(cast, "office").get("/orders/attention/"))
    assert "DdD has two orders whose OrderNos are read alike" in page.text
    assert faults(Caller().post(CREATE, body("Ｗ-1"))) == {"/OrderNo": "order-no-alike"}


# A number may mean several things


def shown(cast: Cast, text: str) -> list[str]:
    """The OrderNo of the order that is opened, or of those that are offered."""
    answer = browser(cast, "aarhus").get("/pos/", {"q": text})
    if answer.status_code == 302:
        return ["opened", WebOrder.objects.get(pk=answer["Location"].rstrip("/").rpartition("/")[2]).order_no]
    return sorted(order.order_no for order in answer.context["orders"])


def test_a_pick_up_code_that_is_also_an_order_no_opens_nobodys_order(cast: Cast) -> None:
    waiting = picked(cast, new=new_order("COLL-A"))
    code = waiting.pickup_code
    assert shown(cast, code) == ["opened", "COLL-A"]
    received(cast, new_order(code))
    assert shown(cast, code) == sorted([code, "COLL-A"])
    assert shown(cast, "COLL-A") == ["opened", "COLL-A"]


def test_nor_does_the_order_no_that_is_also_a_variant_id(cast: Cast) -> None:
    received(cast, new_order("W-1"))
    received(cast, new_order("100001", variants=(100039,)))
    assert shown(cast, "100001") == ["100001", "W-1"]
    assert shown(cast, "100002") == []


def test_a_new_code_is_no_order_no_and_nobody_waits_with_it(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    received(cast, new_order("000001"))
    WebOrder.objects.filter(pk=picked(cast).pk).update(pickup_code="000002")
    WebOrder.objects.filter(pk=delivered(cast).pk).update(pickup_code="000003")
    drawn = iter(["000001", "000002", "000003", *[new_pickup_code() for _more in range(20)]])
    monkeypatch.setattr("orders.pickup_codes.new_pickup_code", lambda: next(drawn))
    assert free_pickup_code(cast.nordlys.pk) == "000003"
