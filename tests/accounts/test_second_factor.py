"""A code beside the password: set up, asked for, used once, reset, and wanted of all of head office."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import NoReverseMatch, reverse

from accounts import links
from accounts.demo_secrets import DEMO_PASSWORD
from accounts.models import LogIn, SettingChange, User
from tests.accounts.codes import code_now, has_set_up
from tests.core.pages import ENGLISH, HTMX, Answer, Page, browser
from tests.factories import NOW, Cast

pytestmark = pytest.mark.any_database

CODE_PAGE, SET_UP, CODES = "/login/code/", "/second-factor/set-up/", "/second-factor/codes/"
NOT_THE_CODE = "That is not the code, or it was used already. Type the one in the app now."


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def logs_in(client: Client, who: str = "office@nordlys.example", to: str = "") -> Answer:
    return client.post("/login/", {"username": who, "password": DEMO_PASSWORD, "next": to})


@pytest.fixture
def office(cast: Cast) -> Client:
    """Head office, which has just typed its password."""
    client = Client(headers=ENGLISH)
    assert logs_in(client)["Location"] == "/"
    return client


def types_code(client: Client, code: str) -> bool:
    """Whether it let them in."""
    return bool(client.post(CODE_PAGE, {"code": code}).status_code == 302)


def is_in(client: Client) -> bool:
    return bool(client.get("/people/").status_code == 200)


# Setting it up


def test_it_is_set_up_with_the_code_of_the_app_and_gives_recovery_codes_once(
    cast: Cast, office: Client
) -> None:
    page = office.get(SET_UP)
    secret = page.context["form"].secret
    assert (secret in Page(page).text, 'src="data:image/svg+xml' in page.content.decode()) == (True, True)
    refused = office.post(SET_UP, {"code": "000000"})
    assert NOT_THE_CODE in Page(refused).text
    assert not Authenticator.objects.exists()
    assert office.post(SET_UP, {"code": code_now(secret)})["Location"] == CODES
    codes = office.get(CODES).context["unused_codes"]
    assert len(set(codes)) == 10
    assert "10 codes are left. Codes are shown only once." in Page(office.get(CODES)).text
    assert codes[0] not in office.get(CODES).content.decode()
    other = Client()
    assert logs_in(other)["Location"] == CODE_PAGE
    assert types_code(other, codes[0])
    other.post("/logout/")
    logs_in(other)
    assert not types_code(other, codes[0]), "a recovery code lets in once"


def test_a_password_of_some_time_ago_is_asked_for_again(
    cast: Cast, office: Client, clock: time_machine.Traveller
) -> None:
    clock.shift(timedelta(minutes=5))
    again = office.get(SET_UP)["Location"]
    assert again == "/password-again/?next=%2Fsecond-factor%2Fset-up%2F"
    assert office.post(again, {"password": "wrong"}).status_code == 200
    assert office.get(SET_UP)["Location"] == again
    assert office.post(again, {"password": DEMO_PASSWORD})["Location"] == SET_UP
    assert office.get(SET_UP).status_code == 200


# Logging in


def test_with_a_second_factor_the_code_is_needed_before_the_requested_page(cast: Cast) -> None:
    has_set_up(cast.person("office"))
    client = Client(headers=ENGLISH)
    assert logs_in(client, to="/orders/")["Location"] == CODE_PAGE
    assert not is_in(client)
    assert NOT_THE_CODE in Page(client.post(CODE_PAGE, {"code": "123456"})).text
    assert not is_in(client)
    assert client.post(CODE_PAGE, {"code": code_now()})["Location"] == "/orders/"
    assert is_in(client)


def test_a_code_is_used_once_and_only_in_its_time(cast: Cast, clock: time_machine.Traveller) -> None:
    has_set_up(cast.person("office"))
    first, second = Client(), Client()
    logs_in(first)
    logs_in(second)
    code = code_now()
    assert types_code(first, code)
    assert not types_code(second, code)
    clock.shift(30)
    assert not types_code(second, code)
    assert types_code(second, code_now())


def test_without_the_password_there_is_no_code_to_type(cast: Cast, clock: time_machine.Traveller) -> None:
    has_set_up(cast.person("office"))
    client = Client()
    assert client.post(CODE_PAGE, {"code": code_now()})["Location"] == "/login/"
    logs_in(client)
    clock.shift(timedelta(minutes=15, seconds=1))
    assert client.post(CODE_PAGE, {"code": code_now()})["Location"] == "/login/"
    assert not is_in(client)


def test_codes_are_not_guessed_one_after_the_other(cast: Cast, clock: time_machine.Traveller) -> None:
    has_set_up(cast.person("office"))
    client = Client(headers=ENGLISH)
    logs_in(client)
    for number in range(10):
        assert not types_code(client, f"{number:06}")
    refused = client.post(CODE_PAGE, {"code": code_now()})
    assert "Too many tries. Wait 5 minutes, then try again." in Page(refused).text
    assert not is_in(client)
    clock.shift(timedelta(minutes=5))
    assert types_code(client, code_now())


@pytest.mark.parametrize("logged_in", ["", "office", "aarhus"])
def test_a_new_password_by_mail_does_not_go_round_it(cast: Cast, logged_in: str) -> None:
    person = cast.person("office")
    has_set_up(person)
    client = browser(cast, logged_in) if logged_in else Client()
    sentence = "fjorten blå cykler i regn"
    chosen = {"new_password1": sentence, "new_password2": sentence}
    assert client.post(links.path_for(person, NOW), chosen)["Location"] == CODE_PAGE
    assert client.get("/")["Location"] == "/login/?next=/"
    assert types_code(client, code_now())
    assert is_in(client)


# Switching off, and new codes


def test_it_is_switched_off_and_its_recovery_codes_with_it(cast: Cast, office: Client) -> None:
    secret = office.get(SET_UP).context["form"].secret
    office.post(SET_UP, {"code": code_now(secret)})
    before = office.get(CODES).context["unused_codes"]
    assert office.post("/second-factor/codes/new/")["Location"] == CODES
    assert set(office.get(CODES).context["unused_codes"]).isdisjoint(before)
    assert office.post("/second-factor/switch-off/")["Location"] == "/second-factor/"
    assert not Authenticator.objects.exists()
    assert logs_in(Client())["Location"] == "/"


# Head office and its people


def test_after_a_reset_by_head_office_the_person_has_to_log_in_again(cast: Cast, office: Client) -> None:
    person = User.objects.create_user("o@nordlys.example", DEMO_PASSWORD, name="O", group=cast.nordlys)
    has_set_up(person)
    their_client = Client()
    their_client.force_login(person)
    path = f"/people/{person.pk}/do/"
    for _tap in range(2):
        assert office.post(path, {"do": "reset second factor"})["Location"] == f"/people/{person.pk}/"
    assert not Authenticator.objects.exists()
    assert LogIn.objects.filter(user=person).count() == 0
    assert [change.subject for change in SettingChange.objects.all()] == ["O"]
    assert "Reset the second factor" not in Page(office.get(f"/people/{person.pk}/")).buttons


def test_nobody_resets_his_own_so(cast: Cast, office: Client) -> None:
    me = cast.person("office")
    has_set_up(me)
    assert office.post(f"/people/{me.pk}/do/", {"do": "reset second factor"}).status_code == 409
    assert Authenticator.objects.count() == 1


def test_a_reset_wants_the_password_again(cast: Cast) -> None:
    person = cast.person("aarhus")
    has_set_up(person)
    answer = browser(cast, "office").post(f"/people/{person.pk}/do/", {"do": "reset second factor"})
    assert answer["Location"].startswith("/password-again/")
    assert Authenticator.objects.count() == 1


def test_where_head_office_needs_one_it_sees_nothing_else_before(cast: Cast, office: Client) -> None:
    shop, stranger = browser(cast, "aarhus"), browser(cast, "fjord office")
    for _tap in range(2):
        office.post("/people/second-factor/", {"needed": "yes"})
    for path in ("/", "/orders/", "/people/", "/second-factor/"):
        assert office.get(path)["Location"] == SET_UP
    assert office.post(f"/people/{cast.person('aarhus').pk}/do/", {"do": "deactivate"})["Location"] == SET_UP
    assert office.get("/orders/dashboard/", headers=HTMX)["HX-Redirect"] == SET_UP
    assert (shop.get("/pos/").status_code, stranger.get("/people/").status_code) == (200, 200)
    secret = office.get(SET_UP).context["form"].secret
    office.post(SET_UP, {"code": code_now(secret)})
    assert is_in(office)
    assert [change.about for change in SettingChange.objects.all()] == ["second-factor"]
    office.post("/people/second-factor/", {"needed": "no"})
    assert logs_in(browser(cast, "office"))["Location"] == "/"
    assert SettingChange.objects.count() == 2


@pytest.mark.parametrize("name", ["account_signup", "account_email", "account_reset_password", "mfa_trust"])
def test_no_other_page_of_the_library_is_there(name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(name)
