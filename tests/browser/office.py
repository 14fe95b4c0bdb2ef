"""What head office reads on its desktop."""

from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from tests.demo.processes import happens

IN_DDD_WITHIN = 30  # seconds; the outbox is emptied by a worker on a busy machine


@dataclass(frozen=True)
class OrderPage:
    """One order, with its postings and its timeline."""

    page: Page

    def posting(self, kind: str) -> Locator:
        """The posting of this kind: "Sale", "Item transfer"."""
        return self.page.locator("li.posting").filter(has=self.page.locator("strong", has_text=kind))

    def entry(self, title: str) -> Locator:
        """The entries of the timeline with this title."""
        return self.page.locator(".timeline li").filter(has=self.page.locator("strong", has_text=title))


def order_page(page: Page) -> OrderPage:
    """The order that the page shows."""
    return OrderPage(page)


def open_order(page: Page, order_no: str) -> OrderPage:
    """Found by its OrderNo."""
    page.goto(f"/orders/?q={order_no}")
    page.get_by_role("link", name=order_no, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(order_no)
    return OrderPage(page)


def until(page: Page, order_no: str, outcome: str) -> OrderPage:
    """Looks until every posting of the order has this outcome; this page does not refresh itself."""
    shown = open_order(page, order_no)
    outcomes = page.locator("li.posting .outcome")

    def settled() -> bool:
        page.reload()
        return {text.strip() for text in outcomes.all_inner_texts()} == {outcome}

    assert happens(settled, IN_DDD_WITHIN), outcomes.all_inner_texts()
    return shown


def until_in_ddd(page: Page, order_no: str) -> OrderPage:
    """Looks until DdD has everything about the order."""
    return until(page, order_no, "Sent")
