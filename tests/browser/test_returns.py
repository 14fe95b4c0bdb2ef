"""A return at the counter: found by a scan, decided while they look, taken back once, in few taps."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, Route, expect

from accounts.demo_secrets import FJORD_KEY
from demo.people import FJORD
from tests.browser import taps
from tests.browser.accessibility import violations
from tests.browser.conftest import ContextOf, PageOf
from tests.browser.office import until_in_ddd
from tests.browser.people import LoggedIn
from tests.browser.running_demo import RunningDemo
from tests.browser.web_shop import CAP, JUMPER, SCARF, WebShop

MOST_TAPS = 7
REGRETTED, FAULTY = "Fortrudt", "Fejl på varen"  # head office's words
FJORD_SHOP = FJORD.shops[0].shop_id


@dataclass
class Hand:
    """One hand at the tablet: counts its taps."""

    page: Page
    taps: int = 0

    def taps_link(self, name: str) -> None:
        self._taps(self.page.get_by_role("link", name=name, exact=True))

    def taps_piece(self, variant: str) -> None:
        self._taps(self.page.locator(".to-choose").filter(has_text=variant).locator("> label"))

    def taps_choice(self, name: str, within: str = "#live") -> None:
        labels = self.page.locator(within).locator("label", has_text=re.compile(f"^\\s*{name}\\s*$"))
        self._taps(labels.filter(visible=True))

    def taps_button(self, name: str) -> None:
        self._taps(self.page.get_by_role("button", name=name))

    def _taps(self, what: object) -> None:
        self.taps += 1
        what.click()  # type: ignore[attr-defined]


def scan(page: Page, code: str) -> None:
    """As a hand scanner does, wherever the focus is."""
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(code)


def open_return(page: Page, order_no: str) -> None:
    page.goto("/returns/")
    scan(page, order_no)


def delivered(page: Page, web_shop: WebShop, *variants: int) -> str:
    order_no = web_shop.orders(*variants)
    taps.deliver(page, order_no, *variants)
    return order_no


def test_a_return_takes_fewer_than_eight_taps_from_the_queue(
    live_page_of: PageOf, page_of: PageOf, web_shop: WebShop, demo: RunningDemo
) -> None:
    page = live_page_of("aarhus")
    order_no = delivered(page, web_shop, JUMPER, SCARF)
    page.goto("/pos/")
    hand = Hand(page)
    hand.taps_link("Returns")
    expect(page.locator("#find")).to_be_focused()
    scan(page, order_no)
    expect(page.get_by_text("Today the policy says of all 2 pieces:")).to_be_visible()
    expect(page.locator(".verdict")).to_have_text("No money here: the web shop refunds 1,199.90 DKK")

    hand.taps_piece("Wool jumper")
    expect(page.locator(".verdict")).to_have_text("The register pays 599.95 DKK")
    expect(page.get_by_label("Back to the shelf").first).to_be_checked()
    hand.taps_choice(REGRETTED)
    hand.taps_choice("in cash at the register", "#decision")
    hand.taps_button("Take back · 599.95 DKK")
    expect(page.get_by_text("Give the customer 600.00 DKK (599.95, rounded) in cash")).to_be_visible()
    assert hand.taps <= MOST_TAPS
    assert hand.taps == 5

    demo.ends_undo(order_no)
    office = until_in_ddd(page_of("office"), order_no)
    expect(office.posting("Return")).to_have_count(1)
    expect(office.posting("Item transfer")).to_have_count(2)
    assert len(demo.sales(order_no)) == 2


def test_where_the_register_does_not_pay_the_web_shop_is_told(page_of: PageOf, web_shop: WebShop) -> None:
    order_no = web_shop.orders(JUMPER, shop=FJORD_SHOP, key=FJORD_KEY)
    page = page_of("fjord staff")
    taps.make_ready(page, order_no, JUMPER)
    page.locator("label", has_text="Send").click()
    page.get_by_label("DeliveryNo of the carrier").fill("NO-1")
    taps.tap(page, "Deliver")
    expect(taps.phase(page)).to_have_text("Delivered")
    open_return(page, order_no)
    hand = Hand(page)
    hand.taps_piece("Wool jumper")
    hand.taps_choice(FAULTY)
    hand.taps_choice("Damaged")
    expect(page.get_by_text("in cash at the register")).to_have_count(0)
    hand.taps_button("Take back · 599.95 NOK")
    expect(page.get_by_text("The web shop refunds 599.95 NOK: tell the customer")).to_be_visible()
    expect(page.locator("li.piece")).to_contain_text("Damaged")


def test_another_shops_order_is_found_by_name_and_what_came_back_stays_seen(
    page_of: PageOf, web_shop: WebShop
) -> None:
    order_no = web_shop.orders(JUMPER, SCARF, receiver="Quinta Zebrano#Bovej 1")
    taps.deliver(page_of("aarhus"), order_no, JUMPER, SCARF)
    page = page_of("odense")
    page.goto("/returns/")
    page.keyboard.type("zebra QUI")
    page.keyboard.press("Enter")
    row = taps.row(page, order_no)
    expect(row).to_contain_text("2 pieces left")
    expect(row).to_contain_text("Aarhus")
    row.get_by_role("link").first.click()
    hand = Hand(page)
    hand.taps_piece("Scarf")
    hand.taps_choice(REGRETTED)
    hand.taps_choice("by card at the terminal", "#decision")
    hand.taps_button("Take back")
    expect(page.get_by_text("back to the customer's card at the terminal")).to_be_visible()
    page.get_by_role("link", name=order_no).click()
    expect(page.locator("li.piece").filter(has_text="Scarf")).to_contain_text("Odense · Emil Kjær")
    expect(page.locator(".to-choose")).to_have_count(1)


def test_the_decision_follows_every_choice_and_a_refresh_or_reload_loses_none(
    live_page_of: PageOf, web_shop: WebShop
) -> None:
    page = live_page_of("aarhus")
    order_no = delivered(page, web_shop, JUMPER, SCARF, CAP)
    open_return(page, order_no)
    hand = Hand(page)
    hand.taps_piece("Cap")
    expect(page.get_by_text("Choose why each piece comes back.")).to_be_visible()
    hand.taps_piece("Scarf")
    expect(page.locator(".verdict")).to_have_text("No money here: the web shop refunds 1,199.90 DKK")
    expect(page.get_by_text("Nordlys lets the register pay up to 1,000.00 DKK, and this")).to_be_visible()
    hand.taps_piece("Scarf")
    expect(page.locator(".verdict")).to_have_text("The register pays 599.95 DKK")
    cap = page.locator(".to-choose").filter(has_text="Cap")
    cap.locator("label", has_text=FAULTY).click()
    cap.locator("label", has_text="Damaged").click()
    page.locator("#decision label", has_text="in cash").click()
    expect(page).to_have_url(re.compile("paid_by=cash"))
    assert "csrf" not in page.url

    for anew in (_refresh, Page.reload):
        anew(page)
        expect(page.locator(".verdict")).to_have_text("The register pays 599.95 DKK")
        expect(cap.get_by_role("checkbox")).to_be_checked()
        expect(cap.get_by_label(FAULTY)).to_be_checked()
        expect(cap.get_by_label("Damaged")).to_be_checked()
        expect(page.get_by_label("in cash at the register")).to_be_checked()
    hand.taps_button("Take back · 599.95 DKK")
    expect(page.get_by_text("Give the customer 600.00 DKK (599.95, rounded) in cash")).to_be_visible()
    expect(page.locator("li.piece")).to_contain_text("Damaged")


def test_quick_fingers_are_not_lost_while_the_decision_is_on_its_way(
    live_page_of: PageOf, web_shop: WebShop
) -> None:
    page = live_page_of("aarhus")
    order_no = delivered(page, web_shop, JUMPER, SCARF, CAP)
    open_return(page, order_no)
    held: list[Route] = []
    page.route("**/returns/orders/**", lambda route: held.append(route))
    for variant in ("Wool jumper", "Scarf", "Cap"):
        page.locator(".to-choose").filter(has_text=variant).locator("> label").click()
    assert page.locator(".to-choose input[name=piece]:checked").count() == 3
    held[-1].continue_()
    page.unroute_all(behavior="ignoreErrors")
    expect(page.locator(".verdict")).to_have_text("No money here: the web shop refunds 1,799.85 DKK")
    assert page.locator(".to-choose input[name=piece]:checked").count() == 3


def test_a_tap_during_a_swap_is_applied_once_the_page_has_settled(
    live_page_of: PageOf, web_shop: WebShop
) -> None:
    page = live_page_of("aarhus")
    order_no = delivered(page, web_shop, JUMPER, SCARF)
    open_return(page, order_no)
    # What was swapped in just now does not listen yet.
    page.locator(".choosing").evaluate(
        "place => place.addEventListener('decide', event => event.stopImmediatePropagation(),"
        " {capture: true, once: true})"
    )
    Hand(page).taps_piece("Wool jumper")
    expect(page).to_have_url(re.compile("piece="))
    page.evaluate("document.dispatchEvent(new CustomEvent('htmx:afterSettle'))")
    expect(page.locator(".verdict")).to_have_text("The register pays 599.95 DKK")


def test_a_double_tap_takes_back_once(
    live_page_of: PageOf, page_of: PageOf, web_shop: WebShop, demo: RunningDemo
) -> None:
    page = live_page_of("aarhus")
    order_no = delivered(page, web_shop, JUMPER)
    open_return(page, order_no)
    hand = Hand(page)
    hand.taps_piece("Wool jumper")
    hand.taps_choice(REGRETTED)
    hand.taps_choice("in cash at the register", "#decision")
    expect(page).to_have_url(re.compile("paid_by=cash"))
    page.get_by_role("button", name="Take back").dblclick()
    expect(page.get_by_text("Give the customer 600.00 DKK (599.95, rounded) in cash")).to_be_visible()
    expect(page.locator("#refusal")).to_be_empty()
    demo.ends_undo(order_no)
    office = until_in_ddd(page_of("office"), order_no)
    expect(office.posting("Return")).to_have_count(1)
    assert len(demo.sales(order_no)) == 2


def test_a_manager_overrules_and_takes_the_wrong_return_off_again(
    live_page_of: PageOf, page_of: PageOf, web_shop: WebShop
) -> None:
    page = live_page_of("manager")
    order_no = delivered(page, web_shop, JUMPER, SCARF)
    staff = page_of("aarhus")
    open_return(staff, order_no)
    Hand(staff).taps_piece("Wool jumper")
    expect(staff.get_by_text("Choose why each piece comes back.")).to_be_visible()
    expect(staff.get_by_text("Overrule as manager")).to_have_count(0)

    open_return(page, order_no)
    hand = Hand(page)
    hand.taps_piece("Wool jumper")
    hand.taps_choice(REGRETTED)
    page.get_by_text("Overrule as manager").click()
    hand.taps_choice("The web shop refunds", "#overrule")
    expect(page.locator(".verdict")).to_have_text("No money here: the web shop refunds 599.95 DKK")
    hand.taps_button("Take back")
    expect(page.get_by_label("Why it is overruled")).to_be_focused()
    page.keyboard.type("No cash in the drawer")
    hand.taps_button("Take back")
    expect(page.get_by_text("tell the customer")).to_be_visible()
    expect(page.get_by_text("No cash in the drawer")).to_be_visible()

    page.get_by_text("Was this return wrong?").click()
    page.get_by_label("Why it was wrong").fill("Another customer's bag")
    hand.taps_button("Cancel the return")
    expect(page.get_by_text("Cancelled: nothing of it counts.")).to_be_visible()
    page.get_by_role("link", name=order_no).click()
    expect(page.locator(".to-choose")).to_have_count(2)


def test_what_is_not_delivered_is_cancelled_instead(page_of: PageOf, web_shop: WebShop) -> None:
    order_no = web_shop.orders()
    page = page_of("aarhus")
    page.goto("/returns/")
    page.keyboard.type(order_no)
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"{order_no} is not delivered: cancel it.")).to_be_visible()
    page.get_by_role("link", name=f"Open {order_no}").click()
    expect(taps.phase(page)).to_have_text("New")


def test_a_return_by_keyboard_alone(live_page_of: PageOf, web_shop: WebShop) -> None:
    page = live_page_of("aarhus")
    order_no = delivered(page, web_shop, JUMPER)
    open_return(page, order_no)
    _tab_to(page, "input[name=piece]")
    page.keyboard.press("Space")
    expect(page.get_by_text("Choose why each piece comes back.")).to_be_visible()
    _tab_to(page, ".how input[name^=reason]")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("button", name="Take back")).to_be_visible()
    _tab_to(page, "input[name=paid_by]")
    page.keyboard.press("Space")
    _tab_to(page, "#decision button")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Give the customer 600.00 DKK (599.95, rounded) in cash")).to_be_visible()


def test_scanned_pieces_are_ticked_and_a_wrong_one_is_said(live_page_of: PageOf, web_shop: WebShop) -> None:
    page = live_page_of("aarhus")
    order_no = delivered(page, web_shop, JUMPER, SCARF)
    open_return(page, order_no)
    ticked = page.locator("input[name=piece]:checked")
    page.keyboard.type(f"{SCARF}\n{JUMPER}\n")
    expect(ticked).to_have_count(2)
    page.keyboard.type(f"{SCARF}\n")
    expect(page.get_by_role("alert")).to_contain_text("is chosen already.")
    expect(ticked).to_have_count(2)


def test_a_return_without_scripts(context_of: ContextOf, page_of: PageOf, web_shop: WebShop) -> None:
    order_no = delivered(page_of("aarhus"), web_shop, JUMPER)
    page = context_of("aarhus", java_script_enabled=False).new_page()
    page.goto("/returns/")
    page.locator("#find").fill(order_no)
    taps.tap(page, "Find")
    hand = Hand(page)
    hand.taps_piece("Wool jumper")
    hand.taps_choice(REGRETTED)
    taps.tap(page, "Show the decision")
    expect(page.locator(".verdict")).to_have_text("The register pays 599.95 DKK")
    assert "csrf" not in page.url
    hand.taps_choice("in cash at the register", "#decision")
    hand.taps_button("Take back")
    expect(page.get_by_text("Give the customer 600.00 DKK (599.95, rounded) in cash")).to_be_visible()


@pytest.fixture
def manager_language(sessions: Callable[[str], LoggedIn]) -> Iterator[Callable[[str], None]]:
    """The language of the manager's screens, until the test ends."""
    yield sessions("manager").speaks
    sessions("manager").speaks("en")


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("da", "dark")])
def test_the_screens_of_returns_can_be_used_by_everybody(
    page_of: PageOf,
    web_shop: WebShop,
    manager_language: Callable[[str], None],
    language: str,
    scheme: str,
) -> None:
    order_no = delivered(page_of("aarhus"), web_shop, JUMPER, SCARF)
    manager_language(language)
    page = page_of("manager", color_scheme=scheme)
    wrong: dict[str, list[str]] = {}

    def look(where: str, selector: str) -> None:
        expect(page.locator(selector).first).to_be_visible()
        expect(page.locator("html")).to_have_attribute("lang", language)
        if found := violations(page):
            wrong[where] = found

    page.goto("/returns/")
    look("nothing looked for", "#find")
    for text, selector in (("øst", ".row"), ("nobody", ".empty"), (web_shop.orders(), ".named")):
        page.goto(f"/returns/?q={text}")
        look(f"looked for {text}", selector)
    open_return(page, order_no)
    look("nothing chosen", ".verdict")
    page.locator(".to-choose > label").last.click()
    look("no reason yet", ".next-step")
    page.locator("label[for^=reason]").filter(visible=True).first.click()
    look("the register pays", ".register button.main")
    page.locator("#overrule summary").click()
    page.locator("label[for=instead-1]").click()
    page.locator("#overrule-reason").fill("No cash")
    look("overruled", ".web-shop button.main")
    page.locator("button.main").click()
    expect(page.locator(".told-customer")).to_be_visible()
    page.locator("#wrong-return summary").click()
    look("taken back", "#why")
    page.locator("h1 a").click()
    look("a part came back", ".came-back-already")
    assert wrong == {}


def _refresh(page: Page) -> None:
    """As the page does by itself when something happened in the shop."""
    with page.expect_response(re.compile("/returns/orders/")):
        page.evaluate("document.body.dispatchEvent(new CustomEvent('portal:changed', { bubbles: true }))")


def _tab_to(page: Page, selector: str) -> None:
    for _tab in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"No Tab leads to {selector}")
