"""Head office begins its day: what is wrong, the list behind a number, and the order in it."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from accounts.demo_secrets import FJORD_KEY
from demo.people import FJORD, ODENSE
from tests.browser import taps
from tests.browser.accessibility import violations
from tests.browser.conftest import PageOf
from tests.browser.people import LoggedIn
from tests.browser.running_demo import RunningDemo
from tests.browser.web_shop import WebShop

FJORD_SHOP = FJORD.shops[0].shop_id


def test_a_new_order_appears_by_itself_and_its_number_leads_to_it(page_of: PageOf, web_shop: WebShop) -> None:
    page = page_of("office")
    expect(page).to_have_url(re.compile("/orders/dashboard/$"))
    order_no = web_shop.orders(shop=ODENSE.shop_id)
    new = page.get_by_role("row", name=re.compile("^Odense")).locator("a.new")
    expect(new).to_have_text("1")
    new.click()
    expect(page.locator("tbody .order-no")).to_have_text([order_no])
    expect(page.get_by_role("combobox", name="Shop", exact=True)).to_have_value(str(ODENSE.shop_id))
    expect(page.get_by_role("combobox", name="Status", exact=True)).to_have_value("new")
    page.get_by_role("link", name=order_no).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(order_no)


def test_what_happened_today_leads_to_its_orders_and_other_filters_keep_it(
    page_of: PageOf, web_shop: WebShop
) -> None:
    order_no = web_shop.orders()
    tablet = page_of("aarhus")
    taps.make_ready(tablet, order_no, 100001)
    page = page_of("office")
    page.get_by_role("row", name=re.compile("^Ready ")).get_by_role("link").first.click()
    expect(page.locator("main")).to_contain_text("Ready: today 00:00")
    expect(page.locator("tbody .order-no").filter(has_text=order_no)).to_be_visible()
    page.get_by_role("combobox", name="Shop", exact=True).select_option("Odense")
    taps.tap(page, "Show")
    expect(page.locator("main")).to_contain_text("Ready: today 00:00")
    expect(page.locator("tbody .order-no").filter(has_text=order_no)).to_have_count(0)


def test_it_says_when_it_cannot_renew_itself_and_keeps_what_it_knew(page_of: PageOf) -> None:
    page = page_of("office")
    shown = page.get_by_role("heading", name="Shops", exact=True)
    expect(page.get_by_text("as of")).to_be_visible()
    page.context.set_offline(True)
    expect(page.get_by_text("not renewed since")).to_be_visible()
    expect(shown).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text("as of")).to_be_visible()


def test_the_keyboard_stays_where_it_was_when_the_overview_renews_itself(
    page_of: PageOf, web_shop: WebShop
) -> None:
    web_shop.orders()
    page = page_of("office")
    link = page.get_by_role("row", name=re.compile("^Aarhus")).locator("a.new")
    link.focus()
    before = page.locator(".as-of time").inner_text()
    expect(page.locator(".as-of time")).not_to_have_text(before)
    expect(link).to_be_focused()


@pytest.fixture(params=[("en", "light"), ("da", "dark")], ids=["english by day", "danish by night"])
def looked_at(
    request: pytest.FixtureRequest, sessions: Callable[[str], LoggedIn], page_of: PageOf, web_shop: WebShop
) -> Iterator[Page]:
    """The overview of Fjord with a new order, in each language and theme."""
    language, scheme = request.param
    sessions("fjord office").speaks(language)
    web_shop.orders(shop=FJORD_SHOP, key=FJORD_KEY)
    yield page_of("fjord office", color_scheme=scheme)
    sessions("fjord office").speaks("en")


@pytest.mark.parametrize("width", [820, 1280, 1920])
def test_everybody_can_use_it_on_every_screen(looked_at: Page, demo: RunningDemo, width: int) -> None:
    looked_at.set_viewport_size({"width": width, "height": 1080})
    expect(looked_at.locator("a.new").first).to_be_visible()
    assert violations(looked_at) == []
    assert looked_at.evaluate("document.documentElement.scrollWidth") <= width
