"""Head office tries other minutes before it keeps them, and sees afterwards who changed what.

In Fjord's office, whose tablets nobody else's test listens to.
"""

from playwright.sync_api import Locator, Page, expect

from accounts.demo_secrets import FJORD_KEY
from demo.people import FJORD
from tests.browser.accessibility import violations
from tests.browser.conftest import PageOf
from tests.browser.web_shop import WebShop

SHOP = FJORD.shops[0]


def test_minutes_are_tried_and_kept_and_the_change_has_a_name(page_of: PageOf, web_shop: WebShop) -> None:
    order_no = web_shop.orders(shop=SHOP.shop_id, key=FJORD_KEY)
    page = page_of("fjord office")
    page.get_by_role("navigation").get_by_role("link", name="Policies").click()
    remind = page.get_by_label("Remind the shop after (minutes)")
    remind.fill("0")
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_role("heading", name="would have gone otherwise").first).to_be_visible()
    expect(_row(page, order_no)).to_contain_text("nobody is told")
    expect(_row(page, order_no)).to_contain_text("the shop is reminded")
    expect(page.get_by_text("Tried by Solveig Åsen, today")).to_be_visible()
    assert violations(page) == []

    page.get_by_role("button", name="Change it once more").click()
    expect(remind).to_have_value("0")
    page.get_by_role("button", name="Try it").click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved. It counts from now on in every shop.")).to_be_visible()
    expect(_change(page)).to_contain_text("Solveig Åsen")
    expect(_change(page)).to_contain_text("5 → 0")
    assert violations(page) == []

    remind.fill("5")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(_change(page)).to_contain_text("0 → 5")
    page.get_by_role("link", name="All changes").click()
    expect(page.get_by_role("row").nth(1)).to_contain_text("0 → 5")
    assert violations(page) == []


def _row(page: Page, order_no: str) -> Locator:
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=order_no, exact=True))


def _change(page: Page) -> Locator:
    """The newest."""
    return page.locator(".card.changes > ul > li").first
