"""Head office keeps a list that it looks at every morning, finds it again, and works through it by keys."""

import re

from playwright.sync_api import Browser, expect

from demo.people import ODENSE
from tests.browser import taps
from tests.browser.accessibility import violations
from tests.browser.chromium import context_for
from tests.browser.conftest import PageOf
from tests.browser.people import LoggedIn
from tests.browser.running_demo import RunningDemo
from tests.browser.web_shop import WebShop


def test_a_view_is_kept_and_found_again_at_another_desk(
    page_of: PageOf, web_shop: WebShop, chromium: Browser, demo: RunningDemo
) -> None:
    in_odense, in_aarhus = web_shop.orders(shop=ODENSE.shop_id), web_shop.orders()
    page = page_of("office")
    page.goto("/orders/?sort=due+first&status=new")
    page.get_by_role("combobox", name="Shop", exact=True).select_option("Odense")
    taps.tap(page, "Show")
    page.get_by_text("Save as a new view").click()
    page.get_by_label("Name of the view").fill("New in Odense")
    page.get_by_label("for everybody at head office").check()
    assert violations(page) == []
    taps.tap(page, "Save")
    expect(page.get_by_text("The view is saved.")).to_be_visible()

    with context_for(chromium, demo.portal, "office") as other_desk:
        session = LoggedIn(demo.portal, "office")
        session.gives_its_session_to(other_desk)
        session.close()
        page = other_desk.new_page()
        page.goto("/orders/")
        page.get_by_role("link", name="New in Odense").click()
        expect(page.locator("tbody .order-no").filter(has_text=in_odense)).to_be_visible()
        expect(page.locator("tbody .order-no").filter(has_text=in_aarhus)).to_have_count(0)
        expect(page.get_by_role("columnheader", name="Promised")).to_have_attribute("aria-sort", "ascending")
        page.get_by_text("Change this view").click()
        page.get_by_role("button", name="Delete this view").click()
        expect(page.get_by_text("The view is deleted.")).to_be_visible()


def test_the_keyboard_searches_walks_the_rows_ticks_and_opens(page_of: PageOf, web_shop: WebShop) -> None:
    newest = [web_shop.orders(), web_shop.orders()][::-1]
    page = page_of("office")
    page.goto("/orders/")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name="Search")).to_be_focused()
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("j")
    expect(page.get_by_role("link", name=newest[0], exact=True)).to_be_focused()
    for key in "jkjx":
        page.keyboard.press(key)
    second = page.get_by_role("row", name=re.compile(newest[1]))
    expect(second.get_by_role("link")).to_be_focused()
    expect(second.get_by_role("checkbox")).to_be_checked()
    assert violations(page) == []
    page.get_by_role("button", name="Remind…").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Remind of 1 order")
    assert violations(page) == []
    taps.tap(page, "Remind")
    expect(page.get_by_text("1 reminded")).to_be_visible()
    page.goto("/orders/")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(newest[0])
