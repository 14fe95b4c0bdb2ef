"""Head office connects its Group to DdD: what the guided page asks of its web shops, and where it leads."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import SettingChange, Shop, SoldBy, WebShop
from tests.core.pages import ENGLISH, Page, browser
from tests.factories import Cast
from tests.office.settings import as_shown, first_look_of

pytestmark = pytest.mark.any_database

PAGE = "/orders/policies/ddd/setup/"


@pytest.fixture
def office(cast: Cast) -> Client:
    first_look_of(cast.nordlys)
    return browser(cast, "office", ENGLISH)


def answer(office: Client, shown: dict[str, str], changes: dict[str, str]) -> Any:
    return office.post(f"{PAGE}answers/", shown | changes)


def test_who_books_each_web_shops_sales_is_asked_and_kept_with_it(cast: Cast, office: Client) -> None:
    web_shop = cast.web_shop("nordlys")
    before = dict(WebShop.objects.exclude(pk=web_shop.pk).values_list("pk", "sold_by"))
    shown = as_shown(office, PAGE, "answers")
    assert shown[f"sold_by_{web_shop.pk}"] == "portal"
    assert answer(office, shown, {f"sold_by_{web_shop.pk}": "web shop"}).status_code == 302
    assert WebShop.objects.get(pk=web_shop.pk).sold_by == SoldBy.WEB_SHOP
    assert dict(WebShop.objects.exclude(pk=web_shop.pk).values_list("pk", "sold_by")) == before
    change = SettingChange.objects.get()
    assert (change.about, change.subject, len(change.fields)) == (f"web shop {web_shop.pk}", "nordlys", 1)
    assert answer(office, as_shown(office, PAGE, "answers"), {}).status_code == 302
    assert SettingChange.objects.count() == 1  # untouched, nothing is written


def test_of_two_people_the_slower_sees_the_others_choice_and_nothing_of_theirs_is_kept(
    cast: Cast, office: Client
) -> None:
    web_shop, shown = cast.web_shop("nordlys"), as_shown(office, PAGE, "answers")
    name = f"sold_by_{web_shop.pk}"
    assert answer(office, shown, {name: "web shop"}).status_code == 302
    slower = answer(office, shown, {name: "ask", "clerk_id": "77"})
    assert slower.status_code == 422
    assert "nordlys" in Page(slower).text
    assert WebShop.objects.get(pk=web_shop.pk).sold_by == SoldBy.WEB_SHOP
    assert cast.connection.clerk_id != 77
    # What they are shown now can be sent.
    again = as_sent(slower)
    assert (again[name], again[f"initial-{name}"], again["clerk_id"]) == ("web shop", "web shop", "77")
    assert answer(office, again, {name: "ask"}).status_code == 302
    assert WebShop.objects.get(pk=web_shop.pk).sold_by == SoldBy.ASK
    assert cast.connection.clerk_id == 77


def test_who_changes_nothing_of_a_web_shop_undoes_nobodys_choice(cast: Cast, office: Client) -> None:
    web_shop, shown = cast.web_shop("nordlys"), as_shown(office, PAGE, "answers")
    WebShop.objects.filter(pk=web_shop.pk).update(sold_by=SoldBy.ASK)
    assert answer(office, shown, {"clerk_id": "77"}).status_code == 302
    assert (WebShop.objects.get(pk=web_shop.pk).sold_by, cast.connection.clerk_id) == (SoldBy.ASK, 77)


def test_shops_and_web_shops_that_are_missing_are_made_from_their_number_and_lead_back(
    cast: Cast, office: Client
) -> None:
    links = [link for link in Page(office.get(PAGE)).links.values() if "new/?" in link]
    assert links == ["/shops/new/?shop_id=996777&setup", "/webshops/new/?webshop_id=77&setup"]
    shop_url, web_shop_url = links
    shop = as_shown(office, shop_url)
    assert shop["shop_id"] == "996777"
    assert office.post(shop_url, shop | {"name": "Vejle"})["Location"] == PAGE
    web_shop = as_shown(office, web_shop_url)
    assert web_shop["webshop_id"] == "77"
    del web_shop["shops"]  # none is chosen
    assert office.post(web_shop_url, web_shop | {"name": "Outlet.dk"})["Location"] == PAGE
    assert Shop.objects.filter(group=cast.nordlys, shop_id=996777, name="Vejle").exists()
    assert WebShop.objects.filter(group=cast.nordlys, webshop_id=77, name="Outlet.dk").exists()
    assert not [link for link in Page(office.get(PAGE)).links.values() if "new/?" in link]


def as_sent(answer: Any) -> dict[str, str]:
    """The form that a refusal shows, as a browser would send it."""
    form = answer.context["answers"]
    values = {bound.html_name: bound.value() for bound in form}
    hidden = {
        one.html_initial_name: form.data[one.html_initial_name]
        for one in form
        if one.field.show_hidden_initial
    }
    return {
        name: "on" if value is True else str(value)
        for name, value in (values | hidden).items()
        if value is not None and value is not False
    }
