"""The page when something around it fails: server, network, session, JavaScript."""

import contextlib
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page, expect

from tests.browser import taps
from tests.browser.conftest import ContextOf, PageOf
from tests.browser.leash import Leash
from tests.browser.people import LoggedIn
from tests.browser.running_demo import RunningDemo
from tests.browser.web_shop import JUMPER, JUMPER_EAN, SCARF, WebShop


@pytest.fixture
def leash(demo: RunningDemo) -> Iterator[Leash]:
    with Leash(demo.portal) as leash:
        yield leash


@pytest.fixture
def own_session(demo: RunningDemo) -> Iterator[LoggedIn]:
    """A session of its own that can end without logging out other tests."""
    session = LoggedIn(demo.portal, "aarhus")
    yield session
    session.close()


def test_the_server_goes_and_comes_back_and_the_page_says_so_and_catches_up(
    leash: Leash, context_of: ContextOf, web_shop: WebShop
) -> None:
    page = context_of("aarhus", base_url=leash.url).new_page()
    page.goto("/")
    lamp = page.get_by_role("status").first
    expect(lamp).to_have_text("live", use_inner_text=True)
    order_no = web_shop.orders()
    expect(taps.row(page, order_no)).to_be_visible()

    leash.cut()
    taps.row(page, order_no).get_by_role("button", name="I have it", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("The portal did not answer")
    expect(taps.row(page, order_no)).to_be_visible()
    missed = web_shop.orders()
    expect(lamp).to_have_text(re.compile(r"not connected since\s+\d\d:\d\d"), use_inner_text=True)

    leash.mend()
    expect(lamp).to_have_text("live", use_inner_text=True)
    expect(taps.row(page, missed)).to_be_visible()
    expect(page.locator("#topbar")).to_have_attribute("data-new", "2")
    expect(page.locator("#refusal")).to_be_empty()
    taps.row(page, order_no).get_by_role("button", name="I have it", exact=True).click()
    expect(taps.phase(page)).to_have_text("Picking")


def test_a_tablet_says_that_it_has_no_network_and_is_live_again_afterwards(
    live_page_of: PageOf, web_shop: WebShop
) -> None:
    page = live_page_of("aarhus")
    page.context.set_offline(True)
    expect(page.locator("html")).to_have_attribute("data-live", "connecting")
    missed = web_shop.orders()
    page.context.set_offline(False)
    expect(page.locator("html")).to_have_attribute("data-live", "live")
    expect(taps.row(page, missed)).to_be_visible()


def test_a_tap_after_the_session_ended_leads_to_the_login_and_back_to_the_order(
    live_page_of: PageOf, own_session: LoggedIn, web_shop: WebShop
) -> None:
    order_no = web_shop.orders()
    page = live_page_of("aarhus", session=own_session)
    taps.take(page, order_no)
    order = page.url
    own_session.logs_out()
    _tap_if_it_is_still_there(page, 'form[action$="/pick/"] button')
    _is_the_whole_login(page)

    page.get_by_label("E-mail").fill("aarhus@nordlys.example")
    page.get_by_label("Password").fill("klik-og-hent")
    taps.tap(page, "Log in")
    expect(page).to_have_url(order)
    expect(taps.phase(page)).to_have_text("Picking")


def test_a_log_out_in_another_tab_and_lost_cookies_lead_to_the_login_too(
    live_page_of: PageOf, own_session: LoggedIn, web_shop: WebShop
) -> None:
    order_no = web_shop.orders()
    page = live_page_of("aarhus", session=own_session)
    expect(taps.row(page, order_no)).to_be_visible()
    other = page.context.new_page()
    other.goto("/pos/")
    other.get_by_text("Freja Sørensen", exact=True).click()
    taps.tap(other, "Log out")
    _is_the_whole_login(other)

    page.context.clear_cookies()
    _tap_if_it_is_still_there(page, 'a[href="?tab=picking"]')
    _is_the_whole_login(page)


def test_the_whole_line_works_without_javascript(page_of: PageOf, web_shop: WebShop) -> None:
    order_no = web_shop.orders(JUMPER, SCARF)
    page = page_of("", java_script_enabled=False)
    page.get_by_label("E-mail").fill("Aarhus@Nordlys.example ")
    page.get_by_label("Password").fill("klik-og-hent")
    taps.tap(page, "Log in")
    taps.take(page, order_no)
    taps.type_code(page, JUMPER_EAN)
    expect(taps.piece(page, JUMPER)).to_contain_text("Picked")
    taps.type_code(page, JUMPER_EAN)
    expect(page.get_by_text("Wool jumper Skagerrak Blue S is picked already.")).to_be_visible()
    page.get_by_role("link", name="Go back").click()
    taps.piece(page, SCARF).get_by_role("button", name="Report missing", exact=True).click()
    expect(taps.piece(page, SCARF)).to_contain_text("Not found on the shelf")
    taps.tap(page, "Order picked")
    expect(taps.phase(page)).to_have_text("Ready")
    taps.tap(page, "Deliver")
    expect(taps.phase(page)).to_have_text("Delivered")


def test_a_wrong_password_says_so_and_keeps_the_address(page_of: PageOf) -> None:
    page = page_of("")
    page.get_by_label("E-mail").fill("aarhus@nordlys.example")
    page.get_by_label("Password").fill("hent-og-klik")
    taps.tap(page, "Log in")
    expect(page.locator("main").get_by_role("alert")).to_contain_text("do not fit together")
    expect(page.get_by_label("E-mail")).to_have_value("aarhus@nordlys.example")


def _tap_if_it_is_still_there(page: Page, selector: str) -> None:
    """The page may have found out by itself meanwhile, and be on its way to the login."""
    with contextlib.suppress(PlaywrightError):
        page.evaluate("selector => document.querySelector(selector)?.click()", selector)


def _is_the_whole_login(page: Page) -> None:
    expect(page).to_have_url(re.compile("/login/"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Log in")
    expect(page.locator("#topbar")).to_have_count(0)
    expect(page.get_by_role("main")).to_have_count(1)
