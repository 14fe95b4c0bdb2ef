"""Every screen in Danish and in English, in light and dark, against WCAG 2.2 AA."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from accounts.demo_secrets import FJORD_KEY
from demo.people import FJORD
from tests.browser import taps
from tests.browser.accessibility import CALM, violations
from tests.browser.conftest import PageOf
from tests.browser.office import open_order, until_refused
from tests.browser.people import LoggedIn
from tests.browser.running_demo import RunningDemo
from tests.browser.web_shop import WebShop

FJORD_SHOP = FJORD.shops[0].shop_id
JUMPER, THERMOS = 100001, 100005
PHONE = 390

SENT_WITHOUT_OUR_SCRIPTS = """form => {
  const own = form.cloneNode(true); // a refresh may take the form itself away
  document.body.append(own);
  own.submit();
}"""


@dataclass(frozen=True)
class Reading:
    """A language and a colour scheme, with words that show which language it is."""

    language: str
    scheme: str
    log_in: str
    i_have_it: str
    orders: str


READINGS = (
    Reading("en", "light", "Log in", "I have it", "Orders"),
    Reading("da", "dark", "Log ind", "Jeg tager den", "Ordrer"),
)


@pytest.fixture(params=READINGS, ids=lambda reading: f"{reading.language}-{reading.scheme}")
def reading(request: pytest.FixtureRequest, sessions: Callable[[str], LoggedIn]) -> Iterator[Reading]:
    """The people of Fjord read like this; no other test looks at their language."""
    read: Reading = request.param
    for who in ("fjord staff", "fjord office"):
        sessions(who).speaks(read.language)
    yield read
    for who in ("fjord staff", "fjord office"):
        sessions(who).speaks("en")


class Walk:
    """Visits screens and collects what is wrong on each."""

    def __init__(self, page: Page, reading: Reading) -> None:
        self.page, self.reading = page, reading
        self.wrong: dict[str, list[str]] = {}

    def look(self, where: str, **how: int) -> None:
        """Collects what axe finds here, and how much too wide it is for a phone; checks its language."""
        expect(self.page.locator("html")).to_have_attribute("lang", self.reading.language)
        if found := violations(self.page, **how):
            self.wrong[where] = found
        if wide := _wider_than(self.page, PHONE):
            self.wrong[f"{where}, on a phone"] = wide

    def does(self, action: str) -> None:
        """Presses the first button that posts to this action, whatever its name is here."""
        self.page.locator(f'form[action$="/{action}/"] button').first.click()

    def found_nothing(self) -> None:
        """Fails if anything was collected."""
        assert self.wrong == {}

    def has(self, count: int, selector: str) -> None:
        """Waits until so many of these are on the page."""
        expect(self.page.locator(selector)).to_have_count(count)


def _wider_than(page: Page, width: int) -> list[str]:
    """What makes one scroll sideways on a screen of this width: each element with where it ends."""
    before = page.viewport_size
    assert before
    page.set_viewport_size({"width": width, "height": before["height"]})
    found: list[str] = page.evaluate(WIDER)
    page.set_viewport_size(before)
    return found


# Chromium 156 sometimes keeps the rules for the old width on a row that was swapped in: the style sheets are
# taken off and put on again.
WIDER = """() => {
  for (const off of [true, false]) {
    for (const sheet of document.styleSheets) sheet.disabled = off;
    document.documentElement.getBoundingClientRect();
  }
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= room) return [];
  const ends = [...document.querySelectorAll("body *")]
    .map(one => [one, one.getBoundingClientRect().right]).filter(([, right]) => right > room);
  return ends.map(([one, right]) => `${one.outerHTML.slice(0, 120)} ends at ${right}`);
}"""


def test_the_login_can_be_used_by_everybody(page_of: PageOf, reading: Reading) -> None:
    page = page_of("", locale=reading.language, color_scheme=reading.scheme)
    walk = Walk(page, reading)
    expect(page.get_by_role("heading", level=1)).to_have_text(reading.log_in)
    walk.look("the login")
    page.locator("#id_username").fill("nobody@nordlys.example")
    page.locator("#id_password").fill("wrong")
    page.locator("button.main").click()
    walk.has(1, "main .refusal")
    walk.look("the login that was refused")
    walk.found_nothing()


def test_the_shops_screens_can_be_used_by_everybody(
    live_page_of: PageOf, web_shop: WebShop, reading: Reading
) -> None:
    page = live_page_of("fjord staff", color_scheme=reading.scheme)
    walk = Walk(page, reading)
    walk.look("an empty queue")
    order_no = web_shop.orders(JUMPER, THERMOS, shop=FJORD_SHOP, key=FJORD_KEY, paid=False, notes="Gave")
    expect(taps.row(page, order_no).get_by_role("button")).to_have_text(reading.i_have_it)
    walk.look("the queue while the bar is bright")
    walk.look("the queue while the bar is calm", moment=CALM)
    taps.open_order(page, order_no)
    walk.look("a new order")
    walk.does("accept")
    walk.has(1, "#code")
    page.locator("summary").first.click()
    walk.look("the menu")
    page.locator("summary").first.click()

    taps.type_code(page, "0000")
    walk.has(1, "#refusal .refusal")
    walk.look("a wrong item")
    walk.does("pick")
    walk.has(1, ".piece.picked")
    page.locator(".piece.reserved form.missing button").click()
    walk.has(1, ".piece.missing")
    page.locator("summary").last.click()
    walk.look("an order with all pieces decided")
    for tab in ("picking", "ready", "done"):
        page.goto(f"/pos/?tab={tab}")
        walk.look(f"the queue, {tab}")
    taps.open_order(page, order_no, "picking")
    walk.does("finish")
    walk.has(1, "form.hand-over")
    page.locator("label[for=way-send]").click()
    walk.look("a ready order that is sent")
    page.locator("label[for=way-hand-over]").click()
    page.locator("label[for=paid-cash]").click()
    page.locator("#somebody-else summary").click()
    walk.look("a ready order that is handed over")
    page.goto("/pos/?tab=ready")
    walk.look("the queue with a ready order")
    taps.open_order(page, order_no, "ready")
    page.locator("label[for=paid-cash]").click()
    _send_it(page)
    walk.has(0, "form.hand-over")
    walk.look("a delivered order")
    page.goto("/pos/?tab=done")
    walk.look("the queue with a delivered order")
    page.goto("/nowhere/")
    walk.look("nothing here")
    walk.found_nothing()


def test_a_cancelled_order_and_a_refusal_of_its_own_page_can_be_read_by_everybody(
    page_of: PageOf, web_shop: WebShop, reading: Reading
) -> None:
    order_no = web_shop.orders(shop=FJORD_SHOP, key=FJORD_KEY)
    page = page_of("fjord staff", color_scheme=reading.scheme)
    walk = Walk(page, reading)
    taps.open_order(page, order_no)
    walk.does("accept")
    walk.has(1, "form.missing")
    page.locator("form.scan").evaluate(SENT_WITHOUT_OUR_SCRIPTS)
    walk.has(0, "#topbar")
    walk.look("a refusal of its own page")
    page.locator("main a").click()
    page.locator("form.missing button").click()
    walk.has(1, "form.next p")
    walk.look("an order of which no piece was found")
    walk.does("finish")
    walk.has(0, "form.next")
    walk.look("a cancelled order")
    walk.found_nothing()


def test_head_offices_screens_can_be_used_by_everybody(
    page_of: PageOf, web_shop: WebShop, refusing_ddd: RunningDemo, reading: Reading
) -> None:
    order_no = web_shop.orders(shop=FJORD_SHOP, key=FJORD_KEY)
    staff = page_of("fjord staff")
    taps.open_order(staff, order_no)
    for button in ("accept/'] .main", "pick/'] .pick", "finish/'] .main"):
        staff.locator(f"form[action$='/{button}").click()
    _send_it(staff)
    expect(staff.locator("form.hand-over")).to_have_count(0)

    page = page_of("fjord office", color_scheme=reading.scheme)
    walk = Walk(page, reading)
    expect(page.locator("#board")).to_be_visible()
    walk.look("the overview")
    page.goto("/orders/")
    expect(page.get_by_role("heading", level=1)).to_have_text(reading.orders)
    walk.look("all orders")
    page.goto("/orders/?q=nothing-like-this&status=lost")
    walk.look("a list without orders, and a filter that does not exist")
    refusing_ddd.ends_undo(order_no)
    until_refused(page, order_no)
    for details in page.locator(".timeline details").all():
        details.locator("summary").click()
    walk.look("an order with a refused sale")
    page.goto("/orders/attention/")
    expect(page.get_by_text(order_no, exact=True)).to_be_visible()
    walk.look("what needs attention")
    refusing_ddd.ddd_is_well()
    decide = page.locator("form.decide")
    while number := decide.count():  # what is refused a moment later comes in beside it
        with page.expect_navigation():
            decide.locator("button").first.click()
        assert number < 10
    walk.has(0, "form.decide")
    walk.look("nothing needs attention")
    page.goto("/orders/policies/")
    walk.look("the policies")
    page.goto("/returns/policy/")
    walk.look("the return policy")
    page.goto("/returns/refunds/")
    walk.look("the refunds")
    open_order(page, order_no)
    walk.look("an order whose sale is mended")
    page.goto("/orders/999999999/")
    walk.look("nothing here")
    walk.found_nothing()


def _send_it(page: Page) -> None:
    """Fjord asks whoever collects for the pick-up code; a carrier needs none."""
    page.locator("label[for=way-send]").click()
    page.locator("#delivery-no").fill("NO-4711")
    page.locator("form.hand-over button.main").click()
