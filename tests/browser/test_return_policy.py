"""Head office decides about returns, confirms DdD's words, and closes what a web shop owes."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.demo_secrets import FJORD_KEY
from demo.people import FJORD
from tests.browser import taps
from tests.browser.accessibility import violations
from tests.browser.conftest import PageOf
from tests.browser.office import open_order
from tests.browser.running_demo import RunningDemo
from tests.browser.web_shop import JUMPER, WebShop

FJORD_SHOP = FJORD.shops[0].shop_id


@pytest.fixture
def office(page_of: PageOf) -> Iterator[Page]:
    """Fjord's: no other test looks at its return policy. At the end it is as it was."""
    page = page_of("fjord office")
    page.get_by_role("link", name="Policies").click()
    page.get_by_role("link", name="Returns").click()
    expect(page.get_by_role("heading", name="Who gives the money back")).to_be_visible()
    yield page
    page.goto("/returns/policy/")
    _tick(page, "The register pays back what was paid online").uncheck()
    page.get_by_label("The register pays at most, for each return (NOK)").fill("")
    page.get_by_label("Days to return").fill("30")
    page.get_by_label("every shop").check()
    page.get_by_label("Reason").first.fill("Passer ikke")
    page.get_by_label("Word for a returned line").fill("Return")
    _keep(page)


def test_head_office_changes_the_policy_and_reads_what_it_means(office: Page) -> None:
    expect(_examples(office)).to_contain_text("Paid 399.95 NOK online, comes on day 7The web shop refunds")
    _tick(office, "The register pays back what was paid online").check()
    office.get_by_label("The register pays at most, for each return (NOK)").fill("500")
    office.get_by_label("Days to return").fill("14")
    expect(office.get_by_label(FJORD.shops[0].name)).to_be_hidden()
    office.get_by_label("the chosen shops").check()
    expect(office.get_by_label(FJORD.shops[0].name)).to_be_visible()
    _row(office, "Passer ikke").get_by_label("Reason").fill("Too small")

    _keep(office)
    expect(office.get_by_role("alert").filter(has_text="Nothing was saved")).to_be_visible()
    expect(office.get_by_text("Choose at least one shop.")).to_be_visible()
    expect(office.get_by_label("Days to return")).to_have_value("14")
    assert violations(office) == []

    office.get_by_label(FJORD.shops[0].name).check()
    _keep(office)
    expect(office.get_by_text("Saved. It counts from now on in every shop.")).to_be_visible()
    expect(_examples(office)).to_contain_text(f"Returns are taken in{FJORD.shops[0].name}")
    expect(_examples(office)).to_contain_text("Paid 399.95 NOK online, comes on day 7The register pays")
    expect(_examples(office)).to_contain_text("Paid 500.05 NOK online, comes on day 7The web shop refunds")
    expect(_examples(office)).to_contain_text("Paid 399.95 NOK online, comes on day 15Not taken back")
    expect(_row(office, "Too small")).to_have_count(1)
    assert violations(office) == []


def test_the_words_are_confirmed_by_name_until_one_is_changed(office: Page) -> None:
    warning = office.get_by_text("Nobody has confirmed DdD's words for a return yet.")
    expect(warning).to_be_visible()
    office.get_by_role("link", name="Look at them").click()
    office.get_by_label("I have seen in DdD that a return arrives with these words").check()
    _keep(office)
    expect(office.get_by_text("Confirmed by Solveig Åsen, today")).to_be_visible()
    expect(warning).to_have_count(0)
    assert violations(office) == []

    office.get_by_label("Word for a returned line").fill("Retur")
    _keep(office)
    expect(warning).to_be_visible()


def test_a_refund_that_is_due_is_closed_by_hand(page_of: PageOf, web_shop: WebShop) -> None:
    """Fjord's register never pays, so whatever comes back there is the web shop's to refund."""
    order_no = _taken_back(page_of("fjord staff"), web_shop)
    page = page_of("fjord office")
    page.get_by_role("navigation").get_by_role("link", name="Refunds").click()
    due = page.get_by_role("row").filter(has=page.get_by_role("link", name=order_no, exact=True))
    expect(due).to_contain_text("599.95 NOK")
    expect(due).to_contain_text("Fortrudt")
    assert violations(page) == []

    due.get_by_label(f"Reference of the payment, {order_no}").fill("PAY-77")
    due.get_by_role("button", name="Refunded", exact=True).click()
    expect(page.get_by_text(f"Closed: {order_no}.")).to_be_visible()
    expect(due).to_have_count(0)
    page.get_by_role("link", name="Done", exact=True).click()
    expect(due).to_contain_text("PAY-77")
    expect(due).to_contain_text("Solveig Åsen")
    assert violations(page) == []

    order = open_order(page, order_no)
    expect(order.entry("Refunded")).to_contain_text("Reference PAY-77")


def test_who_is_slower_than_the_web_shop_is_told(
    page_of: PageOf, web_shop: WebShop, demo: RunningDemo
) -> None:
    order_no = _taken_back(page_of("fjord staff"), web_shop)
    page = page_of("fjord office")
    page.goto("/returns/refunds/")
    due = page.get_by_role("row").filter(has=page.get_by_role("link", name=order_no, exact=True))
    due.get_by_label(f"Reference of the payment, {order_no}").fill("PAY-77")

    key = {"Authorization": f"ddd_token {FJORD_KEY}"}
    told = page.request.get(f"{demo.portal}/api/returns/refunds", headers=key).json()
    (mine,) = [refund for refund in told if refund["OrderNo"] == order_no]
    assert (mine["State"], mine["Amount"], mine["Lines"][0]["ReturnCode"]) == ("Due", 599.95, 2)
    closing = f"{demo.portal}/api/returns/refunds/{mine['Id']}/close"
    assert page.request.post(closing, headers=key, data={"Reference": "re_1"}).json() is True

    due.get_by_role("button", name="Refunded", exact=True).click()
    expect(page.get_by_text("fjord has closed it already, under the reference re_1.")).to_be_visible()
    page.goto("/returns/refunds/?tab=done")
    expect(due).to_contain_text("re_1")


def _taken_back(page: Page, web_shop: WebShop) -> str:
    """A parcel of Fjord comes back over the counter."""
    order_no = web_shop.orders(JUMPER, shop=FJORD_SHOP, key=FJORD_KEY)
    taps.make_ready(page, order_no, JUMPER)
    page.locator("label[for=way-send]").click()
    page.get_by_label("DeliveryNo of the carrier").fill("NO-4711")
    taps.tap(page, "Deliver")
    expect(taps.phase(page)).to_have_text("Delivered")
    page.goto("/returns/")
    page.keyboard.type(order_no)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(order_no)
    page.locator(".to-choose > label").click()
    page.locator("label", has_text=re.compile(r"^\s*Fortrudt\s*$")).click()
    page.get_by_role("button", name="Take back").click()
    expect(page.get_by_text("The web shop refunds 599.95 NOK")).to_be_visible()
    return order_no


def _keep(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).click()


def _examples(page: Page) -> Locator:
    return page.locator(".examples")


def _tick(page: Page, name: str) -> Locator:
    return page.get_by_role("checkbox", name=name)


def _row(page: Page, words: str) -> Locator:
    """The reason that says this now."""
    return page.get_by_role("row").filter(has=page.locator(f'input[value="{words}"]'))
