"""Paper from the tablet without a pop-up, who the member is, and the mail that tells them it is ready."""

from playwright.sync_api import Page, Request, expect

from tests.browser import taps
from tests.browser.conftest import ContextOf, PageOf
from tests.browser.mailbox import code_in_the_picture, mail_about
from tests.browser.office import open_order
from tests.browser.running_demo import RunningDemo
from tests.browser.web_shop import JUMPER, WebShop

AASE = 100042
COUNTS_PRINTS = "window.print = () => { window.top.printed = (window.top.printed ?? 0) + 1; }"
WITHOUT_PDF_IN_FRAMES = (
    "Object.defineProperty(Navigator.prototype, 'pdfViewerEnabled', { get: () => false });"
)


def is_paper(request: Request) -> bool:
    return request.url.endswith(".pdf") or ".pdf?" in request.url


class Watched:
    """A page of which every pop-up and every PDF that it asks for is known."""

    def __init__(self, context_of: ContextOf, script: str) -> None:
        context = context_of("aarhus")
        context.add_init_script(script)
        self.page: Page = context.new_page()
        self.popups: list[Page] = []
        self.asked: list[str] = []
        self.page.on("popup", lambda popup: self.popups.append(popup))
        context.on("request", self._note)

    def _note(self, request: Request) -> None:
        if is_paper(request):
            self.asked.append(request.url)

    @property
    def printed(self) -> int:
        return int(self.page.evaluate("window.printed ?? 0"))

    def until_printed(self, times: int) -> None:
        """Waits until so many prints were begun, and none more."""
        self.page.wait_for_function("times => (window.printed ?? 0) >= times", arg=times)
        assert self.printed == times


def test_a_tap_prints_once_without_a_pop_up_and_is_noted_once(
    context_of: ContextOf, page_of: PageOf, web_shop: WebShop
) -> None:
    order_no = web_shop.orders()
    tablet = Watched(context_of, COUNTS_PRINTS)
    taps.take(tablet.page, order_no)
    for number, name in enumerate(("Pick list", "Address label", "Bag slip"), 1):
        tablet.page.get_by_role("button", name=name, exact=True).click()
        tablet.until_printed(number)
    assert [address.rpartition("/")[2] for address in tablet.asked] == [
        "pick-list.pdf",
        "address-label.pdf",
        "bag-slip.pdf",
    ]
    assert tablet.popups == []
    expect(taps.phase(tablet.page)).to_have_text("Picking")
    office = open_order(page_of("office"), order_no)
    expect(office.entry("Printed")).to_have_count(3)
    expect(office.entry("Printed").filter(has_text="Address label")).to_have_count(1)
    expect(office.page.get_by_text("Reprint")).to_have_count(0)


def test_a_double_tap_is_one_print_and_printing_again_is_a_reprint(
    context_of: ContextOf, page_of: PageOf, web_shop: WebShop
) -> None:
    order_no = web_shop.orders()
    tablet = Watched(context_of, COUNTS_PRINTS)
    taps.take(tablet.page, order_no)
    label = tablet.page.get_by_role("button", name="Address label", exact=True)
    label.dblclick()
    tablet.until_printed(1)
    expect(tablet.page.locator("form[aria-busy]")).to_have_count(0)
    label.click()
    tablet.until_printed(2)
    office = open_order(page_of("office"), order_no)
    expect(office.entry("Printed")).to_have_count(2)
    expect(office.entry("Printed").filter(has_text="Reprint 1")).to_have_count(1)


def test_where_no_frame_shows_a_pdf_it_opens_beside_the_page(
    context_of: ContextOf, page_of: PageOf, web_shop: WebShop
) -> None:
    order_no = web_shop.orders()
    tablet = Watched(context_of, WITHOUT_PDF_IN_FRAMES)
    taps.take(tablet.page, order_no)
    # The new page asks for it a moment after it was opened.
    with tablet.page.context.expect_event("request", is_paper), tablet.page.expect_popup():
        tablet.page.get_by_role("button", name="Bag slip", exact=True).click()
    office = open_order(page_of("office"), order_no)
    expect(office.entry("Printed")).to_have_count(1)


def test_no_paper_is_said_and_the_page_stays(context_of: ContextOf, web_shop: WebShop) -> None:
    order_no = web_shop.orders()
    tablet = Watched(context_of, COUNTS_PRINTS)
    taps.take(tablet.page, order_no)
    tablet.page.route("**/bag-slip.pdf", lambda route: route.abort())
    tablet.page.get_by_role("button", name="Bag slip", exact=True).click()
    expect(tablet.page.locator("#refusal")).not_to_be_empty()
    expect(taps.phase(tablet.page)).to_have_text("Picking")
    assert tablet.printed == 0


def test_labels_of_chosen_ready_orders_are_one_print(context_of: ContextOf, web_shop: WebShop) -> None:
    tablet = Watched(context_of, COUNTS_PRINTS)
    numbers = [web_shop.orders() for _each in range(2)]
    for order_no in numbers:
        taps.make_ready(tablet.page, order_no, JUMPER)
    tablet.page.goto("/pos/?tab=ready")
    for order_no in numbers:
        taps.row(tablet.page, order_no).get_by_role("checkbox").check()
    tablet.page.get_by_role("button", name="Address labels", exact=True).click()
    tablet.until_printed(1)
    assert len(tablet.asked) == 1
    assert tablet.popups == []


def test_the_member_is_shown_as_soon_as_ddd_has_answered(live_page_of: PageOf, web_shop: WebShop) -> None:
    order_no = web_shop.orders(member=AASE)
    page = live_page_of("aarhus")
    taps.take(page, order_no)
    member = page.locator("#member")
    expect(member).to_contain_text("Åse Øst")
    expect(member).to_contain_text("20304050")
    expect(page.get_by_role("heading", level=1)).to_contain_text(order_no)


def test_the_member_is_told_by_mail_with_a_code_that_reads_back(
    page_of: PageOf, web_shop: WebShop, demo: RunningDemo
) -> None:
    order_no = web_shop.orders(member=AASE)
    page = page_of("aarhus")
    taps.make_ready(page, order_no, JUMPER)
    mail = mail_about(demo.mails, order_no)
    assert mail["To"] == "aase.oest@kunde.example"
    text = mail.get_body(("plain",))
    assert text is not None
    code = code_in_the_picture(mail)
    assert len(code) == 6
    assert code in text.get_content()
    expect(page.locator("#member")).to_contain_text("told by mail")
    expect(open_order(page_of("office"), order_no).entry("Mail sent")).to_have_count(1)
