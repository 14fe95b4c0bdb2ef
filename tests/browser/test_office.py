"""Head office finds every order, reads what happened to it, and mends what DdD refused."""

import re

from playwright.sync_api import Locator, Page, expect

from demo.people import KOEBENHAVN, ODENSE
from office.listing.orders import ORDERS_ON_A_PAGE
from tests.browser import taps
from tests.browser.conftest import PageOf
from tests.browser.office import open_order, until_in_ddd, until_refused
from tests.browser.running_demo import RunningDemo
from tests.browser.web_shop import CAP, JUMPER, WebShop


def test_an_order_is_found_by_a_part_of_its_number_and_by_shop_and_status(
    page_of: PageOf, web_shop: WebShop
) -> None:
    in_odense, in_aarhus = web_shop.orders(shop=ODENSE.shop_id), web_shop.orders()
    page = page_of("office")
    page.get_by_role("link", name="Orders", exact=True).click()
    expect(page).to_have_url(re.compile("/orders/$"))
    page.get_by_role("searchbox", name="Search").fill(in_odense.lower())
    page.keyboard.press("Enter")
    expect(_order_nos(page)).to_have_text([in_odense])

    page.get_by_role("link", name="All orders").click()
    expect(_order_nos(page).filter(has_text=in_aarhus)).to_be_visible()
    page.get_by_role("combobox", name="Shop", exact=True).select_option("Odense")
    page.get_by_role("combobox", name="Status", exact=True).select_option("New")
    taps.tap(page, "Show")
    expect(page).to_have_url(re.compile("status=new"))
    expect(_order_nos(page).filter(has_text=in_odense)).to_be_visible()
    expect(_order_nos(page).filter(has_text=in_aarhus)).to_have_count(0)
    assert set(page.locator("tbody td:nth-child(4)").all_inner_texts()) == {"Odense"}
    page.get_by_role("combobox", name="Status", exact=True).select_option("Returned")
    taps.tap(page, "Show")
    expect(page.get_by_text("No order fits.")).to_be_visible()


def test_a_status_that_does_not_exist_is_said_and_hides_nothing(page_of: PageOf, web_shop: WebShop) -> None:
    order_no = web_shop.orders()
    page = page_of("office")
    page.goto("/orders/?status=lost")
    expect(page.get_by_text("A filter has a value that does not exist")).to_be_visible()
    expect(_order_nos(page).filter(has_text=order_no)).to_be_visible()


def test_older_orders_are_one_page_further_and_keep_the_filter(page_of: PageOf, web_shop: WebShop) -> None:
    oldest = web_shop.orders(CAP, shop=KOEBENHAVN.shop_id)
    for _order in range(ORDERS_ON_A_PAGE):
        newest = web_shop.orders(CAP, shop=KOEBENHAVN.shop_id)
    page = page_of("office")
    page.goto(f"/orders/?shop={KOEBENHAVN.shop_id}")
    expect(_order_nos(page)).to_have_count(ORDERS_ON_A_PAGE)
    first = _order_nos(page).all_inner_texts()
    assert first[0] == newest
    assert oldest not in first

    page.get_by_role("link", name="Next page").click()
    expect(_order_nos(page).first).to_have_text(oldest)
    for order_no in first:
        expect(_order_nos(page).filter(has_text=order_no)).to_have_count(0)
    expect(page.get_by_role("combobox", name="Shop", exact=True)).to_have_value(str(KOEBENHAVN.shop_id))
    page.get_by_role("link", name="First page").click()
    expect(_order_nos(page)).to_have_text(first)


def test_the_timeline_names_who_did_what_and_unfolds_each_call_to_ddd(
    page_of: PageOf, web_shop: WebShop, demo: RunningDemo
) -> None:
    order_no = web_shop.orders()
    taps.deliver(page_of("aarhus"), order_no, JUMPER)
    demo.ends_undo(order_no)
    office = until_in_ddd(page_of("office"), order_no)
    for title in ("Taken", "Piece picked", "Order picked", "Delivered"):
        expect(office.entry(title)).to_contain_text("Freja Sørensen")
    expect(office.entry("Web order created")).to_contain_text("nordlys")

    call = office.entry("Sale: ").first
    # DdD is read for a sale of the order before, so that is not the first call.
    request = call.locator("pre").filter(has_text=f'"WebOrderOrderNo": "{order_no}"')
    answer = call.locator("pre").last
    expect(request).to_be_hidden()
    call.locator("summary").click()
    expect(request).to_be_visible()
    expect(answer).to_be_visible()
    expect(answer).not_to_be_empty()


def test_a_refused_sale_needs_attention_and_can_be_sent_again(
    page_of: PageOf, web_shop: WebShop, refusing_ddd: RunningDemo
) -> None:
    order_no = web_shop.orders()
    taps.deliver(page_of("aarhus"), order_no, JUMPER)
    refusing_ddd.ends_undo(order_no)
    page = page_of("office")
    until_refused(page, order_no)
    assert refusing_ddd.sales(order_no) == []

    page.get_by_role("link", name="Needs attention").click()
    refused = page.locator("li.posting").filter(has=page.get_by_text(order_no, exact=True))
    expect(refused).to_contain_text("Sale")
    expect(refused).to_contain_text("DdD refused it. Nothing is booked")
    refusing_ddd.ddd_is_well()
    refused.get_by_role("button", name="Send again", exact=True).click()
    expect(refused).to_have_count(0)

    office = until_in_ddd(page, order_no)
    expect(office.entry("Sale: ")).to_have_count(3)
    expect(office.entry("Sale: ").nth(1)).to_contain_text("Karen Østergaard")
    assert len(refusing_ddd.sales(order_no)) == 1


def test_an_address_of_another_group_or_of_nothing_says_that_there_is_nothing(
    page_of: PageOf, web_shop: WebShop
) -> None:
    order_no = web_shop.orders()
    nordlys, fjord = page_of("office"), page_of("fjord office")
    open_order(nordlys, order_no)
    for address in (nordlys.url, "/orders/999999999/", "/nowhere/"):
        fjord.goto(address)
        expect(fjord.get_by_role("heading", level=1)).to_have_text("There is nothing here")
    fjord.get_by_role("link", name="To the start").click()
    expect(fjord.get_by_role("heading", level=1)).to_have_text("Overview")
    assert order_no not in fjord.content()


def _order_nos(page: Page) -> Locator:
    """Of the orders that the list shows, in its order."""
    return page.locator("tbody .order-no")
