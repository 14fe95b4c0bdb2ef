"""A list as a file: a short one at once, a long one from a worker while its bar renews itself."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from demo.people import KOEBENHAVN
from tests.browser.accessibility import violations
from tests.browser.conftest import PageOf
from tests.browser.web_shop import WebShop


def downloaded(page: Page, role: str, name: str) -> Path:
    """The file that comes when this is tapped."""
    with page.expect_download() as download:
        page.get_by_role(role, name=re.compile(name)).first.click()  # type: ignore[arg-type]
    return Path(download.value.path())


def test_a_list_is_exported_at_once_or_by_a_worker(page_of: PageOf, web_shop: WebShop) -> None:
    numbers = [web_shop.orders(shop=KOEBENHAVN.shop_id) for _each in range(3)]
    page = page_of("office")
    page.goto(f"/orders/?q={numbers[0]}&col=shop")
    lines = downloaded(page, "button", "^CSV").read_text("utf-8-sig").splitlines()
    assert lines == ["OrderNo,Shop,ShopId", f"{numbers[0]},København,{KOEBENHAVN.shop_id}"]

    page.goto(f"/orders/?shop={KOEBENHAVN.shop_id}&sort=oldest")
    page.get_by_role("button", name=re.compile("^XLSX")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your files")
    row = page.get_by_role("row", name=re.compile("^København"))
    expect(row.get_by_role("link", name=re.compile("^XLSX"))).to_be_visible()
    assert violations(page) == []
    assert downloaded(page, "link", "^XLSX").read_bytes().startswith(b"PK")
