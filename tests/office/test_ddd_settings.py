"""Head office says how DdD is reached, and with which words; the token is written and never read."""

import pytest
import time_machine
from django.test import Client
from django.utils.translation import override
from pytest_django import DjangoAssertNumQueries

from accounts.changes import in_words
from accounts.models import SettingChange
from ddd.api.http import tidy_address
from ddd.models import Connection
from office.policies.ddd_form import answer_key
from tests.core.pages import DANISH, ENGLISH, Page, browser
from tests.factories import NOW, Cast
from tests.office.settings import as_shown
from tests.sandbox_process import RunningSandbox

pytestmark = pytest.mark.any_database

PAGE = "/orders/policies/ddd/"
OTHER_TOKEN = "demo-ddd-token-996-1"  # the sandbox takes it too


@pytest.fixture
def office(cast: Cast) -> Client:
    return browser(cast, "office", ENGLISH)


def untouched(office: Client) -> dict[str, str]:
    """As a browser sends it: what was never shown is empty."""
    return as_shown(office, PAGE) | {"token": ""}


def keep(office: Client, changes: dict[str, str]) -> Page:
    answer = office.post(PAGE, untouched(office) | changes)
    assert (answer.status_code, answer.get("Location")) == (302, PAGE), Page(answer).text
    return Page(office.get(PAGE))


def test_keeping_the_page_untouched_changes_nothing(cast: Cast, office: Client) -> None:
    before = list(Connection.objects.order_by("pk").values())
    keep(office, {})
    assert list(Connection.objects.order_by("pk").values()) == before
    assert not SettingChange.objects.exists()


def test_what_is_kept_counts_in_this_group_alone(cast: Cast, office: Client) -> None:
    fjord = Connection.objects.values().get(group=cast.fjord)
    Connection.objects.filter(group=cast.nordlys).update(polled_until=NOW)
    page = keep(
        office,
        {"terminal_id": "98", "sale_word": "Salg", "words_DELIVERED": "Delivered, Udleveret"}
        | {"cash_transaction_type": "101", "slot_colour": "VariantParameter3"},
    )
    kept = Connection.objects.get(group=cast.nordlys)
    assert (kept.terminal_id, kept.sale_word, kept.cash_transaction_type) == (98, "Salg", 101)
    assert kept.status_words["Udleveret"] == "Delivered"
    assert kept.article_slots["colour"] == "VariantParameter3"
    assert kept.polled_until == NOW
    assert "Word for a sold line: Sale → Salg" in page.rows
    assert Connection.objects.values().get(group=cast.fjord) == fjord


def test_of_the_words_only_those_that_differ_are_told_each_on_its_own(cast: Cast, office: Client) -> None:
    keep(office, {"words_DELIVERED": "Udleveret", "slot_colour": "VariantParameter3"})
    [change] = SettingChange.objects.filter(group=cast.nordlys)
    told = {
        f"{field.label}: {field.before} → {field.after}"
        for field in in_words(change.fields)
        if "confirmed" not in field.label
    }
    assert told == {
        "words for a line's status, Delivered: Delivered → –",
        "words for a line's status, Udleveret: – → Delivered",
        "where an article's facts stand, colour: VariantParameter1 → VariantParameter3",
    }
    with override("da"):
        # The word is DdD's own and stays; what it means is the portal's.
        said = {(field.label.partition(", ")[2], field.before) for field in in_words(change.fields)}
    assert ("Delivered", "Udleveret") in said


def test_the_token_is_written_and_never_read(cast: Cast, office: Client, sandbox: RunningSandbox) -> None:
    Connection.objects.update(base_url=sandbox.url)
    old = Connection.objects.get(group=cast.nordlys).token
    assert old not in office.get(PAGE).content.decode()
    page = keep(office, {"token": OTHER_TOKEN})
    assert Connection.objects.get(group=cast.nordlys).token == OTHER_TOKEN
    assert "Token: changed" in page.rows
    assert OTHER_TOKEN not in office.get(PAGE).content.decode()
    assert OTHER_TOKEN not in repr(SettingChange.objects.get().fields)


def test_a_token_goes_to_no_address_for_which_it_was_not_typed(
    cast: Cast, office: Client, sandbox: RunningSandbox
) -> None:
    elsewhere = {"base_url": sandbox.url}
    before = Connection.objects.values().get(group=cast.nordlys)
    answer = office.post(PAGE, untouched(office) | elsewhere)
    assert answer.status_code == 422
    assert "type the token that belongs to it" in Page(answer).text
    assert Connection.objects.values().get(group=cast.nordlys) == before
    keep(office, elsewhere | {"token": OTHER_TOKEN})
    kept = Connection.objects.get(group=cast.nordlys)
    assert (kept.base_url, kept.token) == (sandbox.url, OTHER_TOKEN)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"base_url": "ftp://ddd.example", "token": "x"}, "An address begins with https://"),
        ({"base_url": "", "token": "x"}, "This field is required."),
        ({"token": "with space"}, "A token has no spaces"),
        ({"token": "Ørsted"}, "A token has no spaces"),
        ({"terminal_id": "0"}, "At least 1."),
        ({"terminal_id": "1000"}, "At most 999."),
        ({"clerk_id": ""}, "This field is required."),
        ({"cash_transaction_type": "99"}, "At least 100."),
        ({"sale_word": " "}, "This field is required."),
        ({"words_PICKED": ""}, "This field is required."),
        ({"words_PICKED": "Picked, Reserved"}, "“Reserved” stands at Reserved already."),
        ({"words_PICKED": "x" * 41}, "A word of DdD has at most 40 characters."),
        ({"slot_size": "Elsewhere"}, "Elsewhere is not one of the available choices."),
    ],
)
def test_what_cannot_be_is_not_kept_and_says_why(
    cast: Cast, office: Client, changes: dict[str, str], sentence: str
) -> None:
    before = Connection.objects.values().get(group=cast.nordlys)
    answer = office.post(PAGE, untouched(office) | {"discount_word": "Rabat"} | changes)
    assert answer.status_code == 422
    assert sentence in Page(answer).text
    assert Connection.objects.values().get(group=cast.nordlys) == before


@pytest.mark.parametrize("typed", ["{} ", " {}/", "{}/api/", "{}/API"])
def test_an_address_is_tidied_as_people_copy_it(
    cast: Cast, office: Client, typed: str, sandbox: RunningSandbox
) -> None:
    typed = typed.format(sandbox.url)
    keep(office, {"base_url": typed, "token": OTHER_TOKEN})
    assert cast.connection.base_url == sandbox.url
    # The same address in another form needs no token.
    keep(office, {"base_url": typed, "token": "", "terminal_id": "97"})
    assert (cast.connection.terminal_id, cast.connection.token) == (97, OTHER_TOKEN)
    assert tidy_address("ddd.example/api") == "https://ddd.example"


def test_the_words_carry_a_warning_until_somebody_confirms_them(cast: Cast, office: Client) -> None:
    assert "Nobody has confirmed DdD's words yet." in Page(office.get(PAGE)).text
    with time_machine.travel(NOW, tick=False):
        karen = browser(cast, "office", ENGLISH)
        assert "Confirmed by Karen Østergaard, today 10:00." in keep(karen, {"confirmed": "on"}).text
    assert "Nobody has confirmed" not in keep(office, {"clerk_id": "7"}).text
    assert "Nobody has confirmed DdD's words yet." in keep(office, {"payment_in_word": "Ind"}).text
    assert Connection.objects.get(group=cast.nordlys).words_confirmed_by is None


def test_a_group_without_a_connection_gets_one(cast: Cast, office: Client, sandbox: RunningSandbox) -> None:
    Connection.objects.filter(group=cast.nordlys).delete()
    answer = office.post(PAGE, untouched(office) | {"base_url": "https://ddd.example"})
    assert "DdD lets nobody in without a token." in Page(answer).text
    assert not Connection.objects.filter(group=cast.nordlys).exists()
    keep(office, {"base_url": sandbox.url, "token": OTHER_TOKEN})
    kept = Connection.objects.get(group=cast.nordlys)
    assert (kept.token, kept.sale_word, kept.status_words["Reserved"]) == (OTHER_TOKEN, "Sale", "Reserved")


def test_it_is_read_in_danish_too(cast: Cast) -> None:
    karen = browser(cast, "office", DANISH)
    karen.post(PAGE, untouched(karen) | {"gross_before_discount": ""})
    assert "ja → nej" in Page(karen.get(PAGE)).text


def test_the_page_asks_its_few_questions(
    cast: Cast, office: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(8):  # session, person, Group; connection; firsts; changes; two that wait
        office.get(PAGE)


def test_what_an_odd_answer_means_can_be_forgotten(cast: Cast, office: Client) -> None:
    known = {"first\nsecond": True, '"accepted"': True, "": False}
    Connection.objects.filter(group=cast.nordlys).update(known_answers=known)
    page = Page(office.get(PAGE))
    assert "What DdD's odd answers mean" in page.text
    assert '«"accepted"» means yes' in page.text
    assert "an empty answer means no" in page.text
    keep(office, {"forgotten_answers": answer_key('"accepted"')})
    assert cast.connection.known_answers == {"first\nsecond": True, "": False}
    [changed] = in_words(SettingChange.objects.get().fields)
    assert (changed.before, changed.after) == ("means yes", "–")


def test_without_odd_answers_there_is_no_word_of_them(office: Client) -> None:
    assert "odd answers" not in Page(office.get(PAGE)).text
