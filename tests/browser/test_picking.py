"""Picking that cannot go wrong: scans, two tablets on one order, undo, another shop, cancel, one walk."""

import re

from playwright.sync_api import Locator, Page, Route, expect

from demo.people import ODENSE
from tests.browser import taps
from tests.browser.conftest import ContextOf, PageOf
from tests.browser.running_demo import RunningDemo
from tests.browser.web_shop import CAP, JUMPER, JUMPER_EAN, SCARF, SCARF_EAN, WebShop

TOWEL, BLUE_TOWEL = 100056, 100057  # of each one test asks for its stock
LISTEN = """window.heard = [];
document.addEventListener("portal:sound", (event) => window.heard.push(event.detail.kind));"""
IN_SIGHT = """() => {
  const words = document.querySelector("#refusal-text span");
  if (!words) return false;
  const { x, y, width, height } = words.getBoundingClientRect();
  return words.contains(document.elementFromPoint(x + width / 2, y + height / 2));
}"""
CAMERA = """
class Detector {
  static getSupportedFormats() { return Promise.resolve(["ean_13"]); }
  detect() { return Promise.resolve([{ rawValue: "%s" }]); }
}
window.BarcodeDetector = Detector;
window.stopped = 0;
// A blank page has no devices.
if (navigator.mediaDevices) navigator.mediaDevices.getUserMedia = async () => {
  const stream = document.createElement("canvas").captureStream();
  for (const track of stream.getTracks()) track.stop = () => { window.stopped += 1; };
  return stream;
};
HTMLMediaElement.prototype.play = () => Promise.resolve();
"""


def state(page: Page, variant: int) -> Locator:
    """The word on the piece."""
    return taps.piece(page, variant).locator(".state")


def heard(page: Page, *kinds: str) -> None:
    """The sounds that were asked for since the page was opened."""
    page.wait_for_function(f"window.heard.length >= {len(kinds)}")
    assert page.evaluate("window.heard") == list(kinds)


def test_scans_pick_and_every_wrong_one_is_told_in_words_and_sound(
    page_of: PageOf, context_of: ContextOf, web_shop: WebShop
) -> None:
    other = web_shop.orders(CAP)
    order_no = web_shop.orders(JUMPER, SCARF)
    context = context_of("aarhus")
    context.add_init_script(LISTEN)
    page = context.new_page()
    taps.take(page, order_no)
    taps.type_code(page, JUMPER_EAN)
    expect(state(page, JUMPER)).to_contain_text("Picked")
    expect(page.locator("#code")).to_be_focused()
    heard(page, "right")

    taps.type_code(page, JUMPER_EAN)
    expect(page.get_by_role("alert")).to_contain_text("is picked already")
    taps.type_code(page, "4000000000000")
    expect(page.get_by_role("alert")).to_contain_text("nobody here knows the code 4000000000000")
    heard(page, "right", "wrong", "wrong")
    taps.type_code(page, str(CAP))
    expect(page.get_by_role("alert")).to_contain_text("belongs to the order")
    page.get_by_role("link", name=re.compile("^Open ")).click()
    expect(page.get_by_role("heading", level=1)).not_to_contain_text(order_no)
    expect(taps.piece(page, CAP)).to_be_visible()
    assert other


def test_errors_are_shown_below_the_bar_and_not_behind_it(page_of: PageOf, web_shop: WebShop) -> None:
    page = page_of("aarhus")
    taps.take(page, web_shop.orders(JUMPER, SCARF))
    for place in ("0", "document.body.scrollHeight"):
        page.evaluate(f"scrollTo(0, {place})")
        taps.type_code(page, "4000000000000")
        page.wait_for_function(IN_SIGHT)


def test_a_scan_works_wherever_the_focus_is(page_of: PageOf, web_shop: WebShop) -> None:
    page = page_of("aarhus")
    taps.take(page, web_shop.orders(JUMPER, SCARF))
    page.get_by_role("heading", level=1).click()
    expect(page.locator("#code")).not_to_be_focused()
    page.keyboard.type(JUMPER_EAN)
    page.keyboard.press("Enter")
    expect(state(page, JUMPER)).to_contain_text("Picked")
    page.get_by_text("Move or cancel").click()
    page.keyboard.type(SCARF_EAN)
    page.keyboard.press("Enter")
    expect(state(page, SCARF)).to_contain_text("Picked")

    taps.tap(page, "Order picked")
    page.get_by_text("Send", exact=True).click()
    page.keyboard.type("CARRIER-1")
    expect(page.locator("#delivery-no")).to_have_value("CARRIER-1")


def test_a_long_order_stays_where_it_was_scrolled_to(live_page_of: PageOf, web_shop: WebShop) -> None:
    page = live_page_of("aarhus")
    taps.take(page, web_shop.orders(*[JUMPER, SCARF, CAP] * 4))
    expect(page.locator("html")).to_have_attribute("data-live", "live")
    middle = page.locator("li.piece").nth(5)
    button = middle.get_by_role("button", name="Pick", exact=True)
    button.click(trial=True)  # which scrolls to it
    there = page.evaluate("scrollY")
    assert there > 0
    button.click()
    expect(middle).to_contain_text("Picked")
    assert page.evaluate("scrollY") == there
    web_shop.orders(CAP)
    expect(page.locator("#topbar")).to_have_attribute("data-new", "1")
    assert page.evaluate("scrollY") == there


def test_two_tablets_on_one_order_see_each_others_picks(live_page_of: PageOf, web_shop: WebShop) -> None:
    order_no = web_shop.orders(JUMPER, SCARF)
    freja, mads = live_page_of("aarhus"), live_page_of("manager")
    taps.take(freja, order_no)
    taps.open_order(mads, order_no, tab="picking")
    expect(mads.locator("html")).to_have_attribute("data-live", "live")
    taps.type_code(freja, JUMPER_EAN)
    expect(state(mads, JUMPER)).to_contain_text("Freja Sørensen")
    taps.type_code(mads, SCARF_EAN)
    expect(state(freja, SCARF)).to_contain_text("Mads Lindholm")
    for page in (freja, mads):
        expect(page.get_by_role("button", name="Order picked")).to_be_visible()

    taps.piece(mads, JUMPER).get_by_role("button", name="Undo").click()
    expect(state(freja, JUMPER)).to_contain_text("To pick")
    expect(freja.get_by_role("button", name="Order picked")).to_have_count(0)


def test_a_missing_piece_asks_what_next_and_the_order_moves_to_a_shop_that_has_it(
    live_page_of: PageOf, web_shop: WebShop
) -> None:
    order_no = web_shop.orders(JUMPER, SCARF)
    freja, emil = live_page_of("aarhus"), live_page_of("odense")
    taps.take(freja, order_no)
    taps.type_code(freja, JUMPER_EAN)
    expect(state(freja, JUMPER)).to_contain_text("Picked")
    scarf = taps.piece(freja, SCARF)
    scarf.get_by_role("button", name="Report missing").click()
    panel = freja.get_by_role("region", name="What next?")
    expect(panel).to_contain_text("1 picked piece goes on this shop's put-back list.")
    odense = panel.get_by_role("listitem").filter(has_text=ODENSE.name)
    expect(odense).to_contain_text(re.compile(r"has (all 2 pieces|\d of 2)"))

    odense.get_by_role("button", name="Move to Odense").dblclick()
    expect(freja).to_have_url(re.compile(r"/pos/\?moved=\d+$"))
    told = f"{order_no} was moved to Odense. DdD is not told: the till here still shows it"
    expect(freja.get_by_role("main")).to_contain_text(told)
    expect(freja.locator(".queue")).not_to_contain_text(order_no)
    expect(taps.row(emil, order_no).get_by_role("button", name="I have it")).to_be_visible()
    expect(emil.locator("#topbar")).to_have_class(re.compile("alerting"))
    taps.take(emil, order_no)
    expect(emil.get_by_text("0 of 2", exact=True)).to_be_visible()


def test_what_ddd_does_not_answer_is_said_and_the_order_can_be_moved_all_the_same(
    page_of: PageOf, web_shop: WebShop, demo: RunningDemo
) -> None:
    order_no = web_shop.orders(TOWEL, JUMPER)
    demo.ddd_answers_no_reads()
    try:
        page = page_of("aarhus")
        taps.take(page, order_no)
        taps.piece(page, TOWEL).get_by_role("button", name="Report missing").click()
        panel = page.get_by_role("region", name="What next?")
        expect(panel.get_by_text("asking DdD …").first).to_be_visible()
        expect(panel.get_by_role("button", name="Move to Odense")).to_be_enabled()
    finally:
        demo.ddd_is_well()


def test_a_shop_is_chosen_while_the_others_are_still_asked_for_their_stock(
    live_page_of: PageOf, web_shop: WebShop, demo: RunningDemo
) -> None:
    order_no = web_shop.orders(BLUE_TOWEL, CAP)
    demo.ddd_answers_no_reads()
    try:
        page = live_page_of("aarhus")
        taps.take(page, order_no)
        taps.piece(page, BLUE_TOWEL).get_by_role("button", name="Report missing").click()
        panel = page.get_by_role("region", name="What next?")
        expect(panel.get_by_text("asking DdD …").first).to_be_visible()
        held: list[Route] = []
        page.route("**/move/", lambda route: held.append(route))
        panel.get_by_role("button", name="Move to Odense").click()
        # The panel asks again meanwhile: its answer must not take away the button that waits for its own.
        with page.expect_response("**/elsewhere/"):
            pass
        held[0].continue_()
        expect(page.get_by_role("main")).to_contain_text(f"{order_no} was moved to Odense")
    finally:
        demo.ddd_is_well()


def test_an_order_is_cancelled_with_a_reason_and_everybody_sees_it(
    live_page_of: PageOf, web_shop: WebShop
) -> None:
    order_no = web_shop.orders(JUMPER)
    freja, mads = live_page_of("aarhus"), live_page_of("manager")
    taps.take(freja, order_no)
    taps.open_order(mads, order_no, tab="picking")
    expect(mads.locator("html")).to_have_attribute("data-live", "live")
    freja.get_by_text("Move or cancel").click()
    freja.get_by_label("Why it is cancelled").select_option("The customer does not want it")
    taps.tap(freja, "Cancel the order")
    for page in (freja, mads):
        expect(taps.phase(page)).to_have_text("Cancelled")
        expect(page.get_by_role("button", name="Pick", exact=True)).to_have_count(0)


def test_orders_chosen_together_are_one_walk_whose_scans_find_their_basket(
    live_page_of: PageOf, web_shop: WebShop
) -> None:
    first, second = web_shop.orders(JUMPER, SCARF), web_shop.orders(JUMPER)
    freja, mads = live_page_of("aarhus"), live_page_of("manager")
    freja.goto("/pos/")
    for order_no in (first, second):
        taps.row(freja, order_no).get_by_role("checkbox").check()
    taps.tap(freja, "Pick together")
    taps.tap(freja, "I have them")
    expect(freja.get_by_text("0 of 3", exact=True)).to_be_visible()
    mads.goto(freja.url)
    expect(mads.locator("html")).to_have_attribute("data-live", "live")

    said = freja.locator(".last-scan")
    taps.type_code(freja, JUMPER_EAN)
    expect(said).to_contain_text(f"Basket A: {first}")
    taps.type_code(freja, JUMPER_EAN)
    expect(said).to_contain_text(f"Basket B: {second}")
    expect(mads.get_by_text("2 of 3", exact=True)).to_be_visible()
    taps.type_code(mads, SCARF_EAN)
    expect(mads.locator(".last-scan")).to_contain_text(f"Basket A: {first}")
    taps.tap(freja, "Orders picked")
    for page in (freja, mads):
        expect(page.get_by_role("listitem").filter(has_text=first).get_by_text("Ready")).to_be_visible()


def test_a_code_that_is_typed_on_the_queue_opens_its_order(page_of: PageOf, web_shop: WebShop) -> None:
    order_no = web_shop.orders(JUMPER)
    page = page_of("aarhus")
    expect(taps.row(page, order_no)).to_be_visible()
    page.keyboard.type(order_no)
    expect(page.locator("#find")).to_have_value(order_no)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(order_no)
    expect(page).to_have_url(re.compile(r"/pos/orders/\d+/$"))


def test_the_camera_scans_where_the_browser_can_and_is_let_go(
    context_of: ContextOf, page_of: PageOf, web_shop: WebShop
) -> None:
    order_no = web_shop.orders(JUMPER, SCARF)
    context = context_of("aarhus")
    context.add_init_script(CAMERA % SCARF_EAN)
    page = context.new_page()
    taps.take(page, order_no)
    taps.tap(page, "Scan with the camera")
    expect(state(page, SCARF)).to_contain_text("Picked")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.evaluate("window.stopped") == 1

    without = page_of("aarhus")
    taps.open_order(without, order_no, tab="picking")
    expect(without.get_by_role("button", name="Scan with the camera")).to_have_count(0)
