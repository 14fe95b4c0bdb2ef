"""What every answer says a browser may do with it, and that nobody keeps what only some may see."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from core.headers import EVERYWHERE
from tests.core.pages import browser
from tests.factories import Cast, new_order, received
from tests.orders.web_shop import Caller

NO_STORE = "private, no-store"


@pytest.mark.parametrize("path", ["/login/", "/healthz", "/nothing", "/api/nothing", "/static/core/base.css"])
def test_every_answer_has_them(cast: Cast, path: str) -> None:
    answer = Client().get(path)
    assert {name: answer.headers.get(name) for name in EVERYWHERE} == EVERYWHERE


def test_pages_and_answers_that_only_some_may_see_are_kept_nowhere(cast: Cast) -> None:
    order = received(cast, new_order("W-1"))
    pages = {
        "office": ["dashboard", "orders", "attention", "people", "web-shops", "figures"],
        "aarhus": ["pos"],
        "operator": ["admin:index"],
    }
    for who, names in pages.items():
        client = browser(cast, who)
        for name in names:
            answer = client.get(reverse(name))
            assert (answer.status_code, "no-store" in answer.headers["Cache-Control"]) == (200, True), name
    for path in ("/api/weborder/fetch/W-1", "/api/weborder/status/All"):
        assert Caller().get(path).headers["Cache-Control"] == NO_STORE
    assert (
        "no-store" in browser(cast, "office").get(reverse("order", args=[order.pk])).headers["Cache-Control"]
    )


def test_the_browser_forgets_at_the_log_out(cast: Cast) -> None:
    assert browser(cast, "aarhus").post("/logout/").headers["Clear-Site-Data"] == '"cache"'


@pytest.mark.parametrize("typed", ["123456789012", "987654321987654321", "123456789987654321"])
def test_digits_alone_are_no_password(typed: str) -> None:
    with pytest.raises(ValidationError):
        validate_password(typed)
