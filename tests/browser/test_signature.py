"""A signature drawn with a finger: kept over a refusal and a refresh, and shown to head office."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from accounts.demo_secrets import FJORD_KEY
from tests.browser import taps
from tests.browser.accessibility import violations
from tests.browser.conftest import PageOf
from tests.browser.office import open_order
from tests.browser.web_shop import JUMPER, WebShop

AALESUND = 997001
KEPT = "Saved. It counts from now on in every shop."
PLACE = "document.querySelector('form.hand-over .signature canvas').getBoundingClientRect().toJSON()"


def _choose_proof(office: Page, proof: str) -> None:
    office.goto("/orders/policies/")
    office.get_by_label("Proof at the hand-over").select_option(proof)
    office.get_by_role("button", name="Save", exact=True).click()
    expect(office.get_by_text(KEPT)).to_be_visible()


@pytest.fixture
def asks_for_a_signature(page_of: PageOf) -> Iterator[Page]:
    """Head office of Fjord, which asks for a signature until the test ends."""
    office = page_of("fjord office")
    _choose_proof(office, "Signature")
    yield office
    _choose_proof(office, "Pick-up code")


def _draw(page: Page) -> None:
    # In one step, because a refresh may replace the field in between.
    box = page.evaluate(PLACE)
    across, down = box["x"], box["y"] + box["height"] / 2
    page.mouse.move(across + 20, down)
    page.mouse.down()
    for step in range(1, 25):
        page.mouse.move(across + 20 + step * box["width"] / 30, down + (-1) ** step * box["height"] / 4)
    page.mouse.up()


def test_a_signature_is_asked_for_drawn_and_read_by_head_office(
    live_page_of: PageOf, asks_for_a_signature: Page, web_shop: WebShop
) -> None:
    order_no = web_shop.orders(shop=AALESUND, key=FJORD_KEY)
    page = live_page_of("fjord staff")
    taps.make_ready(page, order_no, JUMPER)
    taps.tap(page, "Deliver")
    expect(page.get_by_role("alert")).to_contain_text("Ask for a signature in the field")
    expect(taps.phase(page)).to_have_text("Ready")

    _draw(page)
    signature = page.locator("form.hand-over .signature input")
    drawn = signature.input_value()
    assert drawn.count("l") > 8
    # A refresh of the page draws it once more into its new field.
    page.evaluate("document.body.dispatchEvent(new CustomEvent('portal:changed', { bubbles: true }))")
    expect(signature).to_have_value(drawn)
    assert violations(page) == []
    taps.tap(page, "Deliver")
    expect(taps.phase(page)).to_have_text("Delivered")

    office = open_order(asks_for_a_signature, order_no)
    expect(office.entry("Delivered")).to_contain_text("Signature")
    assert office.page.locator("svg.signature path").get_attribute("d") == drawn
