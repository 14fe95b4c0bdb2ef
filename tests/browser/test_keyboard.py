"""From the queue to delivered without a mouse: Tab and Enter, and the digits of an Ean."""

from playwright.sync_api import Page, expect

from tests.browser import taps
from tests.browser.conftest import PageOf
from tests.browser.web_shop import JUMPER, JUMPER_EAN, SCARF, WebShop

MOST_TABS = 60
FOCUSED = """() => {
  const element = document.activeElement;
  return element === document.body ? "" : (element.labels?.[0] ?? element).innerText.trim();
}"""
IN_SIGHT = """() => {
  const { top, bottom } = document.activeElement.getBoundingClientRect();
  const bars = [...document.querySelectorAll(".topbar, .actions")];
  const hidden = bars.some(bar => {
    if (bar.contains(document.activeElement)) return false;
    const covering = bar.getBoundingClientRect();
    return covering.top < top + 1 && covering.bottom > bottom - 1;
  });
  return !hidden && top >= 0 && bottom <= innerHeight;
}"""


def test_an_order_goes_from_new_to_delivered_by_keyboard_alone(
    live_page_of: PageOf, web_shop: WebShop
) -> None:
    order_no = web_shop.orders(JUMPER, SCARF)
    page = live_page_of("aarhus")
    expect(taps.row(page, order_no)).to_be_visible()
    _press(page, "I have it")
    expect(taps.phase(page)).to_have_text("Picking")
    expect(page.get_by_label("Scan or type an Ean or VariantId")).to_be_focused()
    page.keyboard.type(JUMPER_EAN)
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 of 2", exact=True)).to_be_visible()
    _press(page, "Pick")
    expect(page.get_by_text("2 of 2", exact=True)).to_be_visible()
    _press(page, "Order picked")
    expect(taps.phase(page)).to_have_text("Ready")
    _press(page, "Deliver")
    expect(taps.phase(page)).to_have_text("Delivered")
    _press(page, "Queue")
    expect(taps.row(page, order_no)).to_be_visible()


def test_the_skip_link_is_the_first_stop_and_leads_past_the_bar(live_page_of: PageOf) -> None:
    page = live_page_of("aarhus")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="To the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="New")).to_be_focused()


def test_head_office_opens_an_order_by_keyboard(page_of: PageOf, web_shop: WebShop) -> None:
    order_no = web_shop.orders()
    page = page_of("office")
    _press(page, "Orders")
    expect(page.get_by_role("heading", level=1)).to_have_text("Orders")
    _press(page, order_no)
    expect(page.get_by_role("heading", level=1)).to_contain_text(order_no)


def _press(page: Page, name: str) -> None:
    """Tabs until the focus stands on what has this name, which can then be seen, and presses Enter."""
    for _tab in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED) == name:
            assert page.evaluate(IN_SIGHT), f"{name} has the focus where nobody sees it"
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"No Tab leads to {name}")
