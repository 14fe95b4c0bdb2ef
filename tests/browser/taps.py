"""What a person in a shop does on their tablet, by the names of the buttons."""

from playwright.sync_api import Locator, Page, expect

STEPS = ("New", "Picking", "Ready", "Delivered")


def row(page: Page, order_no: str) -> Locator:
    """The order in the queue."""
    return page.get_by_role("listitem").filter(has=page.get_by_text(order_no, exact=True))


def piece(page: Page, variant_id: int) -> Locator:
    """The first such piece on the order's page."""
    return page.locator("li.piece").filter(has_text=str(variant_id)).first


def tap(page: Page, name: str) -> None:
    """The button with exactly this name."""
    page.get_by_role("button", name=name, exact=True).click()


def phase(page: Page) -> Locator:
    """The word beside the OrderNo."""
    return page.get_by_role("heading", level=1).locator(".phase")


def open_order(page: Page, order_no: str, tab: str = "new") -> None:
    """From the queue to the order's page."""
    page.goto(f"/pos/?tab={tab}")
    page.get_by_role("link").filter(has_text=order_no).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(order_no)


def take(page: Page, order_no: str) -> None:
    """ "I have it", in the queue; afterwards the order's page is open."""
    page.goto("/pos/")
    row(page, order_no).get_by_role("button", name="I have it", exact=True).click()
    expect(phase(page)).to_have_text("Picking")
    expect(page.get_by_role("heading", level=1)).to_contain_text(order_no)


def type_code(page: Page, code: str) -> None:
    """As a hand scanner does: the code, then Enter."""
    page.locator("#code").press_sequentially(code)
    page.keyboard.press("Enter")


def pick(page: Page, *variants: int) -> None:
    """Picks a piece of each, by tap."""
    for variant in variants:
        piece(page, variant).get_by_role("button", name="Pick", exact=True).click()
        expect(piece(page, variant)).to_contain_text("Picked")


def make_ready(page: Page, order_no: str, *variants: int) -> None:
    """From new to ready, by taps."""
    take(page, order_no)
    pick(page, *variants)
    tap(page, "Order picked")
    expect(phase(page)).to_have_text("Ready")


def deliver(page: Page, order_no: str, *variants: int) -> None:
    """From new to handed over, by taps."""
    make_ready(page, order_no, *variants)
    tap(page, "Deliver")
    expect(phase(page)).to_have_text("Delivered")
