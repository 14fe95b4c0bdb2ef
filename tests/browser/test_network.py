"""The network goes and comes back: the page says so, picks wait and are done once, nothing else is."""

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser import taps
from tests.browser.accessibility import violations
from tests.browser.conftest import PageOf
from tests.browser.web_shop import JUMPER, JUMPER_EAN, SCARF, WebShop


def banner(page: Page) -> Locator:
    return page.locator("#network .lost")


def unsent(page: Page) -> Locator:
    """The list of what waits."""
    return page.locator("#network .unsent li")


def go_offline(page: Page) -> None:
    page.context.set_offline(True)
    expect(banner(page)).to_contain_text(re.compile(r"No network since\s+\d\d:\d\d"))


def come_back(page: Page) -> None:
    page.context.set_offline(False)
    expect(banner(page)).to_have_text("")


def picks(page: Page, order_no: str) -> Locator:
    """How often head office reads that a piece was picked."""
    page.goto(f"/orders/?q={order_no}")
    page.get_by_role("link", name=order_no, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(order_no)
    return page.locator(".timeline li").filter(has_text="Piece picked")


def test_picks_wait_for_the_network_marked_and_are_sent_in_order_once(
    live_page_of: PageOf, page_of: PageOf, web_shop: WebShop
) -> None:
    order_no = web_shop.orders(JUMPER, JUMPER, SCARF)
    page = live_page_of("aarhus")
    taps.take(page, order_no)
    go_offline(page)
    taps.type_code(page, JUMPER_EAN)
    taps.piece(page, SCARF).get_by_role("button", name="Pick", exact=True).click()
    expect(unsent(page)).to_have_text(
        [
            re.compile(rf"^\s*{order_no} · Wool jumper Skagerrak Blue S · Freja Sørensen"),
            re.compile(rf"^\s*{order_no} · .*Freja Sørensen"),
        ]
    )
    expect(page.locator("li.piece").filter(has_text="not sent yet")).to_have_count(2)
    expect(taps.piece(page, SCARF)).to_contain_text("not sent yet")
    expect(taps.piece(page, SCARF).get_by_role("button", name="Pick", exact=True)).to_be_disabled()
    expect(page.get_by_text("0 of 3", exact=True)).to_be_visible()
    assert violations(page) == []

    come_back(page)
    expect(page.get_by_text("2 of 3", exact=True)).to_be_visible()
    expect(unsent(page)).to_have_count(0)
    expect(page.locator("li.piece").filter(has_text="not sent yet")).to_have_count(0)
    expect(picks(page_of("office"), order_no)).to_have_count(2)


def test_after_a_reload_without_network_the_picks_are_still_there_and_are_sent_when_it_is_back(
    live_page_of: PageOf, page_of: PageOf, web_shop: WebShop
) -> None:
    order_no = web_shop.orders(JUMPER, SCARF)
    page = live_page_of("aarhus")
    page.evaluate("navigator.serviceWorker.ready")
    taps.take(page, order_no)
    order = page.url
    go_offline(page)
    taps.piece(page, SCARF).get_by_role("button", name="Pick", exact=True).click()
    expect(unsent(page)).to_have_count(1)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("No network")
    expect(page.locator("#unsent li")).to_contain_text(order_no)
    expect(page).to_have_url(order)

    page.context.set_offline(False)
    expect(taps.phase(page)).to_have_text("Picking")
    expect(page.get_by_text("1 of 2", exact=True)).to_be_visible()
    expect(unsent(page)).to_have_count(0)
    expect(picks(page_of("office"), order_no)).to_have_count(1)


def test_a_pick_whose_answer_was_lost_is_done_once(
    live_page_of: PageOf, page_of: PageOf, web_shop: WebShop
) -> None:
    order_no = web_shop.orders(JUMPER, JUMPER)
    page = live_page_of("aarhus")
    taps.take(page, order_no)
    lost: list[int] = []

    def done_but_not_answered(route: Route) -> None:
        if lost:
            route.fallback()
            return
        lost.append(route.fetch(max_redirects=0).status)
        route.abort("connectionreset")

    page.route("**/scan/", done_but_not_answered)
    taps.type_code(page, JUMPER_EAN)
    expect(page.get_by_text("1 of 2", exact=True)).to_be_visible()
    expect(unsent(page)).to_have_count(0)
    assert lost == [302]
    expect(page.locator("#refusal")).to_be_empty()
    expect(picks(page_of("office"), order_no)).to_have_count(1)


def test_a_pick_that_somebody_made_meanwhile_is_shown_with_its_reason(
    live_page_of: PageOf, web_shop: WebShop
) -> None:
    order_no = web_shop.orders(JUMPER, SCARF)
    page, other = live_page_of("aarhus"), live_page_of("manager")
    taps.take(page, order_no)
    go_offline(page)
    taps.piece(page, SCARF).get_by_role("button", name="Pick", exact=True).click()
    expect(unsent(page)).to_have_count(1)
    taps.open_order(other, order_no, "picking")
    taps.pick(other, SCARF)

    come_back(page)
    refused = page.locator("#network .refused li")
    expect(refused).to_contain_text("Mads Lindholm has picked this piece already.")
    expect(refused.get_by_role("link", name="Who is it?")).to_be_hidden()
    expect(unsent(page)).to_have_count(0)
    expect(taps.piece(page, SCARF)).to_contain_text("Mads Lindholm")
    expect(taps.piece(page, SCARF)).not_to_contain_text("not sent yet")
    assert violations(page) == []
    page.reload()
    expect(refused).to_have_count(1)
    taps.tap(page, "I have seen it")
    expect(refused).to_have_count(0)
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-live", "live")
    expect(refused).to_have_count(0)


@pytest.mark.parametrize("button", ["Order picked", "Deliver"])
def test_nothing_is_finished_or_delivered_without_network(
    live_page_of: PageOf, web_shop: WebShop, button: str
) -> None:
    order_no = web_shop.orders(JUMPER)
    page = live_page_of("aarhus")
    taps.take(page, order_no)
    taps.pick(page, JUMPER)
    if button == "Deliver":
        taps.tap(page, "Order picked")
    it = page.get_by_role("button", name=button, exact=True)
    expect(it).to_be_enabled()
    go_offline(page)
    expect(it).to_be_disabled()
    expect(page.locator(".needs-network")).to_contain_text("This needs the network")
    assert violations(page) == []
    come_back(page)
    expect(it).to_be_enabled()
    expect(page.locator(".needs-network")).to_have_count(0)
    it.click()
    expect(taps.phase(page)).to_have_text("Ready" if button == "Order picked" else "Delivered")
