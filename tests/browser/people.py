"""The demo's people, logged in."""

import re

import httpx2
from playwright.sync_api import BrowserContext

from accounts.demo_secrets import DEMO_PASSWORD
from tests.browser.running_demo import ANSWERS_WITHIN

EMAILS = {
    "aarhus": "aarhus@nordlys.example",
    "manager": "manager@nordlys.example",
    "odense": "odense@nordlys.example",
    "office": "office@nordlys.example",
    "fjord staff": "staff@fjord.example",
    "fjord office": "office@fjord.example",
}
ACCEPT = re.compile(r'action="(/pos/orders/\d+/accept/)"')


class LoggedIn:
    """A session on the server, made without a browser."""

    def __init__(self, portal: str, who: str) -> None:
        self.portal = portal
        self._client = httpx2.Client(
            base_url=portal,
            follow_redirects=True,
            timeout=ANSWERS_WITHIN,
            trust_env=False,
            headers={"Origin": portal},
        )
        self._client.get("/login/").raise_for_status()
        data = {"username": EMAILS[who], "password": DEMO_PASSWORD}
        answer = self._post("/login/", data)
        assert "/login/" not in str(answer.url), f"{who} could not log in"

    def close(self) -> None:
        self._client.close()

    def gives_its_session_to(self, context: BrowserContext) -> None:
        """The browser is logged in from now on."""
        for cookie in self._client.cookies.jar:
            context.add_cookies([{"name": cookie.name, "value": cookie.value or "", "url": self.portal}])

    def takes_every_new_order(self) -> None:
        """Takes all new orders of the shop, so that nothing blinks."""
        while paths := ACCEPT.findall(self._client.get("/pos/").raise_for_status().text):
            for path in paths:
                self._post(path)

    def speaks(self, language: str) -> None:
        """They choose the language of their screens."""
        self._post("/language/", {"language": language})

    def logs_out(self) -> None:
        """Ends their session on the server; the browser does not know it."""
        self._post("/logout/")

    def _post(self, path: str, data: dict[str, str] | None = None) -> httpx2.Response:
        token = self._client.cookies.get("csrftoken") or ""
        answer = self._client.post(path, data={**(data or {}), "csrfmiddlewaretoken": token})
        return answer.raise_for_status()
