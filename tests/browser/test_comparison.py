"""Head office asks for a comparison with DdD, and puts right what it finds."""

from playwright.sync_api import Locator, Page, expect

from tests.browser import taps
from tests.browser.accessibility import violations
from tests.browser.conftest import PageOf
from tests.browser.office import until_in_ddd
from tests.browser.running_demo import RunningDemo
from tests.browser.web_shop import WebShop
from tests.sandbox import caller
from tests.sandbox.caller import NORDLYS_WEBSHOP, Caller

COMPARED_WITHIN = 180_000  # ms


def test_a_planted_sale_is_found_read_and_seen_to(
    page_of: PageOf, web_shop: WebShop, demo: RunningDemo
) -> None:
    order_no = web_shop.orders()
    page = page_of("office")
    until_in_ddd(page, order_no)
    assert Caller(demo.ddd, NORDLYS_WEBSHOP).post("/api/sale", caller.sale(9001, order_no)).json() is True

    page.goto("/orders/attention/")
    page.get_by_role("link", name="Comparison with DdD").click()
    # The page before has such a button too.
    expect(page.get_by_role("heading", level=1)).to_have_text("Comparison with DdD")
    taps.tap(page, "Look again")
    expect(_row(page, order_no)).to_be_visible(timeout=COMPARED_WITHIN)
    expect(_row(page, order_no)).to_contain_text("DdD has a sale of an order that was not delivered")
    expect(page.get_by_text("Being compared just now")).to_have_count(0)
    assert violations(page) == []

    page.goto("/orders/attention/")
    expect(_row(page, order_no)).to_contain_text("99/9001")
    assert violations(page) == []
    _row(page, order_no).get_by_role("button", name="Seen to").click()
    expect(_row(page, order_no)).to_have_count(0)
    page.get_by_role("link", name="Comparison with DdD").click()
    expect(_row(page, order_no)).to_contain_text("seen to")


def test_what_ddd_has_lost_is_mended_by_the_button_until_it_closes(
    page_of: PageOf, web_shop: WebShop, demo: RunningDemo
) -> None:
    lost, gone, sold = ([web_shop.orders() for _order in range(count)] for count in (2, 1, 1))
    page = page_of("office")
    for order_no in lost + gone + sold:
        until_in_ddd(page, order_no)
        demo.ddd_loses(order_no)
    page.goto("/orders/comparison/")
    taps.tap(page, "Look again")
    expect(_row(page, lost[1])).to_contain_text("A web order is missing at DdD", timeout=COMPARED_WITHIN)

    page.goto("/orders/attention/?kind=differences")
    _row(page, gone[0]).get_by_label("How it was seen to").fill("The customer does not want it")
    page.keyboard.press("Enter")
    expect(_row(page, gone[0])).to_have_count(0)
    page.get_by_role("checkbox", name=f"Choose {sold[0]}").check()
    page.get_by_label("Reason", exact=True).fill("Sold at the till")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text(f"Seen to: {sold[0]}")
    for order_no in lost:
        page.get_by_role("checkbox", name=f"Choose {order_no}").check()
    assert violations(page) == []
    taps.tap(page, "Mend")
    expect(page.get_by_role("status")).to_contain_text(lost[0])
    expect(page.get_by_role("status")).to_contain_text(lost[1])
    page.goto("/orders/attention/?kind=mending")
    expect(_row(page, lost[0])).to_contain_text("Being mended")
    assert violations(page) == []

    for order_no in lost:
        until_in_ddd(page, order_no)
    page.goto("/orders/comparison/")
    taps.tap(page, "Look again")
    expect(page.get_by_text("Being compared just now")).to_have_count(0, timeout=COMPARED_WITHIN)
    for order_no in gone + sold:
        expect(_row(page, order_no)).to_contain_text("Seen to")
    page.goto("/orders/attention/?kind=mending")
    for order_no in lost:
        expect(_row(page, order_no)).to_have_count(0)


def _row(page: Page, order_no: str) -> Locator:
    return page.locator("li.posting").filter(has_text=order_no)
