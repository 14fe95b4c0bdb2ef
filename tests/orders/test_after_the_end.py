"""DdD's till delivers what was handed over here, or opens it again: a person is told."""

import pytest
from django.test import Client

from accounts.models import SettingChange
from ddd.models import Notice, Sale
from orders.importing import poll
from tests.core.pages import Page, browser
from tests.factories import CAP, NOW, Cast, delivered, new_order
from tests.orders.upstream import Upstream, wire_line, wire_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(cast: Cast) -> Client:
    return browser(cast, "office")


def polled(cast: Cast, upstream: Upstream, **numbers: str) -> None:
    upstream.orders = [wire_order(number.replace("_", "-"), status) for number, status in numbers.items()]
    assert poll(cast.nordlys.pk, NOW) is not None


def told() -> list[tuple[str, str]]:
    return list(Notice.objects.filter(closed_at=None).order_by("pk").values_list("kind", "subject"))


def decide(office: Client, notice: Notice, decision: str) -> None:
    answer = office.post(
        "/orders/attention/delivered-again/decide/", {"chosen": notice.pk, "decision": decision}
    )
    assert answer.status_code == 302


def test_a_second_delivery_by_the_till_is_told_and_not_booked(
    cast: Cast, upstream: Upstream, office: Client
) -> None:
    for number in ("W-1", "W-2"):
        delivered(cast, new=new_order(number))
    polled(cast, upstream, W_1="Reserved", W_2="Picked")
    assert told() == []
    for _twice in range(2):
        polled(cast, upstream, W_1="Delivered")
    assert told() == [("delivered again", "W-1")]
    assert Sale.objects.count() == 2
    page = Page(office.get("/orders/attention/"))
    assert "Handed over here, and delivered at DdD" in page.text

    decide(office, Notice.objects.get(), "again")
    assert told() == []
    polled(cast, upstream, W_1="Delivered", W_2="Delivered")
    assert told() == [("delivered again", "W-2")]


def test_where_ddd_calls_every_sold_order_delivered_it_is_asked_once(
    cast: Cast, upstream: Upstream, office: Client
) -> None:
    for number in ("W-1", "W-2", "W-3"):
        delivered(cast, new=new_order(number))
    polled(cast, upstream, W_1="Delivered", W_2="Delivered")
    decide(office, Notice.objects.get(subject="W-1"), "by itself")
    polled(cast, upstream, W_1="Delivered", W_2="Delivered", W_3="Delivered")
    assert told() == []
    assert SettingChange.objects.get().by == cast.person("office")


def test_until_it_is_answered_no_more_than_twenty_are_shown(
    cast: Cast, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orders.after_the_end.SHOWN_UNTIL_ANSWERED", 2)
    for number in ("W-1", "W-2", "W-3"):
        delivered(cast, new=new_order(number))
    polled(cast, upstream, W_1="Delivered", W_2="Delivered", W_3="Delivered")
    assert len(told()) == 2


def test_what_is_cancelled_or_opened_again_after_its_delivery_is_told(cast: Cast, upstream: Upstream) -> None:
    delivered(cast, new=new_order("W-1"))
    polled(cast, upstream, W_1="Cancelled", W_2="Reserved")
    polled(cast, upstream, W_2="Delivered")  # by DdD's till
    polled(cast, upstream, W_2="Reserved")
    assert told() == [("set back", "W-1"), ("set back", "W-2")]
    assert [notice.detail_words for notice in Notice.objects.order_by("pk")] == [
        "DdD says of it: Cancelled",
        "DdD says of it: Reserved",
    ]


def test_an_order_of_other_pieces_says_nothing_of_ours(cast: Cast, upstream: Upstream) -> None:
    delivered(cast, new=new_order("W-1"))
    upstream.orders = [wire_order("W-1", WebOrderLines=[wire_line("Delivered", CAP)])]
    assert poll(cast.nordlys.pk, NOW) is not None
    assert told() == []
