"""One demo for all browser tests, and people with screens. No test here touches the database."""

from collections.abc import Callable, Generator, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from tests.browser.chromium import PATIENCE, context_for, launch
from tests.browser.people import LoggedIn
from tests.browser.running_demo import RunningDemo
from tests.browser.web_shop import WebShop

SHOPS = ("aarhus", "odense", "fjord staff")
expect.set_options(timeout=PATIENCE)

PageOf = Callable[..., Page]
ContextOf = Callable[..., BrowserContext]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser; each person gets a context of their own."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def demo(request: pytest.FixtureRequest) -> Iterator[RunningDemo]:
    """Without made-up orders. At the end it must stop cleanly and have logged no unexpected exception."""
    with RunningDemo() as running:
        request.config.stash[DEMO] = running
        yield running
        assert running.broken() == []
        assert running.stop() == 0


DEMO = pytest.StashKey[RunningDemo]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failed test shows the demo's output."""
    report = yield
    running = item.config.stash.get(DEMO, None)
    if report.failed and running:
        report.sections.append(("the demo's logs", running.logs()))
    return report


@pytest.fixture
def refusing_ddd(demo: RunningDemo) -> Iterator[RunningDemo]:
    """DdD refuses every sale, until the test ends or says otherwise."""
    demo.ddd_refuses_sales()
    yield demo
    demo.ddd_is_well()


@pytest.fixture(scope="session")
def sessions(demo: RunningDemo) -> Iterator[Callable[[str], LoggedIn]]:
    """Everybody's session, logged in once for all tests."""
    known: dict[str, LoggedIn] = {}

    def session_of(who: str) -> LoggedIn:
        if who not in known:
            known[who] = LoggedIn(demo.portal, who)
        return known[who]

    yield session_of
    for session in known.values():
        session.close()


@pytest.fixture(autouse=True)
def nothing_is_new(sessions: Callable[[str], LoggedIn]) -> None:
    """Takes all orders that other tests left in the queues, so that only this test's orders blink."""
    for who in SHOPS:
        sessions(who).takes_every_new_order()


@pytest.fixture(scope="session")
def web_shop(demo: RunningDemo) -> Iterator[WebShop]:
    """Orders through the Public API."""
    shop = WebShop(demo.portal)
    yield shop
    shop.close()


@pytest.fixture
def context_of(
    demo: RunningDemo, sessions: Callable[[str], LoggedIn], chromium: Browser
) -> Iterator[ContextOf]:
    """`context_of("aarhus")` is their browser; `session` is another than the one that all tests share, and
    options are Playwright's."""
    complaints: list[str] = []
    opened: list[BrowserContext] = []

    def make(who: str = "", *, session: LoggedIn | None = None, **options: Any) -> BrowserContext:
        context = context_for(chromium, demo.portal, who, **options)
        opened.append(context)
        if who:
            (session or sessions(who)).gives_its_session_to(context)
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        context.on("console", lambda message: complaints.extend(_breach(message)))
        return context

    yield make
    for context in opened:
        context.close()
    assert complaints == [], "the browser met errors in our scripts, or things that our policy forbids"


@pytest.fixture
def page_of(context_of: ContextOf) -> PageOf:
    """`page_of("aarhus")` is a page in a browser of its own, at their home."""

    def open_page(who: str, *, session: LoggedIn | None = None, **options: Any) -> Page:
        page = context_of(who, session=session, **options).new_page()
        page.goto("/")
        return page

    return open_page


@pytest.fixture
def live_page_of(page_of: PageOf) -> PageOf:
    """The same, once it is live."""

    def open_page(who: str, **options: Any) -> Page:
        page = page_of(who, **options)
        expect(page.locator("html")).to_have_attribute("data-live", "live")
        return page

    return open_page


def _breach(message: ConsoleMessage) -> list[str]:
    return [message.text] if "Content Security Policy" in message.text else []
