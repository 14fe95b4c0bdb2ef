"""Head office looks after its shops."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import SettingChange, Shop, Tablet, WebShop
from core.errors import Invalid
from ddd.models import Notice
from ddd.words import causes
from office.shops import removal
from orders import trouble
from orders.reconciling import reconcile
from tests.core.pages import Page, browser
from tests.factories import NOW, Cast, delivered, new_order, picked, received
from tests.office.settings import as_shown

pytestmark = pytest.mark.any_database

LIST_QUERIES, PAGE_QUERIES = 13, 20
NEW = {"shop_id": "996005", "name": "Vejle", "address": "Torvet 1\n\n 7100 Vejle ", "takes_orders": "on"}


def test_the_list_says_what_each_shop_is_and_which_web_shops_sell_through_it(cast: Cast) -> None:
    WebShop.objects.filter(name="outlet").update(name="Outlet")
    cast.web_shop("Outlet").shops.set([cast.aarhus])
    Shop.objects.filter(pk=cast.odense.pk).update(asks_who=True)
    office = browser(cast, "office")
    page = Page(office.get("/shops/"))
    assert page.rows[1:] == [
        "996001 Aarhus takes them Always open No tablet shows its queue Outlet, nordlys",
        "996002 Odense takes them · asks who it is Always open No tablet shows its queue nordlys",
        "996003 København takes them Always open No tablet shows its queue nordlys",
        "996900 Web turnover takes none – – –",
    ]
    assert page.faults == []
    assert len(Page(office.get("/shops/", {"q": "den"})).rows) == 2
    assert "No shop is called Bergen." in Page(office.get("/shops/", {"q": "Bergen"})).text


def test_a_web_shop_that_names_no_shop_sells_through_every_shop(cast: Cast) -> None:
    cast.web_shop("outlet").shops.clear()
    shop = Shop.objects.create(group=cast.nordlys, shop_id=996005, name="Vejle")
    page = browser(cast, "office").get(f"/shops/{shop.pk}/")
    assert [web_shop.name for web_shop in page.context["web_shops"]] == ["outlet"]


def test_the_list_asks_as_much_for_sixty_shops_as_for_four_and_shows_fifty(cast: Cast) -> None:
    office = browser(cast, "office")
    few = queries(office, "/shops/")
    for number in range(56):
        Shop.objects.create(group=cast.nordlys, shop_id=800_001 + number, name=f"Shop {number}")
    assert (few, queries(office, "/shops/")) == (LIST_QUERIES, LIST_QUERIES)
    page = Page(office.get("/shops/"))
    assert len(page.rows) == 51
    rest = Page(office.get(f"/shops/{page.links['Next']}"))
    assert [row.split()[0] for row in rest.rows[1:3]] == ["800051", "800052"]
    assert len(rest.rows) == 11


def test_a_shop_shows_its_tablets_and_asks_as_much_for_many(cast: Cast) -> None:
    office, url, now = browser(cast, "office"), f"/shops/{cast.aarhus.pk}/", timezone.now()
    assert queries(office, url) == PAGE_QUERIES
    for number in range(3):
        Tablet.objects.create(
            shop=cast.aarhus,
            number=f"00000000-0000-0000-0000-00000000000{number}",
            first_seen_at=now,
            last_seen_at=now - timedelta(hours=number),
            sound_on=True,
            session_until=now + timedelta(days=1),
        )
    assert queries(office, url) == PAGE_QUERIES
    words = Page(office.get(url)).text
    assert (words.count("can hear"), words.count("Its tablet sleeps or is off")) == (1, 2)


def test_a_page_about_a_shop_has_head_office_s_own_menu_and_not_the_tablet_s(cast: Cast) -> None:
    page = Page(browser(cast, "office").get(f"/shops/{cast.aarhus.pk}/"))
    assert "Your second factor" in page.links
    assert {"Who is it?", "Your PIN"} & set(page.links) == set()
    assert {"Test the sound", "Check sheet for a printer"} & set(page.buttons) == set()


def test_a_shop_is_made_once_with_its_address_as_ddd_writes_it(cast: Cast) -> None:
    office = browser(cast, "office")
    made = office.post("/shops/new/", NEW)
    shop = cast.shop(996005)
    assert (made.status_code, made["Location"]) == (302, f"/shops/{shop.pk}/")
    assert (shop.group, shop.address, shop.takes_orders, shop.asks_who) == (
        cast.nordlys,
        "Torvet 1#7100 Vejle",
        True,
        False,
    )
    again = office.post("/shops/new/", NEW)
    assert again.status_code == 422
    assert "Vejle has this ShopId already." in Page(again).text
    (change,) = SettingChange.objects.all()
    assert (change.about, change.by) == (f"shop {shop.pk}", cast.person("office"))


def test_a_shop_that_cannot_be_is_not_made_and_says_why(cast: Cast) -> None:
    office = browser(cast, "office")
    for wrong, said in (
        ({"shop_id": "1000"}, "At least 1001."),
        ({"shop_id": "1000000"}, "At most 999999."),
        ({"shop_id": "Vejle"}, "Enter a whole number."),
        ({"name": " "}, "This field is required."),
        ({"name": "x" * 101}, "at most 100 characters"),
    ):
        answer = office.post("/shops/new/", NEW | wrong)
        assert answer.status_code == 422
        assert said in Page(answer).text
    assert cast.nordlys.shops.count() == 4


def test_two_shops_of_a_group_are_not_called_the_same(cast: Cast) -> None:
    office, url = browser(cast, "office"), f"/shops/{cast.odense.pk}/"
    said = "Shop 996003 is called københavn already: choose a name that tells them apart."
    said_upper = "Shop 996003 is called KØBENHAVN already"
    made = office.post("/shops/new/", NEW | {"name": "københavn "})
    assert (made.status_code, said in Page(made).text) == (422, True)
    renamed = office.post(url, as_shown(office, url) | {"name": "KØBENHAVN"})
    assert (renamed.status_code, said_upper in Page(renamed).text) == (422, True)
    assert (cast.odense.name, cast.nordlys.shops.count()) == ("Odense", 4)
    Shop.objects.filter(pk=cast.odense.pk).update(name="København")  # as it stood before
    assert office.post(url, as_shown(office, url) | {"asks_who": "on"}).status_code == 302
    assert (cast.odense.name, cast.odense.asks_who) == ("København", True)
    fjord = cast.fjord.shops.all()[0].name
    assert office.post("/shops/new/", NEW | {"name": fjord}).status_code == 302


def test_a_shop_says_what_ddd_knows_of_its_number(booked_cast: Cast) -> None:
    office, group = browser(booked_cast, "office"), booked_cast.nordlys
    office.post("/shops/new/", NEW | {"shop_id": "995001"})
    unknown, not_yet = booked_cast.shop(995001), "DdD has not answered for this shop yet."
    refuses = "DdD refuses the shop number 995001. It may be none of yours there."
    assert not_yet in Page(office.get(f"/shops/{unknown.pk}/")).text
    assert reconcile(group.pk, timezone.now())
    assert refuses in Page(office.get(f"/shops/{unknown.pk}/")).text
    assert "DdD" not in Page(office.get("/shops/")).rows[2]
    assert refuses in Page(office.get("/shops/")).rows[1]
    assert not_yet not in Page(office.get(f"/shops/{booked_cast.aarhus.pk}/")).text
    office.post("/shops/new/", NEW | {"name": "Kolding"})
    assert not_yet in Page(office.get("/shops/")).rows[5]


def test_a_shop_made_by_mistake_is_taken_away_and_who_did_it_is_kept(cast: Cast) -> None:
    office = browser(cast, "office")
    office.post("/shops/new/", NEW)
    shop = cast.shop(996005)
    office.post(f"/shops/{shop.pk}/hours/", as_shown(office, f"/shops/{shop.pk}/hours/") | {"when": "hours"})
    page = Page(office.get(f"/shops/{shop.pk}/"))
    assert "Take this shop away" in page.buttons
    answer = office.post(f"/shops/{shop.pk}/take-away/")
    assert (answer.status_code, answer["Location"]) == (302, "/shops/")
    assert "Vejle is taken away." in Page(office.get("/shops/")).text
    assert not Shop.objects.filter(shop_id=996005).exists()
    change = SettingChange.objects.order_by("pk").last()
    assert change is not None
    assert (change.about, change.subject, change.by) == (f"shop {shop.pk}", "Vejle", cast.person("office"))
    assert office.post(f"/shops/{shop.pk}/take-away/").status_code == 404


def test_a_shop_that_something_refers_to_stays_and_says_why(cast: Cast) -> None:
    received(cast)
    office = browser(cast, "office")
    for shop, said in (
        (cast.aarhus, "because it has: web shops, people, web orders."),
        (cast.turnover_shop, "because it has: web shops."),
    ):
        page = Page(office.get(f"/shops/{shop.pk}/"))
        assert said in page.text
        assert "Take this shop away" not in page.buttons
        answer = office.post(f"/shops/{shop.pk}/take-away/")
        assert (answer.status_code, said in Page(answer).text) == (409, True)
    assert cast.nordlys.shops.count() == 4
    assert SettingChange.objects.count() == 0


def test_everything_that_names_a_shop_has_its_word() -> None:
    named = {relation.related_model.__name__ for relation in removal.relations()}
    assert named - removal.ITS_OWN == set(removal.REFERENCES)


def test_a_shop_id_of_another_group_may_be_used_here(cast: Cast) -> None:
    number = cast.fjord.shops.values_list("shop_id", flat=True)[0]
    assert browser(cast, "office").post("/shops/new/", NEW | {"shop_id": number}).status_code == 302
    assert cast.nordlys.shops.filter(shop_id=number).count() == 1


def test_shops_of_which_ddd_has_orders_are_offered(cast: Cast) -> None:
    for subject, shop_id in (("D-1", 996_004), ("D-2", 996_004), ("D-3", 996_001)):
        Notice.put(cast.nordlys, Notice.Kind.UNKNOWN_SHOP, subject, causes.SHOP_ID(shop_id=shop_id), NOW)
    Notice.put(cast.fjord, Notice.Kind.UNKNOWN_SHOP, "D-4", causes.SHOP_ID(shop_id=997009), NOW)
    office = browser(cast, "office")
    page = Page(office.get("/shops/"))
    assert [name for name in page.links if name.startswith("Make shop")] == ["Make shop 996004"]
    assert 'value="996004"' in office.get(page.links["Make shop 996004"]).content.decode()


def test_what_is_changed_is_kept_with_who_did_it(cast: Cast) -> None:
    office, url = browser(cast, "office"), f"/shops/{cast.aarhus.pk}/"
    asked = as_shown(office, url) | {"name": "Aarhus C", "asks_who": "on"}
    assert office.post(url, asked).status_code == 302
    assert (cast.aarhus.name, cast.aarhus.asks_who) == ("Aarhus C", True)
    page = Page(office.get(url))
    assert "Aarhus → Aarhus C" in page.text
    assert page.faults == []
    assert office.post(url, as_shown(office, url)).status_code == 302
    assert SettingChange.objects.count() == 1


def test_the_slower_of_two_people_is_told_what_the_first_changed(cast: Cast) -> None:
    office, url = browser(cast, "office"), f"/shops/{cast.aarhus.pk}/"
    shown = as_shown(office, url)
    office.post(url, shown | {"name": "Aarhus C"})
    late = office.post(url, shown | {"name": "Aarhus N"})
    assert late.status_code == 422
    assert "Aarhus → Aarhus C" in Page(late).text
    assert cast.aarhus.name == "Aarhus C"


def test_a_shop_with_open_orders_goes_on_taking_them_and_says_which(cast: Cast) -> None:
    open_order = received(cast)
    refusal = (
        f"1 order is still open here: {open_order.order_no}. Have it delivered, moved or cancelled first."
    )
    assert _refusal_to_stop(cast) == refusal
    trouble.cancel(open_order, "customer", cast.person("aarhus"), NOW)
    assert _refusal_to_stop(cast) == ""


def test_a_shop_with_pieces_to_put_back_goes_on(cast: Cast) -> None:
    trouble.cancel(picked(cast), "customer", cast.person("aarhus"), NOW)
    assert _refusal_to_stop(cast) == "Pieces are still to be put back here: have that done first."


def test_the_only_shop_of_a_web_shop_goes_on(cast: Cast) -> None:
    cast.web_shop("outlet").shops.set([cast.aarhus, cast.turnover_shop])
    assert _refusal_to_stop(cast) == (
        "It is the only shop of outlet that takes web orders: give that another one first."
    )


def test_a_turnover_shop_takes_no_web_orders(cast: Cast) -> None:
    office, url = browser(cast, "office"), f"/shops/{cast.turnover_shop.pk}/"
    answer = office.post(url, as_shown(office, url) | {"takes_orders": "on"})
    assert answer.status_code == 422
    said = "It is the turnover shop of nordlys, and a turnover shop takes no web orders itself."
    assert said in Page(answer).text
    assert cast.turnover_shop.takes_orders is False


def test_the_shop_id_is_fixed_once_orders_name_it(cast: Cast) -> None:
    office = browser(cast, "office")
    url = f"/shops/{cast.odense.pk}/"
    assert office.post(url, as_shown(office, url) | {"shop_id": "996022"}).status_code == 302
    assert cast.shop(996022).name == "Odense"
    delivered(cast)
    url = f"/shops/{cast.aarhus.pk}/"
    assert office.post(url, as_shown(office, url) | {"shop_id": "996011"}).status_code == 302
    assert cast.aarhus.name == "Aarhus"


def test_a_web_shop_whose_only_shop_takes_no_orders_does_not_sell_through_all_others(cast: Cast) -> None:
    cast.web_shop("nordlys").shops.set([cast.turnover_shop])
    with pytest.raises(Invalid):
        received(cast, new_order(shop_id=996001))
    assert received(cast, new_order(shop_id=996001), web_shop="outlet").shop == cast.aarhus


def _refusal_to_stop(cast: Cast) -> str:
    """What the form says when Aarhus is to stop; "" when it does."""
    office, url = browser(cast, "office"), f"/shops/{cast.aarhus.pk}/"
    asked = {name: value for name, value in as_shown(office, url).items() if name != "takes_orders"}
    answer = office.post(url, asked)
    assert cast.aarhus.takes_orders is (answer.status_code == 422)
    return "" if answer.status_code == 302 else str(answer.context["form"].errors["takes_orders"][0])


def queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as counted:
        assert client.get(url).status_code == 200
    return len(counted)
