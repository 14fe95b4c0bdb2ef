"""Coming in, going out, one's own home, and the language in which the portal answers."""

import pytest
from django.test import Client

from accounts.demo_secrets import DEMO_PASSWORD
from accounts.models import Membership, User
from tests.core.pages import DANISH, ENGLISH, HTMX, Page, browser
from tests.factories import Cast, taken

pytestmark = pytest.mark.any_database

WRONG = "This e-mail and password do not fit together. Look at both and try again."


@pytest.fixture
def stranger(cast: Cast) -> Client:
    """Nobody yet, with an English browser."""
    return Client(headers=ENGLISH)


def log_in(client: Client, email: str, password: str = DEMO_PASSWORD, next_: str = "") -> str | None:
    """Where it led; None when they were not let in."""
    answer = client.post("/login/", {"username": email, "password": password, "next": next_})
    if answer.status_code == 302:
        return answer["Location"]
    assert answer.status_code == 200
    assert "_auth_user_id" not in client.session
    return None


def lonely(cast: Cast) -> User:
    """A person of Nordlys who is in no shop."""
    return User.objects.create_user("new@nordlys.example", None, name="Ny Ansat", group=cast.nordlys)


# Home


@pytest.mark.parametrize(
    ("who", "home"),
    [
        ("office", "/orders/dashboard/"),
        ("fjord office", "/orders/dashboard/"),
        ("manager", "/pos/"),
        ("aarhus", "/pos/"),
        ("odense", "/pos/"),
        ("fjord staff", "/pos/"),
    ],
)
def test_home_leads_each_role_to_its_own(cast: Cast, who: str, home: str) -> None:
    answer = browser(cast, who).get("/", follow=True)
    assert answer.redirect_chain == [(home, 302)]
    assert answer.status_code == 200


def test_a_person_without_a_shop_sees_that_and_can_log_out(cast: Cast) -> None:
    client = Client(headers=ENGLISH)
    client.force_login(lonely(cast))
    answer = client.get("/", follow=True)
    page = Page(answer)
    assert answer.status_code == 200
    assert "You are not a member of a shop that takes web orders." in page.text
    assert page.buttons == ["Log out"]


def test_who_is_in_no_shop_opens_no_order(cast: Cast) -> None:
    order, client = taken(cast), Client()
    client.force_login(lonely(cast))
    assert client.get(f"/pos/orders/{order.pk}/").status_code == 404
    assert client.post(f"/pos/orders/{order.pk}/finish/").status_code == 404
    assert client.post("/pos/shop/", {"shop": "996001"}).status_code == 404


def test_a_person_of_the_turnover_shop_alone_sees_that(cast: Cast) -> None:
    person = lonely(cast)
    Membership.objects.create(user=person, shop=cast.turnover_shop)
    client = Client(headers=ENGLISH)
    client.force_login(person)
    assert "No shop yet" in Page(client.get("/pos/")).text


# Log-in


@pytest.mark.parametrize(
    "typed", ["aarhus@nordlys.example", "AARHUS@Nordlys.EXAMPLE", "  Aarhus@nordlys.example "]
)
def test_the_address_is_taken_in_any_case(stranger: Client, typed: str) -> None:
    assert log_in(stranger, typed) == "/"
    assert stranger.get("/pos/").status_code == 200


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("aarhus@nordlys.example", "klik-og-hent "),
        ("aarhus@nordlys.example", "Klik-og-hent"),
        ("aarhus@nordlys.example", ""),
        ("nobody@nordlys.example", DEMO_PASSWORD),
        ("", DEMO_PASSWORD),
        ("aarhus@nordlys.example\0", DEMO_PASSWORD),
        ("x" * 5000, DEMO_PASSWORD),
    ],
)
def test_what_does_not_fit_is_refused_in_words(stranger: Client, email: str, password: str) -> None:
    answer = stranger.post("/login/", {"username": email, "password": password})
    page = Page(answer)
    assert answer.status_code == 200
    assert WRONG in page.text
    fields = [found for tag, found in page.attributes if tag == "input"]
    assert all("value" not in found for found in fields if found["name"] == "password")
    assert "_auth_user_id" not in stranger.session


def test_the_typed_address_stays_in_the_form(stranger: Client) -> None:
    answer = stranger.post("/login/", {"username": '"<b>@x.example', "password": "wrong"})
    assert b'value="&quot;&lt;b&gt;@x.example"' in answer.content


def test_log_in_of_a_deactivated_person_gets_the_usual_error(cast: Cast, stranger: Client) -> None:
    User.objects.filter(email="aarhus@nordlys.example").update(is_active=False)
    answer = stranger.post("/login/", {"username": "aarhus@nordlys.example", "password": DEMO_PASSWORD})
    assert WRONG in Page(answer).text
    assert "_auth_user_id" not in stranger.session


def test_a_deactivated_person_is_logged_out_at_the_next_request(cast: Cast) -> None:
    order, client = taken(cast), browser(cast, "aarhus")
    User.objects.filter(email="aarhus@nordlys.example").update(is_active=False)
    assert client.post(f"/pos/orders/{order.pk}/finish/")["Location"].startswith("/login/")


@pytest.mark.parametrize(
    ("wanted", "led_to"),
    [
        ("/pos/?tab=ready", "/pos/?tab=ready"),
        ("http://testserver/pos/", "http://testserver/pos/"),
        ("https://evil.example/pos/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/login/", "/"),
        ("/login/?next=/pos/", "/"),
    ],
)
def test_the_way_on_stays_in_the_house(stranger: Client, wanted: str, led_to: str) -> None:
    assert Page(stranger.get("/login/", {"next": wanted})).faults == []
    assert log_in(stranger, "aarhus@nordlys.example", next_=wanted) == led_to


@pytest.mark.parametrize("wanted", ["", "/login/", "/login/?next=/login/", "https://evil.example/"])
def test_who_is_in_is_led_on_from_the_login(cast: Cast, wanted: str) -> None:
    answer = browser(cast, "aarhus").get("/login/", {"next": wanted})
    assert (answer.status_code, answer["Location"]) == (302, "/")


def test_logging_out_ends_it(cast: Cast) -> None:
    client = browser(cast, "aarhus")
    assert client.get("/logout/").status_code == 405
    assert client.get("/pos/").status_code == 200
    assert client.post("/logout/")["Location"] == "/login/"
    assert client.get("/pos/")["Location"] == "/login/?next=/pos/"


# A log-in that ended


def test_log_in_redirects_to_the_requested_page(stranger: Client) -> None:
    answer = stranger.get("/pos/?tab=ready")
    assert (answer.status_code, answer["Location"]) == (302, "/login/?next=/pos/%3Ftab%3Dready")


def test_a_tap_after_the_log_in_ended_leads_back_to_the_page_of_the_tap(cast: Cast, stranger: Client) -> None:
    order = taken(cast)
    page = f"/pos/orders/{order.pk}/"
    answer = stranger.post(f"{page}finish/", headers={"referer": f"http://testserver{page}"})
    login = answer["Location"]
    answer = stranger.post(login, {"username": "aarhus@nordlys.example", "password": DEMO_PASSWORD})
    assert stranger.get(answer["Location"]).status_code == 200
    assert answer["Location"].endswith(page)


@pytest.mark.parametrize("referer", ["", "https://evil.example/pos/"])
def test_a_tap_from_nowhere_leads_to_the_start(stranger: Client, referer: str) -> None:
    answer = stranger.post("/pos/orders/1/finish/", headers={"referer": referer})
    assert answer["Location"] == "/login/?next=/&unsaved=1"


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_fragment_after_the_log_in_ended_sends_the_whole_browser(stranger: Client, method: str) -> None:
    answer = getattr(stranger, method)("/pos/orders/1/finish/", headers=HTMX)
    assert (answer.status_code, answer.content) == (204, b"")
    unsaved = "&unsaved=1" if method == "post" else ""
    assert answer["HX-Redirect"] == f"/login/?next=http%3A//testserver/pos/{unsaved}"
    assert log_in(stranger, "aarhus@nordlys.example", next_="http://testserver/pos/") == (
        "http://testserver/pos/"
    )


# The language


def language_of(client: Client, address: str = "/pos/", **headers: str) -> str:
    """In which language a page comes; its `lang`, its header and its words agree."""
    answer = client.get(address, headers=headers)
    said = dict(Page(answer).attributes[0][1])["lang"]
    assert answer["Content-Language"] == said
    words = (
        {"en": "Web orders", "da": "Webordrer"} if address == "/pos/" else {"en": "Log in", "da": "Log ind"}
    )
    assert words[said] in Page(answer).text
    return said


@pytest.mark.parametrize(
    ("own", "cookie", "browsers", "spoken"),
    [
        ("en", "da", "da", "en"),
        ("da", "en", "en", "da"),
        ("", "en", "da", "en"),
        ("", "da", "en", "da"),
        ("", "", "en-GB,en;q=0.9", "en"),
        ("", "", "da-DK", "da"),
        ("", "", "de,en;q=0.5,da;q=0.7", "da"),
        ("", "", "de,fr;q=0.5", "da"),  # the Group's, for the portal speaks none of them
        ("", "", "*", "da"),
        ("", "xx", "", "da"),
        ("", "", ";q=,,,<script>", "da"),
        ("", "", "", "da"),
    ],
)
def test_the_persons_language_wins_over_the_browsers_and_that_over_the_groups(
    cast: Cast, own: str, cookie: str, browsers: str, spoken: str
) -> None:
    client = browser(cast, "aarhus", {"accept-language": browsers})
    cast.person("aarhus").set_language(own)
    if cookie:
        client.cookies["django_language"] = cookie
    assert language_of(client) == spoken


def test_a_group_that_speaks_english_is_answered_in_english(cast: Cast) -> None:
    type(cast.nordlys).objects.filter(pk=cast.nordlys.pk).update(language="en")
    assert language_of(browser(cast, "aarhus", {"accept-language": ""})) == "en"


def test_before_log_in_the_browsers_language_is_used_else_english(db: None) -> None:
    assert language_of(Client(), "/login/", **DANISH) == "da"
    assert language_of(Client(), "/login/", **ENGLISH) == "en"
    assert language_of(Client(), "/login/") == "en"


def test_a_language_chosen_before_log_in_is_kept_after_it(cast: Cast) -> None:
    client = Client(headers=ENGLISH)
    answer = client.post("/language/", {"language": "da", "next": "/login/?next=/pos/"})
    assert answer["Location"] == "/login/?next=/pos/"
    assert language_of(client, "/login/") == "da"
    log_in(client, "aarhus@nordlys.example")
    assert language_of(client) == "da"
    assert cast.person("aarhus").language == ""


def test_a_chosen_language_follows_the_person_to_every_device(cast: Cast) -> None:
    page = Page(browser(cast, "aarhus").get("/pos/?tab=ready"))
    form = next(form for form in page.forms if form.action == "/language/")
    answer = browser(cast, "aarhus").post("/language/", {**form.fields, "language": "da"})
    assert answer["Location"] == "/pos/?tab=ready"
    assert cast.person("aarhus").language == "da"
    assert language_of(browser(cast, "aarhus")) == "da"
    assert language_of(browser(cast, "manager")) == "en"


@pytest.mark.parametrize("language", ["", "de", "DA", "../da", "da\0"])
def test_a_language_that_the_portal_does_not_speak_changes_nothing(cast: Cast, language: str) -> None:
    client = browser(cast, "aarhus")
    answer = client.post("/language/", {"language": language, "next": "/pos/"})
    assert answer["Location"] == "/pos/"
    assert cast.person("aarhus").language == ""
    assert "django_language" not in client.cookies


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_choosing_a_language_leads_nobody_out_of_the_house(cast: Cast, back: str) -> None:
    answer = browser(cast, "aarhus").post("/language/", {"language": "da", "next": back})
    assert answer["Location"] == "/"


def test_times_are_those_of_the_group(cast: Cast) -> None:
    type(cast.nordlys).objects.filter(pk=cast.nordlys.pk).update(time_zone="Asia/Tokyo")
    order = taken(cast)
    page = browser(cast, "office").get(f"/orders/{order.pk}/")
    assert b'title="2026-03-03 18:00:00"' in page.content
