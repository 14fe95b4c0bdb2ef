"""A refresh of the page keeps what a person is doing: text, focus, a finger on a button."""

from playwright.sync_api import Page, expect

from tests.browser import taps
from tests.browser.conftest import PageOf
from tests.browser.web_shop import JUMPER, JUMPER_EAN, WebShop


def test_half_an_ean_survives_that_another_order_comes_in(live_page_of: PageOf, web_shop: WebShop) -> None:
    order_no = web_shop.orders()
    page = live_page_of("aarhus")
    taps.take(page, order_no)
    field = page.get_by_label("Scan or type an Ean or VariantId")
    expect(field).to_be_focused()
    page.keyboard.type(JUMPER_EAN[:6])
    page.keyboard.press("ArrowLeft")
    _another_order_comes(page, web_shop)
    expect(field).to_have_value(JUMPER_EAN[:6])
    expect(field).to_be_focused()
    assert field.evaluate("field => field.selectionStart") == len(JUMPER_EAN[:5])
    page.keyboard.press("End")
    page.keyboard.type(JUMPER_EAN[6:])
    page.keyboard.press("Enter")
    expect(taps.piece(page, JUMPER)).to_contain_text("Picked")


def test_a_chosen_reason_and_an_unfolded_address_survive_it_too(
    live_page_of: PageOf, web_shop: WebShop
) -> None:
    order_no = web_shop.orders()
    page = live_page_of("aarhus")
    taps.take(page, order_no)
    page.get_by_label("Reason").select_option("Damaged")
    page.get_by_text("Address", exact=True).click()
    _another_order_comes(page, web_shop)
    expect(page.get_by_label("Reason")).to_have_value("damaged")
    expect(page.get_by_text("Søndergade 7")).to_be_visible()


def test_an_open_menu_stays_open(live_page_of: PageOf, web_shop: WebShop) -> None:
    page = live_page_of("aarhus")
    page.get_by_text("Freja Sørensen", exact=True).click()
    _another_order_comes(page, web_shop)
    expect(page.get_by_role("button", name="Log out")).to_be_visible()


def test_a_typed_delivery_number_survives_it_and_is_sent(live_page_of: PageOf, web_shop: WebShop) -> None:
    order_no = web_shop.orders()
    page = live_page_of("aarhus")
    taps.make_ready(page, order_no, JUMPER)
    page.locator("label", has_text="Send").click()
    number = page.get_by_label("DeliveryNo of the carrier")
    number.press_sequentially("DK-")
    _another_order_comes(page, web_shop)
    expect(number).to_have_value("DK-")
    expect(number).to_be_focused()
    page.keyboard.type("4712")
    taps.tap(page, "Deliver")
    expect(taps.phase(page)).to_have_text("Delivered")
    expect(page.get_by_text("Sent · Freja Sørensen")).to_be_visible()


def test_a_tap_counts_although_the_page_wants_to_refresh_while_the_finger_is_down(
    live_page_of: PageOf, web_shop: WebShop
) -> None:
    order_no = web_shop.orders()
    page = live_page_of("aarhus")
    button = taps.row(page, order_no).get_by_role("button", name="I have it", exact=True)
    button.hover()
    page.mouse.down()
    with page.expect_response(lambda answer: answer.request.headers.get("hx-request") == "true"):
        web_shop.orders()
    page.mouse.up()
    expect(taps.phase(page)).to_have_text("Picking")
    expect(page.locator("#topbar")).to_have_attribute("data-new", "1")


def test_codes_that_are_scanned_faster_than_the_server_answers_all_count(
    live_page_of: PageOf, web_shop: WebShop
) -> None:
    order_no = web_shop.orders(JUMPER, JUMPER, JUMPER)
    page = live_page_of("aarhus")
    taps.take(page, order_no)
    for _scan in range(3):
        page.keyboard.type(JUMPER_EAN)
        page.keyboard.press("Enter")
    expect(page.get_by_text("3 of 3", exact=True)).to_be_visible()
    expect(page.locator("#refusal")).to_be_empty()
    expect(page.get_by_role("button", name="Order picked", exact=True)).to_be_visible()


def _another_order_comes(page: Page, web_shop: WebShop) -> None:
    web_shop.orders()
    expect(page.locator("#topbar")).to_have_attribute("data-new", "1")
