"""What only the shop manager may do: screens do not exist for others, and actions say who may take them."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from accounts.models import Membership, Shop
from returns.models import Return
from tests.core.pages import Page, browser
from tests.factories import NOW, Cast, delivered, taken_back

pytestmark = [pytest.mark.any_database, pytest.mark.urls("tests.pos.manager_urls")]

SCREEN = "/pos/staffing/"
OTHERS = ("office", "aarhus", "odense", "fjord office", "fjord staff", "operator")


@pytest.fixture
def tablet(cast: Cast) -> Client:
    """Logged in as Freja, who manages nothing, for everybody in Aarhus."""
    return browser(cast, "aarhus", headers={"sec-fetch-mode": "navigate"})


def as_mads(tablet: Client, cast: Cast) -> None:
    tablet.post(f"/pos/who/{cast.person('manager').pk}/", {"pin": "1357"})


def test_a_screen_of_the_managers_is_there_for_nobody_else(
    cast: Cast, browser_of: Callable[[str], Client], client: Client
) -> None:
    mads = browser_of("manager")
    for method in ("get", "post"):
        assert getattr(mads, method)(SCREEN).content.decode() == "Mads Lindholm"
        assert [getattr(browser_of(who), method)(SCREEN).status_code for who in OTHERS] == [404] * 6
        assert getattr(client, method)(SCREEN)["Location"].startswith("/login/?next=/")


def test_who_manages_no_shop_where_they_work_any_more_is_no_manager(cast: Cast) -> None:
    mads = browser(cast, "manager")
    for change in (
        {"role": Membership.Role.STAFF},
        {"role": Membership.Role.MANAGER, "shop": cast.turnover_shop},
    ):
        Membership.objects.filter(user=cast.person("manager")).update(**change)
        assert mads.get(SCREEN).status_code == 404


def test_a_manager_at_anybodys_tablet_of_the_shop_is_let_in_by_pin(cast: Cast, tablet: Client) -> None:
    assert tablet.get(SCREEN).status_code == 404
    as_mads(tablet, cast)
    assert tablet.get(SCREEN).content.decode() == "Mads Lindholm"
    assert tablet.post(SCREEN).content.decode() == "Mads Lindholm"


def test_where_it_must_be_said_who_it_is_that_is_asked_before_a_manager_is_turned_away(
    cast: Cast, tablet: Client
) -> None:
    Shop.objects.filter(pk=cast.aarhus.pk).update(asks_who=True)
    asked = tablet.post(SCREEN)
    assert (asked.status_code, "Who is it?" in Page(asked).text) == (409, True)
    as_mads(tablet, cast)
    assert tablet.post(SCREEN).content.decode() == "Mads Lindholm"


def test_a_manager_of_another_shop_is_none_at_this_shops_tablet(cast: Cast, tablet: Client) -> None:
    mads = cast.person("manager")
    Membership.objects.filter(user=mads).update(role=Membership.Role.STAFF)
    Membership.objects.create(user=mads, shop=cast.odense, role=Membership.Role.MANAGER)
    assert browser(cast, "manager").get(SCREEN).status_code == 200
    as_mads(tablet, cast)
    assert tablet.get(SCREEN).status_code == 404


@pytest.mark.parametrize("action", ["cancel", "reverse"])
def test_who_sees_a_return_but_does_not_manage_its_shop_is_told_who_does(action: str, cast: Cast) -> None:
    with time_machine.travel(NOW + timedelta(minutes=1)):
        wrong = taken_back(cast, delivered(cast), paid_by="cash")
        # Emil manages Odense, and is of the staff here.
        Membership.objects.filter(user=cast.person("odense")).update(role=Membership.Role.MANAGER)
        Membership.objects.create(user=cast.person("odense"), shop=cast.aarhus)
        before = Return.objects.values().get()
        for who in ("aarhus", "odense"):
            answer = browser(cast, who).post(f"/returns/{wrong.pk}/{action}/", {"why": "Forkert vare"})
            assert answer.status_code == 409
            assert "Only the shop manager of Aarhus can do this." in Page(answer).text
        for who in ("office", "fjord staff"):
            assert browser(cast, who).post(f"/returns/{wrong.pk}/{action}/", {"why": "x"}).status_code == 404
        assert Return.objects.values().get() == before
