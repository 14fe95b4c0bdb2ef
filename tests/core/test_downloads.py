"""What every answer has: an id, a policy, and a page of our own when there is nothing or something broke."""

import pytest
from django.test import Client

from tests.core.pages import DANISH, ENGLISH, HTMX, Page, browser
from tests.factories import Cast, received

BROKEN = pytest.mark.urls("tests.core.broken_urls")


@pytest.fixture
def stranger() -> Client:
    """Without a session no page needs the database."""
    return Client(headers=ENGLISH, raise_request_exception=False)


# The request's id


@pytest.mark.parametrize("asked", ["support-4711", "a", "A.b_c-9", "x" * 64])
def test_the_callers_id_comes_back(stranger: Client, asked: str) -> None:
    assert stranger.get("/healthz", headers={"x-request-id": asked})["X-Request-ID"] == asked


@pytest.mark.parametrize("asked", ["", " ", "x" * 65, "a b", "<script>", "ø", "a\nb", "a/b"])
def test_an_id_that_is_none_is_replaced_by_one_of_ours(stranger: Client, asked: str) -> None:
    given = {stranger.get("/healthz", headers={"x-request-id": asked})["X-Request-ID"] for _each in "ab"}
    assert len(given) == 2
    assert all(len(name) == 32 for name in given)


# The policy


def test_nothing_is_loaded_from_elsewhere_and_no_script_stands_in_a_page(stranger: Client) -> None:
    policy = stranger.get("/login/")["Content-Security-Policy"]
    assert policy == (
        "default-src 'self'; img-src 'self' data:; frame-src 'self' blob:; object-src 'none'; "
        "base-uri 'self'; form-action 'self'; frame-ancestors 'self'; manifest-src 'self'"
    )


@BROKEN
@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("get", "/login/", 200),
        ("get", "/healthz", 200),
        ("get", "/pos/", 302),
        ("get", "/language/", 405),
        ("get", "/nowhere/", 404),
        ("get", "/orders", 301),
        ("get", "/api/nothing", 404),
        ("post", "/api/weborder/clickandcollect", 401),
        ("get", "/breaks/", 500),
    ],
)
def test_every_answer_has_its_id_and_its_policy(
    stranger: Client, method: str, address: str, status: int
) -> None:
    answer = getattr(stranger, method)(address, headers={"x-request-id": "mine"})
    assert answer.status_code == status
    assert answer["X-Request-ID"] == "mine"
    assert answer["Content-Security-Policy"].startswith("default-src 'self'")
    assert answer["X-Content-Type-Options"] == "nosniff"


# The address of an action


@pytest.mark.parametrize(
    ("path", "above"),
    [
        ("/orders/attention/1/", "/orders/attention/"),
        ("/orders/attention/rejected/decide/", "/orders/attention/"),
        ("/orders/attention/differences/1/", "/orders/attention/"),
        ("/orders/comparison/again/", "/orders/comparison/"),
        ("/orders/bulk/", "/orders/"),
        ("/returns/refunds/1/close/", "/returns/refunds/"),
        ("/logout/", "/"),
    ],
)
def test_a_browser_that_opens_the_url_of_an_action_is_led_to_the_page_above_it(
    cast: Cast, path: str, above: str
) -> None:
    office = browser(cast, "office", {"accept": "text/html,application/xhtml+xml"})
    answer = office.get(path)
    assert (answer.status_code, answer["Location"]) == (302, above)
    assert answer["Content-Security-Policy"]
    assert browser(cast, "office").get(path).status_code == 405
    assert office.put(path).status_code == 405


# Nothing here


def test_what_is_not_there_is_a_page_of_ours_without_the_database(stranger: Client) -> None:
    answer = stranger.get("/nowhere/")
    page = Page(answer)
    assert answer.status_code == 404
    assert "There is nothing here" in page.text
    assert page.links["To the start"] == "/"
    assert "Her er ikke noget" in Page(stranger.get("/nowhere/", headers=DANISH)).text
    assert page.faults == []


def test_a_page_that_may_not_be_seen_looks_like_a_missing_one(cast: Cast) -> None:
    order, client = received(cast), browser(cast, "odense")
    hidden = client.get(f"/pos/orders/{order.pk}/")
    absent = client.get("/pos/orders/99999/")
    assert hidden.status_code == absent.status_code == 404
    assert Page(hidden).text == Page(absent).text


# Something broke


@BROKEN
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_what_broke_is_a_page_of_ours_that_tells_the_id_and_no_secret(
    stranger: Client, headers: dict[str, str]
) -> None:
    answer = stranger.get("/breaks/", headers={**headers, "x-request-id": "call-7"})
    page = Page(answer)
    assert answer.status_code == 500
    assert "Something broke on our side" in page.text
    assert "tell your head office this number: call-7" in page.text
    assert page.links["To the start"] == "/"
    assert b"secret" not in answer.content
    assert page.faults == []


@BROKEN
def test_the_broken_page_speaks_danish(stranger: Client) -> None:
    assert 'lang="da"' in stranger.get("/breaks/", headers=DANISH).content.decode()
    assert "Noget gik i stykker hos os" in Page(stranger.get("/breaks/", headers=DANISH)).text


def test_with_the_database_gone_who_is_in_gets_the_same_page(stranger: Client) -> None:
    """No test may use the database without asking for it, so here it is as good as gone."""
    stranger.cookies["sessionid"] = "s" * 32
    answer = stranger.get("/pos/", headers={"x-request-id": "call-8"})
    assert answer.status_code == 500
    assert "tell your head office this number: call-8" in Page(answer).text
