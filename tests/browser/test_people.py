"""Head office invites somebody by mail; they come in, set up their second factor and log in with its code."""

import re
from uuid import uuid4

from playwright.sync_api import BrowserContext, Page, expect

from tests.accounts.codes import code_now
from tests.browser.accessibility import violations
from tests.browser.conftest import ContextOf, PageOf
from tests.browser.mailbox import mail_to
from tests.browser.running_demo import RunningDemo

SENTENCE = "fjorten blå cykler i regn"


def test_an_invited_person_logs_in_with_a_code(
    demo: RunningDemo, page_of: PageOf, context_of: ContextOf
) -> None:
    address = f"ny.{uuid4().hex[:8]}@fjord.example"
    office = page_of("fjord office")
    office.get_by_role("link", name="People").click()
    office.get_by_role("link", name="Invite somebody").click()
    office.get_by_label("E-mail").fill(address)
    office.get_by_label("Name").fill("Ny Kontor")
    office.get_by_label("Head office").check()
    office.get_by_role("button", name="Send the invitation").click()
    expect(office.get_by_role("heading", name="Ny Kontor")).to_contain_text("Invited")
    assert violations(office) == []

    theirs = context_of("", viewport={"width": 1280, "height": 800})
    new = _comes_in(theirs, demo, address)
    secret = _sets_up(new)
    office.reload()
    expect(office.get_by_role("heading", name="Ny Kontor")).not_to_contain_text("Invited")
    expect(office.get_by_text("On: logging in takes a code from an app as well.")).to_be_visible()
    assert violations(office) == []

    new.get_by_text("Ny Kontor").click()
    new.get_by_role("button", name="Log out").click()
    new.get_by_label("E-mail").fill(address)
    new.get_by_label("Password").fill(SENTENCE)
    new.get_by_role("button", name="Log in").click()
    expect(new.get_by_role("heading", name="Your second factor")).to_be_visible()
    assert violations(new) == []
    new.get_by_label("Code").fill(code_now(secret, good_for=20))
    new.get_by_role("button", name="Log in").click()
    expect(new).to_have_url(re.compile("/orders/dashboard/$"))

    office.get_by_role("button", name="Deactivate").click()
    expect(office.get_by_role("heading", name="Ny Kontor")).to_contain_text("Deactivated")
    new.reload()
    expect(new).to_have_url(re.compile("/login/"))


def _comes_in(context: BrowserContext, demo: RunningDemo, address: str) -> Page:
    """With the link of their mail and a password of their own."""
    body = mail_to(demo.mails, address).get_body(("plain",))
    assert body is not None
    link = re.search(r"/password/\S+/", body.get_content())
    assert link is not None
    page = context.new_page()
    page.goto(link[0])
    expect(page.get_by_role("heading", name="Welcome, Ny Kontor")).to_be_visible()
    assert violations(page) == []
    page.get_by_label("Password").fill(SENTENCE)
    page.get_by_label("The same once more").fill(SENTENCE)
    page.get_by_role("button", name="Save it and log in").click()
    expect(page).to_have_url(re.compile("/orders/dashboard/$"))
    return page


def _sets_up(page: Page) -> str:
    """Switches the second factor on; returns its secret."""
    page.get_by_text("Ny Kontor").click()
    page.get_by_role("link", name="Your second factor").click()
    page.get_by_role("link", name="Set it up").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Set up your second factor")
    assert violations(page) == []
    secret = page.locator("code").inner_text()
    page.get_by_label("Code").fill(code_now(secret, good_for=20))
    page.get_by_role("button", name="Switch it on").click()
    expect(page.locator(".codes code")).to_have_count(10)
    assert violations(page) == []
    page.get_by_role("link", name="I have kept them").click()
    return secret
