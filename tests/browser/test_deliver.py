"""Delivered once, however it is tapped, and never without knowing how it was paid."""

import re

from playwright.sync_api import Page, Position, Route, expect

from tests.browser import taps
from tests.browser.conftest import PageOf
from tests.browser.office import until_in_ddd
from tests.browser.running_demo import RunningDemo
from tests.browser.web_shop import JUMPER, WebShop

RIGHT_THUMB: Position = {"x": 690, "y": 30}
THERE = 706, 1136  # the same place on the screen, where "Undo" comes
A_MOMENT = 700  # ms
# Timed in the page: from outside, a click on a busy machine takes an unknown time.
SECOND_TAP = """([x, y]) => {
  const again = ({ detail }) => {
    if (detail.requestConfig.verb !== "post") return;
    document.removeEventListener("htmx:afterSwap", again);
    setTimeout(() => {
      document.elementFromPoint(x, y).click();
      document.body.dataset.tapped = "twice";
    }, 200);
  };
  delete document.body.dataset.tapped;
  document.addEventListener("htmx:afterSwap", again);
}"""
NOT_PAID = re.compile("This order is not paid: take .*599.95 DKK and say how it was paid")


def test_a_double_tap_on_deliver_sells_once(
    live_page_of: PageOf, page_of: PageOf, web_shop: WebShop, demo: RunningDemo
) -> None:
    order_no = web_shop.orders()
    page = live_page_of("aarhus")
    taps.make_ready(page, order_no, JUMPER)
    page.get_by_role("button", name="Deliver", exact=True).dblclick()
    expect(taps.phase(page)).to_have_text("Delivered")
    expect(page.locator("#refusal")).to_be_empty()
    _was_delivered_once(page_of("office"), demo, order_no)


def test_the_second_tap_of_a_slow_double_tap_is_not_for_what_came_into_its_place(
    live_page_of: PageOf, web_shop: WebShop
) -> None:
    page = live_page_of("aarhus")
    taps.take(page, web_shop.orders())
    taps.pick(page, JUMPER)
    for name, reached in (("Order picked", "Ready"), ("Deliver", "Delivered")):
        button = page.get_by_role("button", name=name, exact=True)
        page.evaluate(SECOND_TAP, THERE)
        button.click(position=RIGHT_THUMB)
        expect(page.locator("body")).to_have_attribute("data-tapped", "twice")
        page.wait_for_timeout(A_MOMENT)
        expect(taps.phase(page)).to_have_text(reached)


def test_of_two_who_deliver_at_once_one_sells_and_the_slower_is_told_who_was_faster(
    live_page_of: PageOf, page_of: PageOf, web_shop: WebShop, demo: RunningDemo
) -> None:
    order_no = web_shop.orders()
    freja, mads = live_page_of("aarhus"), live_page_of("manager")
    taps.make_ready(freja, order_no, JUMPER)
    taps.open_order(mads, order_no, tab="ready")
    held: list[Route] = []
    for page in (freja, mads):
        page.route("**/deliver/", lambda route: held.append(route))
        taps.tap(page, "Deliver")
    _until_both_are_on_their_way(held, freja)
    for route in held:
        route.continue_()

    for page in (freja, mads):
        expect(taps.phase(page)).to_have_text("Delivered")
        expect(page.get_by_role("button", name="Deliver", exact=True)).to_have_count(0)
    told = [page.get_by_role("alert").all_inner_texts() for page in (freja, mads)]
    faster = "Freja Sørensen" if told[1] else "Mads Lindholm"
    assert [text.strip() for texts in told for text in texts] == [
        f"{faster} has delivered this order already."
    ]
    _was_delivered_once(page_of("office"), demo, order_no)


def test_an_unpaid_order_is_delivered_only_with_how_it_was_paid(
    page_of: PageOf, web_shop: WebShop, demo: RunningDemo
) -> None:
    order_no = web_shop.orders(paid=False)
    page = page_of("aarhus")
    expect(taps.row(page, order_no)).to_contain_text("not paid")
    taps.make_ready(page, order_no, JUMPER)
    expect(page.get_by_text("not paid 599.95 DKK")).to_be_visible()

    taps.tap(page, "Deliver")
    expect(page.get_by_label("in cash at the register")).to_be_focused()
    expect(taps.phase(page)).to_have_text("Ready")
    _forget_what_is_required(page)
    taps.tap(page, "Deliver")
    expect(page.get_by_role("alert")).to_have_text(NOT_PAID)
    expect(taps.phase(page)).to_have_text("Ready")
    assert demo.sales(order_no) == []

    page.locator("label", has_text="in cash at the register").click()
    taps.tap(page, "Deliver")
    expect(taps.phase(page)).to_have_text("Delivered")
    demo.ends_undo(order_no)
    office = until_in_ddd(page_of("office"), order_no)
    expect(office.page.get_by_role("definition").filter(has_text="in cash at the register")).to_be_visible()
    assert len(demo.sales(order_no)) == 1


def test_what_is_sent_needs_the_carriers_number(
    page_of: PageOf, web_shop: WebShop, demo: RunningDemo
) -> None:
    order_no = web_shop.orders()
    page = page_of("aarhus")
    taps.make_ready(page, order_no, JUMPER)
    number = page.get_by_label("DeliveryNo of the carrier")
    expect(number).to_be_hidden()
    page.locator("label", has_text="Send").click()
    expect(number).to_be_visible()
    taps.tap(page, "Deliver")
    expect(page.get_by_role("alert")).to_contain_text("Type or scan the carrier's DeliveryNo")
    expect(taps.phase(page)).to_have_text("Ready")

    page.locator("label", has_text="Send").click()
    number.fill("DK-4711")
    taps.tap(page, "Deliver")
    expect(taps.phase(page)).to_have_text("Delivered")
    demo.ends_undo(order_no)
    office = until_in_ddd(page_of("office"), order_no)
    expect(office.entry("Delivered")).to_contain_text("DeliveryNo DK-4711")
    assert len(demo.sales(order_no)) == 1


def _until_both_are_on_their_way(held: list[Route], page: Page) -> None:
    for _look in range(500):
        if len(held) == 2:
            return
        page.wait_for_timeout(20)
    raise AssertionError(f"{len(held)} of 2 taps were sent")


def _forget_what_is_required(page: Page) -> None:
    """A browser that does not know `required`, or somebody who took it away."""
    page.locator("form.hand-over").evaluate("form => { form.noValidate = true }")


def _was_delivered_once(page: Page, demo: RunningDemo, order_no: str) -> None:
    demo.ends_undo(order_no)
    office = until_in_ddd(page, order_no)
    expect(office.posting("Sale")).to_have_count(1)
    expect(office.posting("Item transfer")).to_have_count(1)
    expect(office.entry("Delivered")).to_have_count(1)
    assert len(demo.sales(order_no)) == 1
