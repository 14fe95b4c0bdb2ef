"""Head office reads its figures: of one shop, as tables, as a file, and on paper."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from demo.people import ODENSE
from tests.browser import taps
from tests.browser.accessibility import violations
from tests.browser.conftest import PageOf
from tests.browser.office import LOOK_EVERY
from tests.browser.web_shop import WebShop
from tests.demo.processes import happens

COUNTED_WITHIN = 120  # seconds


def test_figures_are_filtered_unfolded_kept_as_a_file_and_printed(page_of: PageOf, web_shop: WebShop) -> None:
    web_shop.orders(shop=ODENSE.shop_id)
    page = page_of("office")
    page.get_by_role("link", name="Figures").click()
    page.locator("select[name=shop]").select_option("Odense")
    taps.tap(page, "Show")
    expect(page.get_by_text("Odense, ")).to_be_visible()
    row = page.get_by_role("row", name=re.compile("^Odense"))
    assert happens(lambda: _looked_again(page) and row.count() == 1, COUNTED_WITHIN)
    expect(row.get_by_role("link").nth(1)).to_have_text(re.compile("^[1-9]"))

    chart = page.get_by_role("figure", name="Orders came in")
    expect(chart.get_by_role("table")).to_be_hidden()
    chart.get_by_text("As a table").click()
    expect(chart.get_by_role("row")).to_have_count(14)
    assert violations(page) == []

    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    lines = Path(download.value.path()).read_text("utf-8-sig").splitlines()
    assert [line for line in lines if line.startswith("Shop,Odense,")]

    page.emulate_media(media="print")
    expect(page.get_by_role("navigation", name="Main")).to_be_hidden()
    expect(page.get_by_role("button", name="Show")).to_be_hidden()
    expect(chart).to_be_visible()


def _looked_again(page: Page) -> bool:
    page.wait_for_timeout(LOOK_EVERY)
    page.reload()
    return True
