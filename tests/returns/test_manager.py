"""The manager at the counter: they overrule the policy with a reason, and end a return that was wrong."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from accounts.models import Membership
from ddd.models import Posting
from returns.models import Return, ReturnPolicy
from tests.core.pages import Page
from tests.factories import NOW, Cast, again, delivered, taken_back
from tests.orders.together import everything
from tests.returns.counter import DAY_3, chosen, fields_of, main_buttons, page_of, take_back

DAY_31 = NOW + timedelta(days=31)
pytestmark = [pytest.mark.any_database, pytest.mark.usefixtures("day_3")]


@pytest.fixture
def too_late(day_3: time_machine.Traveller) -> None:
    day_3.move_to(DAY_31)


@pytest.mark.usefixtures("too_late")
def test_after_the_last_day_it_says_why_and_who_can(cast: Cast, aarhus: Client) -> None:
    order = delivered(cast)
    page = page_of(aarhus, order, chosen(order, 1))
    assert "It is not taken back Day 31: Nordlys takes pieces back for 30 days." in page.text
    assert "Mads Lindholm may decide otherwise." in page.text
    asks = page.links["Who is it?"]
    assert page_of(aarhus, order).links["Who is it?"].startswith("/pos/who/?next=")
    assert asks.startswith("/pos/who/?next=")
    assert "Overrule as manager" not in page.text
    assert main_buttons(page) == []
    before = everything(order)
    sent = chosen(order, 1, paid_by="cash", instead="register", overrule_reason="Faulty from the start")
    assert take_back(aarhus, order, sent).status_code == 409
    assert (everything(order), Return.objects.count()) == (before, 0)


@pytest.mark.usefixtures("too_late")
def test_a_manager_overrules_with_a_reason(cast: Cast, manager: Client) -> None:
    order = delivered(cast)
    page = page_of(manager, order, chosen(order, 1))
    for words in ("Overrule as manager", "As the policy says The register pays The web shop refunds"):
        assert words in page.text
    assert main_buttons(page) == []
    page = page_of(manager, order, chosen(order, 1, instead="web shop"))
    assert "No money here: the web shop refunds 199.95 DKK" in page.text
    assert "Overruled by the shop manager." in page.text
    assert main_buttons(page) == ["Take back · 199.95 DKK the web shop refunds · overruled"]
    shown = fields_of(page)["shown"]
    sent = chosen(order, 1, instead="web shop", shown=shown)
    assert take_back(manager, order, sent).status_code == 422
    told = take_back(manager, order, {**sent, "overrule_reason": "Faulty from the start"}, follow=True)
    assert "Mads Lindholm: Faulty from the start" in Page(told).text
    made = Return.objects.get()
    assert (made.outcome, made.overruled_by, made.overrule_reason) == (
        "web shop",
        cast.person("manager"),
        "Faulty from the start",
    )


@pytest.mark.usefixtures("too_late")
def test_nobody_overrules_where_the_policy_lets_nobody(cast: Cast, manager: Client) -> None:
    ReturnPolicy.objects.filter(group=cast.nordlys).update(overruling="nobody")
    order = delivered(cast)
    page = page_of(manager, order, chosen(order, 1, instead="register"))
    assert "Overrule" not in page.text
    assert "may decide otherwise" not in page.text
    assert main_buttons(page) == []


@pytest.mark.usefixtures("too_late")
def test_a_shop_without_a_manager_of_its_own_says_it_without_a_name(cast: Cast, aarhus: Client) -> None:
    Membership.objects.filter(role=Membership.Role.MANAGER).delete()
    order = delivered(cast)
    assert "The shop manager may decide otherwise." in page_of(aarhus, order, chosen(order, 1)).text


def test_a_manager_cancels_a_wrong_return_while_nothing_was_sent(
    cast: Cast, manager: Client, aarhus: Client
) -> None:
    order = delivered(cast)
    made = taken_back(cast, order, lines=(1,), paid_by="cash", now=DAY_3)
    place = f"/returns/{made.pk}/"
    assert "Was this return wrong?" not in Page(aarhus.get(place)).text
    before = everything(order)
    assert aarhus.post(f"{place}cancel/", {"why": "Mine"}).status_code == 409
    assert manager.post(f"{place}cancel/", {"why": " "}).status_code == 422
    assert everything(order) == before
    page = Page(manager.get(place))
    assert "Nothing was sent to DdD yet: cancelled, it is as if it never was." in page.text
    assert "Cancel the return" in page.buttons
    told = Page(manager.post(f"{place}cancel/", {"why": "Wrong customer"}, follow=True))
    assert "Cancelled: nothing of it counts." in told.text
    assert (
        "The customer has the pieces again, and the register its 200.00 DKK (199.95, rounded)." in told.text
    )
    assert "Mads Lindholm · today 10:00 · Wrong customer" in told.text
    assert "DdD was never sent" in told.text
    assert "Was this return wrong?" not in told.text
    assert again(order).lines.filter(status="Delivered").count() == 2


def test_a_manager_reverses_what_ddd_has(cast: Cast, manager: Client) -> None:
    order = delivered(cast)
    made = taken_back(cast, order, lines=(1,), paid_by="cash", now=DAY_3)
    Posting.objects.update(state=Posting.State.SENT, lane="")
    place = f"/returns/{made.pk}/"
    page = Page(manager.get(place))
    assert "DdD DdD has it" in page.text
    assert "Reverse the return" in page.buttons
    told = Page(manager.post(f"{place}reverse/", {"why": "Wrong customer"}, follow=True))
    assert told.faults == []
    assert "Reversed: it is booked the other way round." in told.text
    assert "DdD not sent yet" in told.text
    assert again(order).lines.filter(status="Delivered").count() == 2
