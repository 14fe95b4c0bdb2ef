"""Head office's pages."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from tests.demo.processes import happens

SETTLED_WITHIN = 120  # seconds; nothing is sent while it can be undone, and the machine may be busy
# ms; looking without a pause would be most of the work that the machine has.
LOOK_EVERY = 500
POSTINGS = "section[aria-labelledby=books] li.posting"


@dataclass(frozen=True)
class OrderPage:
    """One order, with its postings and its timeline."""

    page: Page

    def posting(self, kind: str) -> Locator:
        """The posting of this kind: "Sale", "Item transfer"."""
        return self.page.locator(POSTINGS).filter(has=self.page.locator("strong", has_text=kind))

    def states(self) -> list[str]:
        """How far each posting is, in the order of the page."""
        classes = self.page.locator(POSTINGS).evaluate_all("all => all.map(one => one.className)")
        return [str(name).removeprefix("posting ") for name in classes]

    def entry(self, title: str) -> Locator:
        """The entries of the timeline with this title."""
        return self.page.locator(".timeline li").filter(has=self.page.locator("strong", has_text=title))


def open_order(page: Page, order_no: str) -> OrderPage:
    """Found by its OrderNo."""
    page.goto(f"/orders/?q={order_no}")
    page.get_by_role("link", name=order_no, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(order_no)
    return OrderPage(page)


def until_in_ddd(page: Page, order_no: str) -> OrderPage:
    """Reloads until DdD has everything about the order; the page does not refresh itself."""
    return _until(page, order_no, lambda states: set(states) == {"sent"})


def until_ended_as(page: Page, order_no: str, states: list[str]) -> OrderPage:
    """Reloads until its postings have these states, in the order of the page."""
    return _until(page, order_no, lambda found: found == states)


def until_refused(page: Page, order_no: str) -> OrderPage:
    """Reloads until DdD has refused something of it."""
    return _until(page, order_no, lambda states: "rejected" in states)


def _until(page: Page, order_no: str, so_far: Callable[[list[str]], bool]) -> OrderPage:
    shown = open_order(page, order_no)

    def look() -> bool:
        page.wait_for_timeout(LOOK_EVERY)
        page.reload()
        return so_far(shown.states())

    assert happens(look, SETTLED_WITHIN), shown.states()
    return shown
