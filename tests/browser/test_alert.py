"""A web order is noticed: the page of its shop blinks, nobody else's does, and "I have it" ends it."""

from playwright.sync_api import Page, expect

from demo.people import AARHUS, ODENSE
from tests.browser import taps
from tests.browser.conftest import PageOf
from tests.browser.web_shop import WebShop

WITHIN = 1.0  # seconds from the Public API's answer until the bar blinks
ORDERS, TRIES = 3, 10  # on a busy machine one try in time is enough; a slow portal would have none
ALERTING = "#topbar.alerting"
NOTE_WHEN_IT_BLINKS = """count => {
  window.blinksAt = new Promise(noted => {
    const look = () => {
      if (!document.querySelector(`#topbar.alerting[data-new="${count}"]`)) return;
      watcher.disconnect();
      noted(Date.now() / 1000);
    };
    const watcher = new MutationObserver(look);
    watcher.observe(document, { subtree: true, childList: true, attributes: true });
  });
}"""


def test_an_order_for_aarhus_makes_its_page_blink_within_a_second_and_odense_stays_calm(
    live_page_of: PageOf, web_shop: WebShop
) -> None:
    aarhus, odense = live_page_of("aarhus"), live_page_of("odense")
    expect(aarhus.locator("#topbar")).to_have_attribute("data-new", "0")
    expect(aarhus.locator(ALERTING)).to_have_count(0)

    waits: list[float] = []
    while len(waits) < ORDERS or (min(waits) >= WITHIN and len(waits) < TRIES):
        count = len(waits) + 1
        aarhus.evaluate(NOTE_WHEN_IT_BLINKS, count)
        order_no = web_shop.orders()
        expect(aarhus.locator("#topbar")).to_have_attribute("data-new", str(count))
        waits.append(aarhus.evaluate("window.blinksAt") - web_shop.answered_at)
        expect(taps.row(aarhus, order_no)).to_be_visible()
    assert min(waits) < WITHIN, waits

    expect(aarhus).to_have_title(f"({count}) {AARHUS.name} · Web orders")
    expect(aarhus.get_by_role("link", name=f"{count} new orders")).to_be_visible()
    expect(odense.locator(ALERTING)).to_have_count(0)
    expect(odense).to_have_title(f"{ODENSE.name} · Web orders")
    web_shop.orders(shop=ODENSE.shop_id)
    expect(odense).to_have_title(f"(1) {ODENSE.name} · Web orders")


def test_the_bar_blinks_once_a_second_and_no_faster(live_page_of: PageOf, web_shop: WebShop) -> None:
    page = live_page_of("aarhus")
    web_shop.orders()
    expect(page.locator(ALERTING)).to_be_visible()
    assert _animation(page) == ["blink", "1s", "infinite"]


def test_without_motion_the_alert_is_a_still_outline(live_page_of: PageOf, web_shop: WebShop) -> None:
    page = live_page_of("aarhus", reduced_motion="reduce")
    assert _outline(page) == "none"
    web_shop.orders()
    expect(page.locator(ALERTING)).to_be_visible()
    assert _animation(page)[0] == "none"
    assert page.evaluate("document.getAnimations().length") == 0
    assert _outline(page) == "solid"
    expect(page.get_by_role("link", name="1 new order")).to_be_visible()


def test_i_have_it_ends_the_blinking_on_every_page_of_the_shop(
    live_page_of: PageOf, web_shop: WebShop
) -> None:
    theirs, other = live_page_of("aarhus"), live_page_of("manager")
    order_no = web_shop.orders()
    expect(other.locator(ALERTING)).to_be_visible()
    taps.row(theirs, order_no).get_by_role("button", name="I have it", exact=True).click()

    expect(taps.phase(theirs)).to_have_text("Picking")
    for page in (theirs, other):
        expect(page.locator(ALERTING)).to_have_count(0)
        expect(page.locator("#topbar")).to_have_attribute("data-new", "0")
    expect(other).to_have_title(f"{AARHUS.name} · Web orders")
    expect(taps.row(other, order_no)).to_have_count(0)
    other.get_by_role("link", name="Picking").click()
    expect(taps.row(other, order_no)).to_contain_text("Freja Sørensen")


def test_an_order_that_comes_while_another_is_picked_makes_that_page_blink_too(
    live_page_of: PageOf, web_shop: WebShop
) -> None:
    page = live_page_of("aarhus")
    first = web_shop.orders()
    taps.take(page, first)
    expect(page.locator("html")).to_have_attribute("data-live", "live")
    web_shop.orders()
    expect(page.locator(ALERTING)).to_be_visible()
    expect(page).to_have_title(f"(1) {first} · {AARHUS.name}")


def _animation(page: Page) -> list[str]:
    return [_style(page, f"animation{what}") for what in ("Name", "Duration", "IterationCount")]


def _outline(page: Page) -> str:
    return _style(page, "outlineStyle")


def _style(page: Page, name: str) -> str:
    """Of the current bar; a refresh replaces it."""
    look = "name => getComputedStyle(document.getElementById('topbar'))[name]"
    found: str = page.evaluate(look, name)
    return found
