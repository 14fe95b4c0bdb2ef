"""One tablet for all people of a shop: who it is by PIN, and whose name an action carries."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser import taps
from tests.browser.accessibility import violations
from tests.browser.conftest import PageOf
from tests.browser.office import open_order as open_at_head_office
from tests.browser.people import LoggedIn
from tests.browser.running_demo import RunningDemo
from tests.browser.web_shop import WebShop

FREJA, MADS, EMIL = "Freja Sørensen", "Mads Lindholm", "Emil Kjær"
PINS = {FREJA: "2468", MADS: "1357", EMIL: "9753"}


TabletOf = Callable[..., Page]


@pytest.fixture
def tablet_of(demo: RunningDemo, live_page_of: PageOf) -> Iterator[TabletOf]:
    """`tablet_of("aarhus")` has a log-in of its own, so that other tests do not see who works there."""
    sessions: list[LoggedIn] = []

    def open_page(who: str, **options: str) -> Page:
        sessions.append(LoggedIn(demo.portal, who))
        return live_page_of(who, session=sessions[-1], **options)

    yield open_page
    for session in sessions:
        session.close()


def expect_person(page: Page, name: str) -> None:
    expect(page.locator("#person-name")).to_have_text(name)


def ask_who(page: Page) -> None:
    """From the person's menu to the people of the shop."""
    page.locator("#person-name").click()
    page.locator("#person").get_by_role("link", name="Who is it?").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Who is it?")


def say(page: Page, name: str, pin: str) -> None:
    page.get_by_role("main").get_by_role("link", name=name).click()
    expect(page.get_by_label("PIN")).to_be_focused()
    page.get_by_label("PIN").fill(pin)
    taps.tap(page, "It is me")


def test_people_share_the_tablet_by_pin_and_head_office_sees_who_did_what(
    tablet_of: TabletOf, page_of: PageOf, web_shop: WebShop
) -> None:
    first, second = web_shop.orders(), web_shop.orders()
    page = tablet_of("aarhus")
    expect_person(page, FREJA)
    ask_who(page)
    say(page, MADS, PINS[MADS])
    expect_person(page, MADS)
    taps.take(page, first)

    page.locator("#person-name").click()
    taps.tap(page, "Done")
    expect_person(page, "Who is it?")
    page.goto("/pos/")
    taps.row(page, second).get_by_role("button", name="I have it", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Who is it?")
    say(page, FREJA, PINS[FREJA])
    expect(page).to_have_url(re.compile(r"/pos/$"))
    expect_person(page, FREJA)
    taps.take(page, second)

    office = page_of("office")
    for order_no, name in ((first, MADS), (second, FREJA)):
        open_at_head_office(office, order_no)
        expect(office.locator(".timeline .by-person").filter(has_text="Taken")).to_contain_text(name)


def test_a_wrong_pin_says_so_empties_its_field_and_the_fifth_locks_it(tablet_of: TabletOf) -> None:
    page = tablet_of("odense")
    ask_who(page)
    page.get_by_role("main").get_by_role("link", name=EMIL).click()
    field = page.get_by_label("PIN")
    for left in ("4 tries are left", "3 tries are left", "2 tries are left", "1 try is left", "locked until"):
        expect(field).to_be_focused()
        page.keyboard.type("9999")
        page.keyboard.press("Enter")
        expect(page.locator("#refusal")).to_contain_text(left)
        expect(page.locator('input[name="pin"][value]')).to_have_count(0)
    expect(page.get_by_role("main").locator(".refusal")).to_contain_text(re.compile(r"until \d\d:\d\d"))
    page.goto("/pos/")
    expect_person(page, EMIL)


def test_somebody_else_can_enter_a_pin_by_keyboard_alone(tablet_of: TabletOf) -> None:
    page = tablet_of("aarhus")
    page.goto("/pos/who/")
    _scripts_run(page)
    _tab_to(page, MADS)
    page.keyboard.press("Enter")
    expect(page.get_by_label("PIN")).to_be_focused()
    _scripts_run(page)
    page.keyboard.type("1350")
    page.keyboard.press("Enter")
    expect(page.locator("#refusal")).to_contain_text("not the PIN of Mads Lindholm")
    expect(page.get_by_label("PIN")).to_be_focused()
    expect(page.get_by_label("PIN")).to_have_value("")
    page.keyboard.type(PINS[MADS])
    page.keyboard.press("Enter")
    expect_person(page, MADS)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_screens_of_the_switch_can_be_used_by_everybody(tablet_of: TabletOf, scheme: str) -> None:
    page = tablet_of("aarhus", color_scheme=scheme)
    wrong = {}
    ask_who(page)
    wrong["who"] = violations(page)
    page.get_by_role("main").get_by_role("link", name=MADS).click()
    expect(page.get_by_label("PIN")).to_be_focused()
    wrong["the PIN"] = violations(page)
    page.keyboard.type("0000")
    page.keyboard.press("Enter")
    expect(page.locator("#refusal")).to_contain_text("not the PIN")
    wrong["a wrong PIN"] = violations(page)
    page.goto("/pos/pin/")
    expect(page.get_by_label("Your password")).to_be_focused()
    wrong["a PIN of their own"] = violations(page)
    page.goto("/pos/offline/")
    wrong["no network"] = violations(page)
    page.goto("/pos/who/")
    say(page, MADS, PINS[MADS])
    expect(page).to_have_url(re.compile(r"/pos/$"))
    expect_person(page, MADS)
    page.locator("#person-name").click()
    wrong["the menu of who stands there"] = violations(page)
    assert {where: found for where, found in wrong.items() if found} == {}


def _scripts_run(page: Page) -> None:
    """Before that a form is sent as without JavaScript, which is another test's business."""
    expect(page.locator("html")).to_have_attribute("data-live", "live")
    expect(page.locator(".htmx-settling")).to_have_count(0)


def _tab_to(page: Page, name: str) -> None:
    for _tab in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.innerText.trim()") == name:
            return
    raise AssertionError(f"No Tab leads to {name}")
