"""`python -m tests.browser.pictures`: takes the README's pictures from a demo of their own."""

import sys
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from demo.options import ROOT
from demo.people import AARHUS, KOEBENHAVN, ODENSE, DemoShop
from tests.browser import taps
from tests.browser.accessibility import BRIGHT, STAND_STILL
from tests.browser.chromium import PATIENCE, context_for, launch
from tests.browser.office import until_in_ddd
from tests.browser.people import LoggedIn
from tests.browser.running_demo import RunningDemo
from tests.browser.web_shop import WebShop

FOLDER = ROOT / "docs" / "pictures"
LARGEST = 150_000  # bytes
COLORS = 256
SOMEWHERE_QUIET = 410, 1170

JUMPER, JACKET, JEANS, SHIRT, SCARF, CAP, MITTENS, BLANKET, MUGS = (
    *(100001, 100010, 100018, 100025, 100039, 100041, 100043, 100048, 100053),
)
PRICES = {
    JUMPER: 599.95,
    JACKET: 979.95,
    JEANS: 489.95,
    SHIRT: 369.95,
    SCARF: 219.95,
    CAP: 149.95,
    MITTENS: 139.95,
    BLANKET: 549.95,
    MUGS: 179.95,
}
AASE = "Åse Øst#Søndergade 7#8000 Aarhus C"
SOEREN = "Søren Ågård#Æblevej 12#8200 Aarhus N"
NOOR = "Noor Hansen#Nørrebrogade 101#2200 København N"
BJOERN = "Bjørn Kærgaard#Strandvejen 88, 2. tv#8000 Aarhus C"
SOFIE = "Sofie Bæk Nielsen#Skovløkken 5#5230 Odense M"
MAJA = "Maja Thygesen#c/o Jørgensen#Trøjborgvej 14, st.#8200 Aarhus N"


@dataclass(frozen=True)
class Planned:
    """An order of the pictures, and how far it gets: new, picking, ready or delivered."""

    order_no: str
    receiver: str
    variants: tuple[int, ...]
    shop: DemoShop = AARHUS
    reaches: str = "delivered"
    paid: bool = True
    member: int = 0
    notes: str = ""  # of its first piece


BEFORE = (
    Planned("W-10218", SOFIE, (SHIRT, JEANS), ODENSE),
    Planned("W-10219", NOOR, (MUGS,), KOEBENHAVN, "new", member=100044),
    Planned("W-10220", SOEREN, (JACKET,), member=100043),
    Planned("W-10221", BJOERN, (JUMPER, SCARF, CAP)),
    Planned("W-10222", MAJA, (BLANKET,), ODENSE, "ready"),
    Planned("W-10223", AASE, (MITTENS, SCARF), reaches="ready", member=100042),
    Planned("W-10224", SOFIE, (CAP,), ODENSE, "new"),
    Planned("W-10225", MAJA, (JEANS, SHIRT), reaches="ready", paid=False),
    Planned("W-10226", NOOR, (BLANKET, MUGS), KOEBENHAVN, "new"),
    Planned("W-10227", BJOERN, (SHIRT,), reaches="picking"),
)
PICKED_NOW = Planned(
    "W-10228",
    AASE,
    (JUMPER, SCARF, MITTENS),
    reaches="picking",
    member=100042,
    notes="Gave: pak den pænt ind",
)
NEW = (
    Planned("W-10229", SOEREN, (CAP,), reaches="new", member=100043),
    Planned("W-10230", MAJA, (JACKET, MITTENS), reaches="new", paid=False),
    Planned("W-10231", AASE, (JUMPER, SCARF, CAP), reaches="new", member=100042),
    Planned("W-10232", NOOR, (BLANKET,), reaches="new", member=100044),
    Planned("W-10233", SOFIE, (SHIRT, JEANS), reaches="new"),
    Planned("W-10234", BJOERN, (MUGS, MITTENS, SCARF), reaches="new"),
)
SHOWN_TO_THE_OFFICE = "W-10220"
BROUGHT_BACK = "W-10221"


def main() -> int:
    """Writes all pictures; 1 when one is too large."""
    expect.set_options(timeout=PATIENCE)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with RunningDemo() as demo, sync_playwright() as playwright:
        browser = launch(playwright)
        web_shop = WebShop(demo.portal)
        aarhus, odense, office = (_home(browser, demo, who) for who in ("aarhus", "odense", "office"))
        for planned in BEFORE:
            _order(web_shop, planned)
            _walk(odense if planned.shop == ODENSE else aarhus, planned)
        _order(web_shop, PICKED_NOW)
        taps.take(aarhus, PICKED_NOW.order_no)
        for planned in NEW:
            _order(web_shop, planned)
        pictures = [
            _of_the_order(aarhus),
            _of_the_queue(aarhus),
            _of_a_return(aarhus),
            _of_the_overview(office),
            _of_the_office_s_list(office),
            _of_the_office_s_order(office, demo),
        ]
        web_shop.close()
        browser.close()
    for picture in pictures:
        sys.stdout.write(f"{picture.relative_to(ROOT)}  {picture.stat().st_size // 1000} kB\n")
    return int(any(picture.stat().st_size > LARGEST for picture in pictures))


def _home(browser: Browser, demo: RunningDemo, who: str) -> Page:
    context = context_for(browser, demo.portal, who)
    session = LoggedIn(demo.portal, who)
    session.gives_its_session_to(context)
    session.close()
    page = context.new_page()
    page.goto("/")
    return page


def _order(web_shop: WebShop, planned: Planned) -> None:
    web_shop.orders(
        *planned.variants,
        order_no=planned.order_no,
        shop=planned.shop.shop_id,
        receiver=planned.receiver,
        paid=planned.paid,
        member=planned.member,
        notes=planned.notes,
        prices=PRICES,
    )


def _walk(page: Page, planned: Planned) -> None:
    if planned.reaches == "picking":
        taps.take(page, planned.order_no)
    elif planned.reaches == "ready":
        taps.make_ready(page, planned.order_no, *planned.variants)
    elif planned.reaches == "delivered":
        taps.deliver(page, planned.order_no, *planned.variants)


def _of_the_order(page: Page) -> Path:
    taps.open_order(page, PICKED_NOW.order_no, "picking")
    taps.pick(page, JUMPER)
    expect(page.locator("#code")).to_be_focused()
    return _take(page, "pos-order")


def _of_the_queue(page: Page) -> Path:
    page.goto("/pos/")
    expect(taps.row(page, NEW[-1].order_no)).to_be_visible()
    page.mouse.click(*SOMEWHERE_QUIET)  # one tap anywhere lets the tablet sound
    expect(page.get_by_text("Sound is off")).to_be_hidden()
    return _take(page, "pos-queue")


def _of_a_return(page: Page) -> Path:
    page.goto("/returns/")
    page.keyboard.type(BROUGHT_BACK)
    page.keyboard.press("Enter")
    page.locator(".to-choose > label").filter(has_text=str(PRICES[JUMPER])).click()
    page.get_by_text("Passer ikke", exact=True).filter(visible=True).click()
    page.get_by_text("in cash at the register", exact=True).click()
    expect(page.get_by_role("button", name="Take back")).to_be_enabled()
    return _take(page, "pos-return")


def _of_the_overview(page: Page) -> Path:
    page.goto("/orders/dashboard/")
    return _take(page, "office-overview")


def _of_the_office_s_list(page: Page) -> Path:
    page.goto("/orders/")
    return _take(page, "office-orders")


def _of_the_office_s_order(page: Page, demo: RunningDemo) -> Path:
    demo.ends_undo(SHOWN_TO_THE_OFFICE)
    until_in_ddd(page, SHOWN_TO_THE_OFFICE)
    return _take(page, "office-order")


def _take(page: Page, name: str) -> Path:
    if page.locator("#topbar").count():
        expect(page.locator("html")).to_have_attribute("data-live", "live")
        page.evaluate(STAND_STILL, BRIGHT)
    picture = FOLDER / f"{name}.png"
    with Image.open(BytesIO(page.screenshot())) as shot:
        shot.convert("RGB").quantize(COLORS, dither=Image.Dither.NONE).save(picture, optimize=True)
    return picture


if __name__ == "__main__":
    sys.exit(main())
