"""Whoever was logged in on a device and is not any more is told why, and comes back to where they were."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from accounts import inviting, people
from accounts.demo_secrets import DEMO_PASSWORD
from accounts.logged_out import COOKIE
from tests.core.pages import ENGLISH, HTMX, Page
from tests.factories import NOW, Cast

pytestmark = pytest.mark.any_database

OLD = "You were logged out because nobody used the portal on this device for 14 days."
ENDED = "You were logged out by head office, by yourself from elsewhere, or because your password"
NO_ACCESS = "You were logged out because you may not use the portal any more."
LOST = "What you just did was not saved: do it once more after logging in."


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def logs_in(client: Client, to: str = "", who: str = "aarhus") -> str:
    data = {"username": f"{who}@nordlys.example", "password": DEMO_PASSWORD, "next": to}
    return str(client.post("/login/", data)["Location"])


@pytest.fixture
def tablet(cast: Cast) -> Client:
    client = Client(headers=ENGLISH)
    assert logs_in(client, "/pos/") == "/pos/"
    return client


def said(client: Client) -> str:
    """What stands on the page to which the next tap leads."""
    return Page(client.get("/pos/?tab=ready", follow=True)).text


def test_a_log_in_that_ran_out_says_so_and_leads_back(tablet: Client, clock: time_machine.Traveller) -> None:
    clock.shift(timedelta(days=13, hours=23))
    assert OLD not in said(tablet)
    clock.shift(timedelta(days=13, hours=23))
    assert OLD not in said(tablet), "each day of use begins anew"
    clock.shift(timedelta(days=14, seconds=1))
    text = said(tablet)
    assert (OLD in text, ENDED in text) == (True, False)
    assert logs_in(tablet, "/pos/?tab=ready") == "/pos/?tab=ready"
    assert OLD not in said(tablet)


def test_a_fragment_leads_the_whole_browser_there_and_back(
    tablet: Client, clock: time_machine.Traveller
) -> None:
    clock.shift(timedelta(days=15))
    page = {**HTMX, "HX-Current-URL": "http://testserver/pos/?tab=picking"}
    login = tablet.get("/pos/?tab=picking", headers=page)["HX-Redirect"]
    shown = Page(tablet.get(login))
    assert OLD in shown.text
    to = shown.forms[0].fields["next"]
    assert logs_in(tablet, to) == "http://testserver/pos/?tab=picking"


@pytest.mark.parametrize("by_htmx", [False, True])
def test_a_deed_that_came_too_late_is_said_to_be_lost(
    cast: Cast, clock: time_machine.Traveller, by_htmx: bool
) -> None:
    office, page = Client(headers=ENGLISH), "http://testserver/orders/policies/"
    logs_in(office, who="office")
    clock.shift(timedelta(days=15))
    headers = {**HTMX, "HX-Current-URL": page} if by_htmx else {"Referer": page}
    answer = office.post("/orders/policies/", {"promise_minutes": "10"}, headers=headers)
    login = answer["HX-Redirect" if by_htmx else "Location"]
    shown = Page(office.get(login))
    assert LOST in shown.text
    assert OLD in shown.text
    assert LOST in Page(office.post(login, {"username": "x@x.example", "password": "wrong"})).text
    assert logs_in(office, shown.forms[0].fields["next"], "office") == page
    assert LOST not in Page(office.get("/orders/policies/")).text


def test_who_only_looked_has_lost_nothing(tablet: Client, clock: time_machine.Traveller) -> None:
    clock.shift(timedelta(days=15))
    assert LOST not in said(tablet)


def test_a_log_in_that_head_office_ended_says_so(cast: Cast, tablet: Client) -> None:
    people.end_all_log_ins(cast.person("aarhus"), cast.person("office"), NOW)
    text = said(tablet)
    assert (ENDED in text, OLD in text) == (True, False)


def test_a_new_password_from_elsewhere_says_so(cast: Cast, tablet: Client) -> None:
    inviting.choose_password(cast.person("aarhus"), "fjorten blå cykler i regn", NOW)
    assert ENDED in said(tablet)


def test_a_deactivated_person_sees_the_reason_but_a_failed_log_in_says_no_more(
    cast: Cast, tablet: Client
) -> None:
    people.deactivate(cast.person("aarhus"), cast.person("office"), NOW)
    assert NO_ACCESS in said(tablet)
    answer = tablet.post("/login/", {"username": "aarhus@nordlys.example", "password": DEMO_PASSWORD})
    assert NO_ACCESS not in Page(answer).text


def test_no_reason_is_shown_after_logging_out_oneself(tablet: Client, clock: time_machine.Traveller) -> None:
    tablet.post("/logout/")
    assert "logged out" not in said(tablet)
    clock.shift(timedelta(days=15))
    assert "logged out" not in said(tablet)


@pytest.mark.parametrize("forged", ["", "1", "1:1w:x", "\0"])
def test_no_reason_is_shown_on_a_device_without_earlier_log_in(cast: Cast, forged: str) -> None:
    client = Client(headers=ENGLISH)
    client.cookies[COOKIE] = forged
    assert "logged out" not in said(client)
    client.post("/login/", {"username": "aarhus@nordlys.example", "password": "wrong"})
    assert client.cookies[COOKIE].value == forged
    assert "logged out" not in said(client)


def test_the_cookie_has_only_the_persons_key_and_is_http_only(cast: Cast, tablet: Client) -> None:
    note = tablet.cookies[COOKIE]
    assert note.value.partition(":")[0] == str(cast.person("aarhus").pk)
    assert (note["httponly"], note["samesite"], note["path"]) == (True, "Lax", "/")
    tablet.get("/pos/")
    assert COOKIE not in tablet.get("/pos/").cookies, "written with the log-in's own cookie alone"
