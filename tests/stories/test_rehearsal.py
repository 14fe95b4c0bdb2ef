"""A Group runs the portal beside its present way: nothing is posted, each night shows what would be."""

from datetime import datetime

import pytest
from django.test import Client
from django.utils import timezone

from accounts.demo_secrets import DEMO_PASSWORD
from accounts.models import Group
from core.errors import Conflict
from ddd.models import Posting, Reconciliation
from ddd.sending import dispatch
from orders import delivery, rehearsal
from orders.models import WebOrder
from returns import desk
from tests.core.pages import Page, browser
from tests.ddd.rows import Clock
from tests.factories import HAND_OVER, JUMPER, Cast, again, new_order, picked, taken_back
from tests.orders.night import TURNOVER, Night, wire_order_of_another_channel
from tests.sandbox_process import RunningSandbox
from tests.stories.test_sold_already import sale_of_another

pytestmark = pytest.mark.django_db
PAGE = "/orders/policies/rehearsal/"


@pytest.fixture
def night(booked_cast: Cast, sandbox: RunningSandbox) -> Night:
    return Night(booked_cast, sandbox)


@pytest.fixture
def office(night: Night) -> Client:
    return browser(night.cast, "office")


def press(office: Client, decision: str, password: str = DEMO_PASSWORD) -> Page:
    return Page(office.post(PAGE, {"decision": decision, "password": password}, follow=True))


def handed_over(cast: Cast, order_no: str, now: datetime) -> None:
    order = picked(cast, new=new_order(order_no))
    delivery.deliver(order, HAND_OVER, cast.person("aarhus"), now)


def entries(night: Night) -> list[int]:
    ledger = night.sandbox.ledger()
    return [len(ledger[name]) for name in ("orders", "sales", "transfers")]


def test_a_rehearsal_posts_nothing_shows_what_it_would_and_ends_with_one_button(
    night: Night, office: Client
) -> None:
    cast = night.cast
    assert "Rehearsal: nothing is posted to DdD." in press(office, "begin").text
    assert "Rehearsal: nothing is booked in DdD." in Page(browser(cast, "aarhus").get("/pos/")).text
    assert "Rehearsal" not in Page(browser(cast, "fjord office").get("/orders/dashboard/")).text
    handed_over(cast, "W-1", timezone.now())
    handed_over(cast, "W-2", timezone.now())
    still_open = picked(cast, new=new_order("W-3"))
    back = taken_back(cast, again_by(cast, "W-2"), paid_by="cash", now=timezone.now())
    night.send()
    assert entries(night) == [0, 0, 0]
    assert set(Posting.objects.values_list("state", flat=True)) == {"rehearsed"}

    # The present way has sold one of them.
    night.post("api/sale", sale_of_another("W-1", TURNOVER))
    night.compare()
    report = Reconciliation.objects.get(group=night.group)
    told = {(row["order_no"], row["kind"]): row for row in report.data["rehearsed"]}
    assert told["W-1", "sale"]["agrees"]
    assert told["W-1", "sale"]["ddd"] == ["996900 77/4711 · 399.90"]
    assert not told["W-2", "sale"]["agrees"]
    assert told["W-2", "return"]["would"] == "996900 · 399.90"
    page = Page(office.get("/orders/comparison/"))
    assert "W-1 Sale 996900 · 399.90 996900 77/4711 · 399.90 agrees" in page.text

    # A return that was rehearsed can still be cancelled, and a rehearsed delivery is nobody's to reverse.
    desk.cancel(back, "Wrong", cast.person("manager"), timezone.now())
    assert "1 order is open: the portal books it from then on" in Page(office.get(PAGE)).text
    assert "is not the password" in press(office, "switch over", "wrong").text
    assert Group.objects.get(pk=night.group.pk).rehearses
    assert "1 web order came to the portal alone" in Page(office.get(PAGE)).text
    assert "Switched over" in press(office, "switch over").text
    night.send()
    assert entries(night) == [1, 1, 0]

    delivery.deliver(again(still_open), HAND_OVER, cast.person("aarhus"), timezone.now())
    night.send()
    assert entries(night) == [1, 2, 1]
    with pytest.raises(Conflict, match="DdD"):
        taken_back(cast, again_by(cast, "W-1"), paid_by="cash", now=timezone.now())


def test_an_open_order_that_ddd_has_by_another_way_is_not_made_twice(night: Night, office: Client) -> None:
    press(office, "begin")
    order = picked(night.cast, new=new_order("W-1", variants=(JUMPER,)))
    night.post("api/weborder/clickandcollect", wire_order_of_another_channel("W-1"))
    press(office, "switch over")
    night.send()
    assert entries(night) == [1, 0, 0]
    posting = night.posted("order", order)
    assert posting.state == Posting.State.SENT
    assert set(posting.attempts.values_list("purpose", flat=True)) == {"read back"}


def test_a_rehearsal_begins_only_when_all_is_settled_and_each_button_works_once(
    night: Night, office: Client
) -> None:
    handed_over(night.cast, "W-1", timezone.now())
    assert "Settle that first" in press(office, "begin").text
    night.send()
    for _twice in range(2):
        press(office, "begin")
    assert Group.objects.get(pk=night.group.pk).rehearses
    for _twice in range(2):
        press(office, "switch over")
    assert not Group.objects.get(pk=night.group.pk).rehearses
    changes = Page(office.get("/orders/policies/changes/ddd/")).text
    assert changes.count("Rehearsal: ") == 2


def test_no_rehearsal_begins_while_nobody_has_said_who_books_a_sale(night: Night, office: Client) -> None:
    """At its end the sale would count as somebody else's."""
    handed_over(night.cast, "W-1", timezone.now())
    night.send()
    undecided = WebOrder.objects.filter(order_no="W-1")
    undecided.update(sale_by=WebOrder.SaleBy.ASK)
    assert "Settle that first" in Page(office.get(PAGE)).text
    press(office, "begin")
    assert not Group.objects.get(pk=night.group.pk).rehearses
    undecided.update(sale_by=WebOrder.SaleBy.PORTAL)
    press(office, "begin")
    assert Group.objects.get(pk=night.group.pk).rehearses


def test_a_worker_that_has_claimed_a_posting_sends_nothing_once_a_rehearsal_has_begun(night: Night) -> None:
    handed_over(night.cast, "W-1", timezone.now())
    clock = Clock()
    clock.forward(3600)
    posting = dispatch.claim(night.group.pk, clock())
    assert posting is not None
    Group.objects.update(rehearses=True)
    dispatch.handle(posting, night.cast.connection, clock)
    assert entries(night) == [0, 0, 0]
    assert Posting.objects.get(pk=posting.pk).reason_words.startswith("A rehearsal has begun")
    rehearsal.switch_over(night.group, DEMO_PASSWORD, night.cast.person("office"), clock())
    night.send()
    assert entries(night) == [1, 1, 1]


def again_by(cast: Cast, order_no: str) -> WebOrder:
    return again(WebOrder.objects.get(group=cast.nordlys, order_no=order_no))
