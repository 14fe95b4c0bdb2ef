"""The system's Chromium, with the screen sizes of shops and head office."""

import os
import shutil
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Playwright, ViewportSize

PATIENCE = 60_000  # ms; the timeout of everything, which a passing test does not need
TABLET: ViewportSize = {"width": 820, "height": 1180}
DESKTOP: ViewportSize = {"width": 1280, "height": 800}
# Each window would load the pages of its address bar: more work than the tests themselves.
NO_ADDRESS_BAR = "--disable-features=WebUIOmniboxPopup,WebUIOmniboxFullPopup,WebUIOmniboxAimPopup"


def launch(playwright: Playwright) -> Browser:
    """What `CHROMIUM` names, or what is installed; nothing is downloaded."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
    return playwright.chromium.launch(executable_path=path, args=[NO_ADDRESS_BAR])


def context_for(browser: Browser, portal: str, who: str, **options: Any) -> BrowserContext:
    """A browser of their own: shops have a tablet, head office a desktop. Options are Playwright's."""
    usual = {
        "base_url": portal,
        "locale": "en-GB",
        "timezone_id": "Europe/Copenhagen",
        "viewport": DESKTOP if "office" in who else TABLET,
    }
    context = browser.new_context(**{**usual, **options})
    context.set_default_timeout(PATIENCE)
    return context
