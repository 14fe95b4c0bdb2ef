"""DdD's words for a return, on the page of the policy: they carry a warning until somebody confirms them."""

import pytest
import time_machine
from django.test import Client

from core.causes import as_it_is
from ddd.models import Connection
from office.returns.forms import PolicyPage
from returns.models import ReturnPolicy
from tests.core.pages import Page
from tests.factories import NOW, Cast
from tests.returns.head_office import POLICY, TODAY, as_it_stands, as_posted, keep

pytestmark = [pytest.mark.any_database, pytest.mark.usefixtures("today")]


def confirm(office: Client) -> Page:
    return keep(office, {"confirmed": "on"})


def test_the_words_carry_a_warning_until_somebody_confirms_them(cast: Cast, office: Client) -> None:
    page = Page(office.get(POLICY))
    assert "Nobody has confirmed these words." in page.text
    assert "Nobody has confirmed DdD's words for a return yet." in page.text
    page = keep(office, {"days": "31"})
    assert "Nobody has confirmed these words." in page.text
    page = confirm(office)
    assert "Nobody has confirmed" not in page.text
    assert "Confirmed by Karen Østergaard, today 13:00." in page.text
    connection = Connection.objects.get(group=cast.nordlys)
    assert connection.return_words_confirmed_at == TODAY
    assert connection.return_words_confirmed_by == cast.person("office")
    assert Connection.objects.get(group=cast.fjord).return_words_confirmed_at is None


def test_what_else_is_changed_leaves_the_words_confirmed(cast: Cast, office: Client) -> None:
    confirm(office)
    with time_machine.travel(NOW, tick=False):
        keep(office, {"days": "31", "return_word": " Return "})
    connection = Connection.objects.get(group=cast.nordlys)
    assert connection.return_words_confirmed_at == TODAY


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("return_word", "Retur"),
        ("payment_out_word", "Ud"),
        ("cash_out_transaction_type", "105"),
        ("terminal_out_transaction_type", "115"),
    ],
)
def test_another_word_brings_the_warning_back(cast: Cast, office: Client, word: str, value: str) -> None:
    confirm(office)
    page = keep(office, {word: value})
    assert "Nobody has confirmed these words." in page.text
    connection = Connection.objects.get(group=cast.nordlys)
    assert str(getattr(connection, word)) == value
    assert connection.return_words_confirmed_at is None
    assert connection.return_words_confirmed_by is None


def test_new_words_may_be_confirmed_as_they_are_kept(cast: Cast, office: Client) -> None:
    page = keep(office, {"return_word": "Retur", "confirmed": "on"})
    assert "Confirmed by Karen Østergaard" in page.text
    assert Connection.objects.get(group=cast.nordlys).return_word == "Retur"


def test_what_was_read_from_ddd_meanwhile_stays(cast: Cast, office: Client) -> None:
    """A worker notes how far it has read, while the page is open."""
    page = PolicyPage(as_posted(as_it_stands(office) | {"return_word": "Retur"}), cast.nordlys)
    assert page.is_valid()
    away = as_it_is("away")
    Connection.objects.filter(group=cast.nordlys).update(polled_until=NOW, trouble=away)
    page.keep(cast.person("office"), NOW)
    connection = Connection.objects.get(group=cast.nordlys)
    assert (connection.return_word, connection.polled_until, connection.trouble) == ("Retur", NOW, away)


def test_a_group_without_a_connection_can_decide_all_the_same(cast: Cast, office: Client) -> None:
    Connection.objects.filter(group=cast.nordlys).delete()
    page = keep(office, {"days": "21"})
    assert "This Group has no connection to DdD yet." in page.text
    assert ReturnPolicy.of(cast.nordlys).days == 21
