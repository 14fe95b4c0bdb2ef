"""A PIN: what is one, whose it is, and that it cannot be guessed, not even by many at one moment."""

from datetime import datetime, timedelta

import pytest

from accounts import pins
from accounts.demo_secrets import DEMO_PASSWORD
from accounts.models import User
from core.errors import Conflict, DomainError, Invalid
from tests.factories import NOW, Cast, make_cast
from tests.orders.together import at_once

FREJAS, MADS_ = "2468", "1357"
LATER = NOW + pins.LOCKED_FOR


def row(person: User) -> tuple[str, int, datetime | None]:
    found = User.objects.get(pk=person.pk)
    return found.pin, found.pin_failures, found.pin_locked_until


def guess(person: User, pin: str, now: datetime = NOW) -> str:
    """The code of the refusal; empty when it was theirs."""
    try:
        pins.check(person, pin, now)
    except DomainError as refused:
        return refused.code
    return ""


def test_only_ones_own_pin_is_accepted(cast: Cast) -> None:
    freja = cast.person("aarhus")
    pins.check(freja, FREJAS, NOW)
    with pytest.raises(Invalid) as refused:
        pins.check(freja, MADS_, NOW)
    assert refused.value.sentence == "That is not the PIN of Freja Sørensen. 4 tries are left."
    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [("/pin", "wrong-pin")]


def test_a_pin_is_kept_as_a_hash(cast: Cast) -> None:
    assert FREJAS not in cast.person("aarhus").pin


@pytest.mark.parametrize("pin", ["", "2", "24680", " 2468", "2468\0", "٢٤٦٨", "x" * 50])
def test_what_is_not_it_is_refused(cast: Cast, pin: str) -> None:
    freja = cast.person("aarhus")
    assert guess(freja, pin) == "invalid"
    assert row(freja)[1:] == (1, None)


def test_without_a_pin_the_refusal_says_so_and_no_attempt_is_counted(cast: Cast) -> None:
    office = cast.person("office")
    with pytest.raises(Conflict) as refused:
        pins.check(office, "", NOW)
    assert refused.value.code == "no-pin"
    assert row(office) == ("", 0, None)


def test_the_fifth_wrong_pin_locks_for_fifteen_minutes_and_says_until_when(cast: Cast) -> None:
    freja = cast.person("aarhus")
    assert [guess(freja, "9999") for _try in range(4)] == ["invalid"] * 4
    with pytest.raises(Conflict) as refused:
        pins.check(freja, "9999", NOW)
    assert refused.value.code == "pin-locked"
    assert refused.value.sentence == (
        "This PIN was guessed wrong too often and is locked until 10:15. The password still works."
    )
    assert guess(freja, FREJAS) == "pin-locked"
    assert guess(freja, FREJAS, LATER - timedelta(microseconds=1)) == "pin-locked"
    assert row(freja)[1:] == (5, LATER)
    assert guess(cast.person("manager"), MADS_) == ""


def test_a_lock_that_is_over_leaves_five_new_tries(cast: Cast) -> None:
    freja = cast.person("aarhus")
    for _try in range(5):
        guess(freja, "9999")
    assert [guess(freja, "9999", LATER) for _try in range(4)] == ["invalid"] * 4
    assert guess(freja, FREJAS, LATER) == ""
    assert row(freja)[1:] == (0, None)


def test_the_right_pin_at_the_last_try_opens_and_forgives(cast: Cast) -> None:
    freja = cast.person("aarhus")
    for _try in range(4):
        guess(freja, "9999")
    assert guess(freja, FREJAS) == ""
    assert row(freja)[1:] == (0, None)


def test_a_locked_pin_does_not_lock_the_password(cast: Cast) -> None:
    freja = cast.person("aarhus")
    for _try in range(5):
        guess(freja, "9999")
    assert freja.check_password(DEMO_PASSWORD)
    assert pins.locked_until(freja, NOW) == LATER
    assert pins.locked_until(freja, LATER) is None


# At one moment


@pytest.mark.django_db(transaction=True)
def test_of_many_wrong_pins_at_one_moment_no_more_than_five_are_looked_at() -> None:
    freja = make_cast(articles=False).person("aarhus")

    def wrong() -> str:
        return guess(User.objects.get(pk=freja.pk), "9999")

    answers = at_once(*[wrong] * 12)
    assert set(answers) <= {"invalid", "pin-locked"}
    assert answers.count("invalid") <= 4
    assert row(freja)[1:] == (5, LATER)


@pytest.mark.django_db(transaction=True)
def test_the_right_pin_among_the_guesses_of_one_moment_is_not_found_after_the_fifth() -> None:
    freja = make_cast(articles=False).person("aarhus")
    for _try in range(4):
        guess(freja, "9999")

    def tried(pin: str) -> str:
        return guess(User.objects.get(pk=freja.pk), pin)

    guesses = [lambda pin=pin: tried(pin) for pin in ("1111", "2222", "3333", "4444", "5555", "6666")]
    answers = at_once(*guesses)
    assert answers == ["pin-locked"] * 6
    assert guess(freja, FREJAS) == "pin-locked"


# A new one


def test_a_person_sets_their_pin_with_their_password(cast: Cast) -> None:
    freja = cast.person("aarhus")
    pins.choose(freja, DEMO_PASSWORD, "904213", "904213", NOW)
    assert guess(freja, "904213") == ""
    assert guess(freja, FREJAS) == "invalid"


@pytest.mark.parametrize(
    ("pin", "again", "sentence"),
    [
        ("246", "246", "A PIN has 4 to 6 digits."),
        ("2468135", "2468135", "A PIN has 4 to 6 digits."),
        ("24a8", "24a8", "A PIN has 4 to 6 digits."),
        ("٢٤٦٨", "٢٤٦٨", "A PIN has 4 to 6 digits."),
        ("", "", "A PIN has 4 to 6 digits."),
        ("1111", "1111", "Not the same digit all over: that is what everybody tries first."),
        ("1234", "1234", "Not digits in a row: that is what everybody tries first."),
        ("987654", "987654", "Not digits in a row: that is what everybody tries first."),
        ("7890", "7890", "Not digits in a row: that is what everybody tries first."),
        ("2580", "2581", "The two PINs are not the same. Type it twice."),
    ],
)
def test_a_pin_that_everybody_tries_first_is_refused(cast: Cast, pin: str, again: str, sentence: str) -> None:
    freja = cast.person("aarhus")
    before = row(freja)
    with pytest.raises(Invalid) as refused:
        pins.choose(freja, DEMO_PASSWORD, pin, again, NOW)
    assert refused.value.sentence == sentence
    assert row(freja) == before


@pytest.mark.parametrize("pin", ["1989", "2580", "1212", "1235"])
def test_a_birth_year_is_a_pin(cast: Cast, pin: str) -> None:
    freja = cast.person("aarhus")
    pins.choose(freja, DEMO_PASSWORD, pin, pin, NOW)
    assert guess(freja, pin) == ""


def test_a_wrong_password_changes_nothing_and_counts_as_a_wrong_pin(cast: Cast) -> None:
    freja = cast.person("aarhus")
    before = row(freja)[0]
    for left in ("4 tries are left.", "3 tries are left.", "2 tries are left.", "1 try is left."):
        with pytest.raises(Invalid) as refused:
            pins.choose(freja, "hent-og-klik", "904213", "904213", NOW)
        assert refused.value.sentence == f"That is not the password of Freja Sørensen. {left}"
    with pytest.raises(Conflict):
        pins.choose(freja, "hent-og-klik", "904213", "904213", NOW)
    with pytest.raises(Conflict):
        pins.choose(freja, DEMO_PASSWORD, "904213", "904213", NOW)
    assert row(freja) == (before, 5, LATER)
