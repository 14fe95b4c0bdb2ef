"""How times and money are said."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone, translation

from core import words

NOW = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """In Copenhagen it is Tuesday, 10:00."""
    here = translation.override("en"), timezone.override("Europe/Copenhagen")
    with here[0], here[1], time_machine.travel(NOW, tick=False):
        yield


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (25 * 60, "in 25 min"),
        (59 * 60 + 59, "in 59 min"),
        (60 * 60, "in 1 h 0 min"),
        (47 * 3600 + 59 * 60, "in 47 h 59 min"),
        (48 * 3600, "in 2 days"),
        (0, "in 0 min"),
        (-40 * 60, "late by 40 min"),
        (-90 * 60, "late by 1 h 30 min"),
        (-72 * 3600, "late by 3 days"),
    ],
)
def test_a_promise_is_said_by_what_is_left_of_it(seconds: int, said: str) -> None:
    assert words.promise(NOW + timedelta(seconds=seconds), NOW) == said


def test_the_exact_second_of_a_promise_still_keeps_it() -> None:
    assert not words.is_before(NOW, NOW)
    assert words.is_before(NOW - timedelta(microseconds=1), NOW)


def test_who_waited_is_never_said_to_wait_in_the_future() -> None:
    assert words.waited(NOW - timedelta(minutes=12), NOW) == "for 12 min"
    assert words.waited(NOW + timedelta(minutes=5), NOW) == "for 0 min"


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (NOW, "today 10:00"),
        (datetime(2026, 3, 2, 23, 0, tzinfo=UTC), "today 00:00"),  # Copenhagen's midnight
        (datetime(2026, 3, 2, 22, 59, tzinfo=UTC), "yesterday 23:59"),
        (datetime(2026, 3, 1, 12, 0, tzinfo=UTC), "1 Mar 13:00"),
        (datetime(2026, 3, 4, 12, 0, tzinfo=UTC), "4 Mar 13:00"),
        (None, ""),
    ],
)
def test_a_moment_is_said_by_the_shops_own_day(at: datetime | None, said: str) -> None:
    assert words.moment(at) == said


@pytest.mark.parametrize(("language", "said"), [("en", "Mon 1 Dec"), ("da", "man 1. dec")])
def test_a_month_is_written_as_the_language_writes_it(language: str, said: str) -> None:
    at = datetime(2025, 12, 1, 12, 0, tzinfo=UTC)
    with translation.override(language):
        assert words.day(at) == said
        assert words.moment(at) == f"{said[4:]} 13:00"


def test_the_exact_time_is_the_shops_own() -> None:
    assert words.exact(NOW) == "2026-03-03 10:00:00"
    assert words.exact(None) == ""


@pytest.mark.parametrize(
    ("language", "amount", "said"),
    [
        ("en", Decimal("1234.5"), "1,234.50 DKK"),
        ("da", Decimal("1234.5"), "1.234,50 DKK"),
        ("da", Decimal("-0.05"), "-0,05 DKK"),
        ("en", 0, "0.00 DKK"),
    ],
)
def test_money_is_written_as_the_language_writes_it(language: str, amount: Decimal, said: str) -> None:
    with translation.override(language):
        assert words.money(amount, "DKK") == said


def test_one_piece_is_not_pieces() -> None:
    assert [words.pieces(count) for count in (0, 1, 2)] == ["0 pieces", "1 piece", "2 pieces"]
