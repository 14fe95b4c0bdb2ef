"""Head office looks after its web shops."""

from typing import Any

import pytest

from accounts.models import ApiKey, SettingChange, Shop, WebShop
from core.errors import Conflict
from ddd.models import Posting
from office.shops.web_shop_forms import WebShopForm
from office.shops.web_shops import booked_in_words, under_way_in_words
from tests.core.pages import Page, browser
from tests.factories import NOW, Cast, delivered, received
from tests.office.settings import as_shown
from tests.office.test_shops import queries

pytestmark = pytest.mark.any_database

LIST_QUERIES, PAGE_QUERIES = 8, 15
NEW = {
    "webshop_id": "7",
    "name": "Kids",
    "where": "all",
    "turnover_shop": "996900",
    "turnover_item_group": "9901",
    "sold_by": "portal",
    "transfers_by": "portal",
    "transaction_type": "150",
    "ddd_token": "",
}
OUTLETS_TOKEN = "demo-ddd-token-996-2"  # one that the sandbox knows


def test_the_list_says_where_each_sells_and_how_it_is_booked(cast: Cast) -> None:
    cast.web_shop("outlet").shops.clear()
    cast.web_shop("outlet").keys.all().delete()
    page = Page(browser(cast, "office").get("/webshops/"))
    assert page.rows[1:] == [
        "1 nordlys 3 shops Web turnover item group 9900 by the portal 1",
        "2 outlet every shop that takes web orders none – none",
    ]
    assert page.faults == []


def test_lists_and_pages_ask_as_much_for_many_shops_and_keys(cast: Cast) -> None:
    office, web_shop = browser(cast, "office"), cast.web_shop("nordlys")
    urls = ("/webshops/", f"/webshops/{web_shop.pk}/")
    few = [queries(office, url) for url in urls]
    for number in range(57):
        shop = Shop.objects.create(group=cast.nordlys, shop_id=800_001 + number, name=f"Shop {number}")
        web_shop.shops.add(shop)
        ApiKey.issue(web_shop)
    assert few == [LIST_QUERIES, PAGE_QUERIES]
    assert [queries(office, url) for url in urls] == few


def test_a_web_shop_is_made_once_with_all_that_it_is(cast: Cast) -> None:
    office = browser(cast, "office")
    made = office.post("/webshops/new/", NEW)
    web_shop = WebShop.objects.get(group=cast.nordlys, webshop_id=7)
    assert made["Location"] == f"/webshops/{web_shop.pk}/"
    assert (web_shop.turnover_shop, web_shop.turnover_item_group) == (cast.turnover_shop, 9901)
    assert (web_shop.transaction_type, web_shop.ddd_token) == (150, "")
    assert web_shop.shops.count() == 0
    again = office.post("/webshops/new/", NEW)
    assert again.status_code == 422
    assert "Kids has this WebshopId already." in Page(again).text
    assert "Without a key the web shop cannot send orders." in Page(office.get(made["Location"])).text


@pytest.mark.parametrize(
    ("wrong", "field", "said"),
    [
        (
            {"turnover_item_group": ""},
            "turnover_item_group",
            "A turnover shop needs its turnover item group.",
        ),
        (
            {"turnover_shop": ""},
            "turnover_shop",
            "An item group alone marks nothing: choose the turnover shop.",
        ),
        (
            {"turnover_shop": "996001"},
            "turnover_shop",
            "It must be a shop of this Group that takes no web orders itself.",
        ),
        (
            {"turnover_shop": "997900"},
            "turnover_shop",
            "It must be a shop of this Group that takes no web orders itself.",
        ),
        (
            {"turnover_item_group": "10000"},
            "turnover_item_group",
            "At most 9999.",
        ),
        (
            {"transaction_type": "99"},
            "transaction_type",
            "At least 100.",
        ),
        ({"webshop_id": "2"}, "webshop_id", "outlet has this WebshopId already."),
        ({"webshop_id": "0"}, "webshop_id", "At least 1."),
        ({"where": "chosen"}, "shops", "Choose at least one shop."),
        ({"where": "chosen", "shops": ["997001"]}, "shops", "There is no shop 997001 here."),
        ({"name": ""}, "name", "This field is required."),
    ],
)
def test_what_cannot_be_is_not_kept_and_says_why(
    cast: Cast, wrong: dict[str, Any], field: str, said: str
) -> None:
    Shop.objects.create(group=cast.fjord, shop_id=997900, name="Fjord turnover", takes_orders=False)
    answer = browser(cast, "office").post("/webshops/new/", NEW | wrong)
    assert (answer.status_code, dict(answer.context["form"].errors)) == (422, {field: [said]})
    assert cast.nordlys.web_shops.count() == 2


def test_the_token_is_tried_and_never_shown(booked_cast: Cast) -> None:
    cast = booked_cast
    office, web_shop = browser(cast, "office"), cast.web_shop("nordlys")
    url = f"/webshops/{web_shop.pk}/"
    assert web_shop.ddd_token not in office.get(url).content.decode()
    shown = as_shown(office, url) | {"ddd_token": ""}
    office.post(url, _chosen(shown, web_shop) | {"name": "Nordlys"})
    assert WebShop.objects.get(pk=web_shop.pk).ddd_token == web_shop.ddd_token
    shown = as_shown(office, url)

    refused = office.post(url, _chosen(shown, web_shop) | {"ddd_token": "nobodys-token"})
    assert refused.status_code == 422
    assert "DdD is there, but refuses the token" in dict(refused.context["form"].errors)["ddd_token"][0]
    assert WebShop.objects.get(pk=web_shop.pk).ddd_token == web_shop.ddd_token

    office.post(url, _chosen(shown, web_shop) | {"ddd_token": OUTLETS_TOKEN})
    assert WebShop.objects.get(pk=web_shop.pk).ddd_token == OUTLETS_TOKEN
    page = office.get(url).content.decode()
    assert OUTLETS_TOKEN not in page
    assert "DdD token: changed" in Page(page).text
    assert not SettingChange.objects.filter(fields__icontains="token-").exists()
    office.post(url, _chosen(as_shown(office, url), web_shop) | {"forget_token": "on", "ddd_token": ""})
    assert WebShop.objects.get(pk=web_shop.pk).ddd_token == ""


def test_a_change_is_kept_with_who_made_it_and_the_slower_is_told(cast: Cast) -> None:
    office, web_shop = browser(cast, "office"), cast.web_shop("nordlys")
    url = f"/webshops/{web_shop.pk}/"
    shown = _chosen(as_shown(office, url), web_shop)
    asked = shown | {"turnover_shop": "", "turnover_item_group": "", "shops": ["996001", "996002"]}
    assert office.post(url, asked).status_code == 302
    kept = WebShop.objects.get(pk=web_shop.pk)
    assert (kept.turnover_shop, kept.turnover_item_group) == (None, None)
    assert set(kept.shops.all()) == {cast.aarhus, cast.odense}
    assert "Turnover shop: Web turnover → –" in Page(office.get(url)).text
    late = office.post(url, shown | {"transfers_by": "ddd"})
    assert late.status_code == 422
    assert "turnover shop: Web turnover → –" in Page(late).text
    assert WebShop.objects.get(pk=web_shop.pk).transfers_by == "portal"


def test_a_shop_that_takes_no_orders_just_now_is_not_forgotten(cast: Cast) -> None:
    office, web_shop = browser(cast, "office"), cast.web_shop("nordlys")
    Shop.objects.filter(pk=cast.odense.pk).update(takes_orders=False)
    url = f"/webshops/{web_shop.pk}/"
    answer = office.post(url, _chosen(as_shown(office, url), web_shop) | {"name": "Nordlys"})
    assert answer.status_code == 302
    assert cast.odense in WebShop.objects.get(name="Nordlys").shops.all()


def test_a_turnover_shop_that_has_just_begun_to_take_orders_is_refused(cast: Cast) -> None:
    form = WebShopForm(NEW, group=cast.nordlys)
    assert form.is_valid()
    Shop.objects.filter(pk=cast.turnover_shop.pk).update(takes_orders=True)
    with pytest.raises(Conflict):
        form.make(cast.person("office"), NOW)
    assert cast.nordlys.web_shops.count() == 2


def test_what_it_means_is_said_by_an_example(cast: Cast) -> None:
    web_shop = cast.web_shop("nordlys")
    booked = (
        "A jumper for 399.95 DKK delivered in 996001 Aarhus is booked in 996900 Web turnover "
        "under item group 9900."
    )
    moved = "The portal moves it from 996001 Aarhus to 996900 Web turnover in DdD's books."
    assert booked_in_words(web_shop) == [booked, moved]
    web_shop.transfers_by = WebShop.TransfersBy.DDD
    assert booked_in_words(web_shop) == [
        booked,
        "DdD moves it from 996001 Aarhus to 996900 Web turnover itself; the portal makes no transfer.",
    ]
    assert booked_in_words(cast.web_shop("outlet")) == [
        "A jumper for 399.95 DKK delivered in 996001 Aarhus is booked in 996001 Aarhus itself."
    ]


def test_what_is_under_way_is_booked_as_the_settings_are_at_its_delivery(cast: Cast) -> None:
    web_shop = cast.web_shop("nordlys")
    assert under_way_in_words(web_shop) == "No order of it is under way."
    received(cast)
    assert under_way_in_words(web_shop) == (
        "1 order of it is under way: it is booked as the settings are when it is delivered."
    )
    WebShop.objects.filter(pk=web_shop.pk).update(turnover_shop=None, turnover_item_group=None)
    order = delivered(cast)
    assert Posting.objects.get(order_no=order.order_no, kind="sale").sale.shop == cast.aarhus


def test_the_webshop_id_is_fixed_once_orders_name_it(cast: Cast) -> None:
    office, web_shop = browser(cast, "office"), cast.web_shop("nordlys")
    url = f"/webshops/{web_shop.pk}/"
    received(cast)
    asked = _chosen(as_shown(office, url), web_shop) | {"webshop_id": "8"}
    assert office.post(url, asked).status_code == 302
    assert WebShop.objects.get(pk=web_shop.pk).webshop_id == 1


def _chosen(shown: dict[str, str], web_shop: WebShop) -> dict[str, Any]:
    return shown | {"shops": [str(shop.shop_id) for shop in web_shop.shops.all()]}
