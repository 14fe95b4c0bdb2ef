"""Passwords are not guessed one after the other, and a shop full of tablets is not taken for a thief."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from pytest_django import Settings

from accounts.demo_secrets import DEMO_PASSWORD
from accounts.models import AccountMail
from tests.core.pages import ENGLISH, Answer, Page
from tests.factories import NOW, Cast

TOO_MANY = "Too many tries. Wait 5 minutes, then try again."


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def tries(who: str, address: str = "10.0.0.1", right: bool = False) -> Answer:
    data = {"username": f"{who}@nordlys.example", "password": DEMO_PASSWORD if right else "wrong"}
    return Client(headers=ENGLISH).post("/login/", data, REMOTE_ADDR=address)


def test_after_ten_wrong_passwords_even_the_right_one_waits(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    for _number in range(10):
        assert tries("aarhus").status_code == 200
    refused = tries("AARHUS", "10.9.9.9", right=True)
    assert (refused.status_code, refused["Retry-After"]) == (429, "300")
    assert TOO_MANY in Page(refused).text
    assert tries("odense", right=True).status_code == 302
    clock.shift(timedelta(minutes=5))
    assert tries("aarhus", right=True).status_code == 302


def test_the_right_password_forgets_the_wrong_ones(cast: Cast) -> None:
    for _time in range(2):
        for _number in range(9):
            assert tries("aarhus").status_code == 200
        assert tries("aarhus", right=True).status_code == 302


def test_behind_one_address_many_log_in_and_only_failures_count(cast: Cast, settings: Settings) -> None:
    assert settings.ACCOUNT_RATE_LIMITS["failures_of_an_address"] == "100/5m/ip"
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"failures_of_an_address": "4/5m/ip"}
    for number in range(4):
        assert tries("odense", right=True).status_code == 302
        assert tries(f"nobody{number}").status_code == 200
    assert tries("odense", right=True).status_code == 429
    assert tries("odense", "10.0.0.2", right=True).status_code == 302


def test_asking_for_mails_is_bounded_too(cast: Cast) -> None:
    for status in (200, 200, 200, 200, 200, 429):
        answer = Client().post("/password/", {"email": "aarhus@nordlys.example"})
        assert answer.status_code == status
    assert AccountMail.objects.count() == 1
