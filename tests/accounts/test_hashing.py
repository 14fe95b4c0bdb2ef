"""Passwords are hashed as OWASP advises, two at a time; older hashes hold and are made anew."""

from threading import Thread

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher, check_password, make_password
from pytest_django import Settings

from accounts.hashing import AT_ONCE
from tests.demo.processes import happens

PASSWORD = "Sesame, open!"


@pytest.fixture(autouse=True)
def real_hashes(quick_passwords: None, settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["accounts.hashing.BoundedArgon2"]


def test_a_hash_names_what_owasp_advises_and_holds() -> None:
    made = make_password(PASSWORD)
    assert made.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert check_password(PASSWORD, made)
    assert not check_password("another one", made)


def test_a_hash_of_before_holds_and_is_made_anew() -> None:
    before = Argon2PasswordHasher().encode(PASSWORD, "somesaltofbefore")
    stored: list[str] = []
    assert check_password(PASSWORD, before, lambda typed: stored.append(make_password(typed)))
    assert "m=19456" in stored[0]


def test_the_third_at_once_waits() -> None:
    made, found = make_password(PASSWORD), list[bool]()
    third = Thread(target=lambda: found.append(check_password(PASSWORD, made)))
    with AT_ONCE:
        with AT_ONCE:
            third.start()
            third.join(0.5)
            assert (third.is_alive(), found) == (True, [])
        assert happens(lambda: found == [True])
    third.join()
