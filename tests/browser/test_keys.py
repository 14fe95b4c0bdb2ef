"""Head office makes a key, sees it once and takes it back; axe looks at the screens of shops."""

from playwright.sync_api import expect

from demo.people import AARHUS
from tests.browser.accessibility import violations
from tests.browser.conftest import PageOf
from tests.browser.running_demo import RunningDemo


def test_a_key_is_shown_once_works_and_is_revoked(page_of: PageOf, demo: RunningDemo) -> None:
    page = page_of("fjord office")

    def answer_to(key: str) -> int:
        headers = {"Authorization": f"ddd_token {key}"}
        return page.request.get(f"{demo.portal}/api/weborder/status/All", headers=headers).status

    page.get_by_role("link", name="Shops", exact=True).click()
    page.get_by_role("link", name="Web shops", exact=True).click()
    page.get_by_role("link", name="fjord", exact=True).click()
    page.get_by_label("What it is for").fill("New shop system")
    page.get_by_role("button", name="Make a key").click()
    key = page.get_by_role("status").locator("code").first.inner_text()
    assert answer_to(key) == 200
    assert violations(page) == []

    page.goto(page.url.removesuffix("keys/"))
    expect(page.get_by_text(key)).to_have_count(0)
    made = page.get_by_role("row").filter(has_text="New shop system")
    made.get_by_role("link", name="Revoke").click()
    expect(page.get_by_text("Last used today")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Revoke it now").click()
    expect(page.get_by_text("opens nothing any more")).to_be_visible()
    assert answer_to(key) == 401


def test_the_screens_of_shops_are_for_everybody(page_of: PageOf) -> None:
    page = page_of("office")
    page.goto("/shops/")
    assert violations(page) == []
    page.get_by_role("link", name=AARHUS.name, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(AARHUS.name)
    assert violations(page) == []
    page.get_by_role("link", name="Change the opening hours").click()
    page.get_by_label("at these times").check()
    page.get_by_text("Save the same times for other shops").click()
    assert violations(page) == []
    page.goto("/shops/holidays/")
    page.get_by_label("the chosen shops").check()
    assert violations(page) == []
