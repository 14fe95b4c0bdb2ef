"""The whole line by taps: from the alert to the sale and the item transfer in DdD's ledger."""

import re

from playwright.sync_api import Page, expect

from accounts.demo_secrets import OUTLET_KEY
from tests.browser import taps
from tests.browser.conftest import PageOf
from tests.browser.office import until_in_ddd
from tests.browser.running_demo import RunningDemo
from tests.browser.web_shop import RECEIVER, WebShop
from tests.pos.paper import Page as Paper
from tests.pos.paper import pages_of

# Variants that no other test moves: an item transfer in DdD knows no OrderNo.
CARDIGAN, CARDIGAN_EAN, SHIRT, VEST, NOT_ORDERED_EAN = (
    100008,
    "5712345000083",
    100024,
    100015,
    "5712345000526",
)
TRAY = 100055


def test_an_order_is_taken_picked_labelled_delivered_and_booked_once(
    live_page_of: PageOf, page_of: PageOf, web_shop: WebShop, demo: RunningDemo
) -> None:
    order_no = web_shop.orders(CARDIGAN, SHIRT, VEST)
    page = live_page_of("aarhus")
    taps.take(page, order_no)
    expect(page.get_by_text("0 of 3", exact=True)).to_be_visible()

    taps.type_code(page, CARDIGAN_EAN)
    expect(taps.piece(page, CARDIGAN)).to_contain_text("Picked")
    expect(page.get_by_text("1 of 3", exact=True)).to_be_visible()
    _wrong_item_is_told(page)
    taps.type_code(page, str(SHIRT))
    expect(taps.piece(page, SHIRT)).to_contain_text("Picked")
    expect(page.locator("#refusal")).to_be_empty()

    vest = taps.piece(page, VEST)
    vest.get_by_label("Reason").select_option("Damaged")
    vest.get_by_role("button", name="Report missing", exact=True).click()
    expect(vest).to_contain_text("Damaged")
    taps.tap(page, "Order picked")
    expect(taps.phase(page)).to_have_text("Ready")

    assert [paper.size for paper in _printed(page, "Pick list")] == [(210, 297)]
    (label,) = _printed(page, "Address label")
    assert label.size == (100, 150)
    assert sorted(label.codes.values()) == [order_no, order_no]
    assert RECEIVER.partition("#")[0] in label.text

    taps.tap(page, "Deliver")
    expect(taps.phase(page)).to_have_text("Delivered")
    page.get_by_role("link", name="Queue").click()
    expect(page).to_have_url(re.compile("tab=done"))
    expect(taps.row(page, order_no)).to_contain_text("Freja Sørensen")

    demo.ends_undo(order_no)
    office = until_in_ddd(page_of("office"), order_no)
    expect(office.posting("Sale")).to_contain_text("Web turnover")
    expect(office.posting("Item transfer")).to_contain_text("Aarhus → Web turnover · 2 pieces")
    _is_in_the_ledger_once(demo, order_no)


def test_without_a_turnover_shop_the_sale_is_the_shops_own_and_nothing_is_moved(
    page_of: PageOf, web_shop: WebShop, demo: RunningDemo
) -> None:
    order_no = web_shop.orders(TRAY, key=OUTLET_KEY)
    taps.deliver(page_of("aarhus"), order_no, TRAY)

    demo.ends_undo(order_no)
    office = until_in_ddd(page_of("office"), order_no)
    expect(office.posting("Sale")).to_contain_text("Aarhus")
    expect(office.posting("Item transfer")).to_have_count(0)
    (sale,) = demo.sales(order_no)
    assert sale["ShopId"] == 996001
    assert [line["WebOrderOrderNo"] for line in sale["ItemLines"]] == [order_no]
    assert [line.get("ItemGroupId") for line in sale["ItemLines"]] == [None]
    assert demo.transfers(TRAY) == []


def test_an_order_of_which_no_piece_is_found_is_closed_and_never_sold(
    page_of: PageOf, web_shop: WebShop, demo: RunningDemo
) -> None:
    order_no = web_shop.orders()
    page = page_of("aarhus")
    taps.take(page, order_no)
    taps.tap(page, "Report missing")
    taps.tap(page, "Close the order")
    expect(taps.phase(page)).to_have_text("Cancelled")
    expect(page.get_by_role("button", name="Deliver")).to_have_count(0)
    assert demo.sales(order_no) == []


def _wrong_item_is_told(page: Page) -> None:
    taps.type_code(page, NOT_ORDERED_EAN)
    expect(page.get_by_role("alert")).to_contain_text("Wrong item: Candle holder Fyrtårn")
    field = page.get_by_label("Scan or type an Ean or VariantId")
    expect(field).to_have_value("")
    expect(field).to_be_focused()
    expect(page.get_by_text("1 of 3", exact=True)).to_be_visible()


def _is_in_the_ledger_once(demo: RunningDemo, order_no: str) -> None:
    (sale,) = demo.sales(order_no)
    assert sale["ShopId"] == 996900
    assert [
        (line["VariantId"], line["WebOrderOrderNo"], line["ItemGroupId"]) for line in sale["ItemLines"]
    ] == [
        (CARDIGAN, order_no, 9900),
        (SHIRT, order_no, 9900),
    ]
    (transfer,) = demo.transfers(CARDIGAN)
    assert (transfer["ShopIdSender"], transfer["ShopIdRecipient"]) == (996001, 996900)
    assert [(item["VariantId"], item["Quantity"]) for item in transfer["Items"]] == [
        (CARDIGAN, 1),
        (SHIRT, 1),
    ]
    assert demo.transfers(VEST) == []


def _printed(page: Page, button: str) -> list[Paper]:
    """What the button opens in a new tab, read from paper."""
    address = page.get_by_role("button", name=button, exact=True).evaluate("button => button.form.action")
    answer = page.request.get(address)
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.body().startswith(b"%PDF")
    return pages_of(answer.body())
