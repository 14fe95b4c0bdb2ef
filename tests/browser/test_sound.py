"""The sound of a new order: it repeats until somebody takes the order, and the page says when it cannot
sound."""

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.demo_secrets import FJORD_KEY
from demo.people import FJORD, ODENSE
from tests.browser import taps
from tests.browser.conftest import PageOf
from tests.browser.running_demo import RunningDemo
from tests.browser.web_shop import WebShop

FJORD_SHOP = FJORD.shops[0].shop_id
OFF = "Sound is off: tap here"
AWAKE = 180  # seconds
ROW = 70  # px
HEIGHT_WHILE_CONNECTING = """() => {
  document.documentElement.dataset.live = "connecting";
  document.querySelector("#topbar .news a").lastChild.textContent = "195 new orders";
  return document.getElementById("topbar").offsetHeight;
}"""
RINGS, MUTE = "data-ringing", "data-sound"
# The page's own context, so that a test can do to it what a device does when it sleeps.
KEEP_THE_CONTEXT = """
  const Real = window.AudioContext;
  window.AudioContext = class extends Real { constructor() { super(); window.context = this; } };
"""


def test_one_tap_anywhere_lets_the_tablet_sound(live_page_of: PageOf) -> None:
    page = live_page_of("aarhus")
    expect(_root(page)).to_have_attribute(MUTE, "locked")
    expect(page.get_by_role("button", name=OFF)).to_be_visible()
    page.get_by_text("No new orders.").click()
    expect(_root(page)).to_have_attribute(MUTE, "on")
    expect(page.get_by_role("button", name=OFF)).to_be_hidden()
    expect(page.get_by_title("Sound is on")).to_be_visible()


def test_the_tap_that_lets_it_sound_is_a_tap_like_any_other(live_page_of: PageOf, web_shop: WebShop) -> None:
    page = live_page_of("aarhus")
    order_no = web_shop.orders()
    button = taps.row(page, order_no).get_by_role("button", name="I have it", exact=True)
    button.hover(position={"x": 20, "y": 4})
    page.mouse.down()
    page.wait_for_timeout(400)  # a slow finger: all that time the button must not move away
    page.mouse.up()
    expect(taps.phase(page)).to_have_text("Picking")
    expect(_root(page)).to_have_attribute(MUTE, "on")


def test_a_key_of_the_scanner_does_too(live_page_of: PageOf) -> None:
    page = live_page_of("aarhus")
    page.keyboard.press("5")
    expect(_root(page)).to_have_attribute(MUTE, "on")


def test_the_melody_repeats_until_somebody_has_the_order_in_this_shop_only(
    live_page_of: PageOf, web_shop: WebShop
) -> None:
    aarhus, odense = live_page_of("aarhus"), live_page_of("odense")
    for page in (aarhus, odense):
        _tap_anywhere(page)
        expect(_root(page)).to_have_attribute(MUTE, "on")
    order_no = web_shop.orders()
    expect(_root(aarhus)).to_have_attribute(RINGS, "")
    _until(aarhus, lambda: _rounds(aarhus) > 2)

    taps.row(aarhus, order_no).get_by_role("button", name="I have it", exact=True).click()
    expect(taps.phase(aarhus)).to_have_text("Picking")
    expect(_root(aarhus)).not_to_have_attribute(RINGS, "")
    assert _rounds(odense) == 0
    web_shop.orders(shop=ODENSE.shop_id)
    expect(_root(odense)).to_have_attribute(RINGS, "")
    expect(_root(aarhus)).not_to_have_attribute(RINGS, "")


def test_what_came_while_the_sound_was_off_sounds_with_the_first_tap(
    live_page_of: PageOf, web_shop: WebShop
) -> None:
    page = live_page_of("aarhus")
    web_shop.orders()
    expect(page.locator("#topbar.alerting")).to_be_visible()
    assert _rounds(page) == 0
    _tap_anywhere(page)
    expect(_root(page)).to_have_attribute(RINGS, "")
    assert _rounds(page) >= 1


def test_a_device_that_took_the_sound_away_shows_it_and_one_tap_brings_it_back(
    live_page_of: PageOf, web_shop: WebShop
) -> None:
    page = live_page_of("aarhus")
    page.add_init_script(KEEP_THE_CONTEXT)
    page.reload()
    expect(_root(page)).to_have_attribute("data-live", "live")
    _tap_anywhere(page)
    expect(_root(page)).to_have_attribute(MUTE, "on")
    web_shop.orders()
    expect(_root(page)).to_have_attribute(RINGS, "")

    page.evaluate("context.suspend()")
    expect(page.get_by_role("button", name=OFF)).to_be_visible()
    expect(_root(page)).not_to_have_attribute(RINGS, "")
    _tap_anywhere(page)
    expect(_root(page)).to_have_attribute(RINGS, "")

    page.evaluate("context.close()")
    expect(page.get_by_role("button", name=OFF)).to_be_visible()
    _tap_anywhere(page)
    expect(_root(page)).to_have_attribute(RINGS, "")


def test_many_orders_a_muted_sound_and_a_lost_line_leave_the_name_in_its_row(
    live_page_of: PageOf, web_shop: WebShop
) -> None:
    page = live_page_of("aarhus")
    web_shop.orders()
    expect(page.locator("#topbar.alerting")).to_be_visible()
    assert page.evaluate(HEIGHT_WHILE_CONNECTING) < 2 * ROW


def test_the_sound_can_be_tested_and_other_parts_of_the_page_may_sound(live_page_of: PageOf) -> None:
    page = live_page_of("aarhus")
    page.locator("#person-name").click()
    taps.tap(page, "Test the sound")
    expect(_root(page)).to_have_attribute(MUTE, "on")
    assert _rounds(page) == 0
    for kind in ("right", "wrong"):
        page.evaluate(
            "kind => document.body.dispatchEvent("
            "new CustomEvent('portal:sound', { bubbles: true, detail: { kind } }))",
            kind,
        )
        expect(_root(page)).to_have_attribute("data-said", kind)


@pytest.mark.before_others  # a tablet that another test left counts as awake for 90 seconds
def test_head_office_sees_a_shop_without_alerts_and_its_order_is_escalated_at_once(
    live_page_of: PageOf, page_of: PageOf, web_shop: WebShop
) -> None:
    tablet, office = live_page_of("fjord staff"), page_of("fjord office")
    _until(office, lambda: "Ålesund The sound of its tablet is off" in _deaf(office))
    order_no = web_shop.orders(shop=FJORD_SHOP, key=FJORD_KEY)
    expect(tablet.locator("#topbar[data-loud]")).to_be_visible()
    office.goto("/orders/attention/")
    expect(office.get_by_role("region", name="Orders that nobody takes")).to_contain_text(order_no)
    office.get_by_role("link", name=order_no).click()
    # There is no shop manager who could be told first.
    told = office.get_by_role("listitem").filter(has_text="Head office was told")
    expect(told).to_contain_text("the sound of its tablet is off")
    expect(told).to_contain_text("Solveig Åsen")

    _tap_anywhere(tablet)
    expect(_root(tablet)).to_have_attribute(RINGS, "")
    _until(office, lambda: _deaf(office) == "")


def test_the_portal_can_be_installed_as_an_app(live_page_of: PageOf) -> None:
    page = live_page_of("aarhus", locale="da-DK")
    devtools = page.context.new_cdp_session(page)
    found = devtools.send("Page.getAppManifest")
    assert found["url"].endswith("/pos/manifest.webmanifest?language=da")
    assert found["errors"] == []
    faults = devtools.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert {fault["errorId"] for fault in faults} <= {"in-incognito"}


def test_after_a_restart_of_the_server_the_page_is_live_and_sounds_again_by_itself(
    live_page_of: PageOf, web_shop: WebShop, demo: RunningDemo
) -> None:
    page = live_page_of("aarhus")
    _tap_anywhere(page)
    expect(_root(page)).to_have_attribute(MUTE, "on")
    demo.restart()
    missed = web_shop.orders()
    expect(_root(page)).to_have_attribute("data-live", "live")
    expect(taps.row(page, missed)).to_be_visible()
    expect(_root(page)).to_have_attribute(RINGS, "")
    expect(page.locator("#refusal")).to_be_empty()


def _root(page: Page) -> Locator:
    return page.locator("html")


def _tap_anywhere(page: Page) -> None:
    page.mouse.click(5, 600)


def _rounds(page: Page) -> int:
    return int(page.evaluate("document.documentElement.dataset.rounds ?? 0"))


def _deaf(office: Page) -> str:
    """What head office sees of shops whose tablets cannot sound, in one line."""
    office.goto("/orders/attention/")
    section = office.get_by_role("region", name="Shops that cannot hear")
    return " ".join(section.inner_text().split()) if section.count() else ""


def _until(page: Page, true: Callable[[], bool]) -> None:
    """A report is on its way for a moment; a tablet of another test counts as awake for a while."""
    until = time.monotonic() + AWAKE
    while time.monotonic() < until and not true():
        page.wait_for_timeout(500)
    assert true()
