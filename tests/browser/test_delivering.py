"""Proof before the hand-over, a wrong tap that is undone, and pieces that go back to the shelf."""

import re

from playwright.sync_api import Page, expect

from accounts.demo_secrets import FJORD_KEY
from tests.browser import taps
from tests.browser.chromium import PATIENCE
from tests.browser.conftest import PageOf
from tests.browser.mailbox import code_in_the_picture, mail_about
from tests.browser.office import open_order, until_ended_as
from tests.browser.running_demo import UNDO_SECONDS, RunningDemo
from tests.browser.web_shop import JUMPER, WebShop

AALESUND, INGRID = 997001, 100042
# A scan finds the oldest piece on the put-back list: no other test leaves one of these there.
GREY_SCARF, GREY_SCARF_EAN = 100040, "5712345000403"
NOT_LYING_EAN = "5712345000526"
SECONDS = re.compile(r"\b\d+ s\b")
UNDO_IS_OVER = UNDO_SECONDS * 1000 + PATIENCE


def undo(page: Page) -> None:
    """ "Undo" of the delivery."""
    page.locator("form.take-back").get_by_role("button", name="Undo", exact=True).click()


def test_an_undone_delivery_is_ready_again_and_sold_once_when_it_is_delivered(
    live_page_of: PageOf, page_of: PageOf, web_shop: WebShop, demo: RunningDemo
) -> None:
    order_no = web_shop.orders()
    page = live_page_of("aarhus")
    taps.make_ready(page, order_no, JUMPER)
    # Opened before the time starts in which the delivery can be undone.
    office = page_of("office")
    shown = open_order(office, order_no)
    taps.tap(page, "Deliver")
    expect(taps.phase(page)).to_have_text("Delivered")
    expect(page.locator("form.take-back")).to_contain_text(SECONDS)
    office.reload()
    expect(shown.posting("Sale")).to_contain_text("no receipt yet")

    undo(page)
    expect(taps.phase(page)).to_have_text("Ready")
    expect(page.locator("#refusal")).to_be_empty()
    office.reload()
    expect(shown.entry("Delivery undone")).to_contain_text("Freja Sørensen")
    expect(shown.posting("Sale")).to_contain_text("Withdrawn")

    page.locator("label", has_text="Send").click()
    page.get_by_label("DeliveryNo of the carrier").fill("DK-0815")
    taps.tap(page, "Deliver")
    expect(taps.phase(page)).to_have_text("Delivered")
    # "Undo" disappears once the time is over, and the sale is sent.
    expect(page.locator("form.take-back")).to_have_count(0, timeout=UNDO_IS_OVER)
    expect(taps.phase(page)).to_have_text("Delivered")
    until_ended_as(office, order_no, ["sent", "withdrawn", "withdrawn", "sent", "sent", "sent"])
    assert len(demo.sales(order_no)) == 1


def test_a_double_tap_on_undo_undoes_once(
    live_page_of: PageOf, page_of: PageOf, web_shop: WebShop, demo: RunningDemo
) -> None:
    order_no = web_shop.orders()
    page = live_page_of("aarhus")
    taps.make_ready(page, order_no, JUMPER)
    taps.tap(page, "Deliver")
    page.locator("form.take-back").get_by_role("button", name="Undo", exact=True).dblclick()
    expect(taps.phase(page)).to_have_text("Ready")
    expect(page.locator("#refusal")).to_be_empty()
    expect(open_order(page_of("office"), order_no).entry("Delivery undone")).to_have_count(1)
    assert demo.sales(order_no) == []


def test_where_the_group_asks_for_it_only_the_customers_code_opens_the_hand_over(
    live_page_of: PageOf, page_of: PageOf, web_shop: WebShop, demo: RunningDemo
) -> None:
    order_no = web_shop.orders(shop=AALESUND, key=FJORD_KEY, member=INGRID)
    page = live_page_of("fjord staff")
    taps.make_ready(page, order_no, JUMPER)
    taps.tap(page, "Deliver")
    expect(page.get_by_role("alert")).to_contain_text("Ask for the pick-up code")
    expect(taps.phase(page)).to_have_text("Ready")

    code = code_in_the_picture(mail_about(demo.mails, order_no))
    field = page.get_by_label("Pick-up code, typed or scanned")
    field.fill(code[:-1])
    taps.tap(page, "Deliver")
    expect(page.get_by_role("alert")).to_contain_text("This is not the pick-up code of this order")
    expect(taps.phase(page)).to_have_text("Ready")
    expect(field).to_have_value("")
    expect(field).to_be_focused()
    assert demo.sales(order_no) == []

    page.get_by_text("Somebody else collects it").click()
    page.get_by_label("Name of who collects it").fill("Bo Næss")
    # A scanner types the code, then Enter.
    field.press_sequentially(code)
    page.keyboard.press("Enter")
    expect(taps.phase(page)).to_have_text("Delivered")
    expect(page.get_by_role("definition").filter(has_text="Bo Næss")).to_be_visible()
    office = open_order(page_of("fjord office"), order_no)
    expect(office.entry("Delivered")).to_contain_text("Pick-up code")


def test_pieces_of_a_cancelled_order_are_put_back_by_scan_and_by_tap(
    live_page_of: PageOf, page_of: PageOf, web_shop: WebShop
) -> None:
    order_no = web_shop.orders(JUMPER, GREY_SCARF)
    page, colleague = live_page_of("aarhus"), live_page_of("manager")
    taps.make_ready(page, order_no, JUMPER, GREY_SCARF)
    page.get_by_text("Cancel it").click()
    page.get_by_label("Why it is cancelled").select_option("The customer does not want it")
    taps.tap(page, "Cancel the order")
    expect(taps.phase(page)).to_have_text("Cancelled")

    colleague.goto("/pos/put-back/")
    page.goto("/pos/")
    page.get_by_role("link", name=re.compile("^Put back")).click()
    pieces = page.get_by_role("listitem").filter(has_text=order_no)
    expect(pieces).to_have_count(2)

    taps.type_code(page, NOT_LYING_EAN)
    expect(page.get_by_role("alert")).to_contain_text(
        "No piece with the code 5712345000526 is to be put back"
    )
    taps.type_code(page, GREY_SCARF_EAN)
    expect(page.get_by_role("status").filter(has_text="Scarf Løvfald")).to_contain_text(order_no)
    expect(pieces).to_have_count(1)
    field = page.get_by_label("Scan or type an Ean or VariantId")
    expect(field).to_have_value("")
    expect(field).to_be_focused()
    # A colleague's list refreshes itself.
    expect(colleague.get_by_role("listitem").filter(has_text=order_no)).to_have_count(1)

    pieces.get_by_role("button", name="Put back", exact=True).click()
    expect(pieces).to_have_count(0)
    expect(open_order(page_of("office"), order_no).entry("Piece put back on the shelf")).to_have_count(2)
