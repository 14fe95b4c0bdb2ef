"""Property test: however DdD speaks, and whichever calls fail, nothing is sold or moved twice, and nothing is
lost."""

import os
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, note, reject, settings
from hypothesis import strategies as some
from pytest_django import Settings

from ddd.sandbox import dialect, faults, words
from ddd.sandbox.dialect import BadDialect, Dialect
from tests.factories import Cast
from tests.sandbox_process import RunningSandbox
from tests.stories.counter import opened
from tests.stories.whole_line import WholeLine, assert_all_is_there_once, run

pytestmark = [pytest.mark.slow, pytest.mark.any_database]

USUAL_RUNS = 4
RUNS = int(os.environ.get("DIALECTS", USUAL_RUNS))
# A slow call would make these tests slow.
FAULTS = sorted(set(faults.WORDS) - {faults.SLOW})
LETTERS = "abcdefghijklmnopqrstuvwxyzæøåABCDEFGHIJKLMNOPQRSTUVWXYZÆØÅ0123456789_-"
OWN_WORDS = sorted({word for members in words.ENUMS.values() for word in members} - {words.ALL})
OPTIONS: dict[str, some.SearchStrategy[Any]] = {
    "words": some.one_of(
        some.sampled_from(list(dialect.TABLES.values())),
        some.dictionaries(some.sampled_from(OWN_WORDS), some.text(LETTERS, min_size=1, max_size=12)),
    ),
    "case": some.sampled_from(dialect.CASES),
    "late": some.sampled_from((0.0, 120.0)),
    "since": some.sampled_from(dialect.SINCE),
    "unset_dates": some.booleans(),
    "money": some.sampled_from(dialect.MONEY),
    "wrapped": some.booleans(),
    "past_the_end": some.sampled_from(dialect.PAST_THE_END),
    "odd_yes": some.sampled_from(dialect.YES),
    "busy": some.sampled_from((0, 0, 3, 5)),
    "refuse_transaction_types": some.sampled_from(((), (100, 110, 150))),
    "refuse_clerks": some.sampled_from(((), (1,))),
    "refuse_terminals": some.sampled_from(((), (99,))),
    "refuse_item_groups": some.sampled_from(((), (9900,))),
    "transfer_ids": some.sampled_from(dialect.TRANSFER_IDS),
    "bound_tokens": some.booleans(),
    "base": some.sampled_from(("/api", "/retail/api")),
}


@dataclass(frozen=True)
class Day:
    """How DdD speaks, which of its calls fail, and whether head office has taught the Group before."""

    dialect: Dialect
    fails: tuple[str, ...]
    every: int
    is_taught: bool


@some.composite
def days(draw: some.DrawFn) -> Day:
    try:
        spoken = Dialect(**draw(some.fixed_dictionaries(OPTIONS)))
    except BadDialect:  # two words became one
        reject()
    fails = draw(some.lists(some.sampled_from(FAULTS), max_size=3))
    is_taught = draw(some.booleans())
    return Day(spoken, tuple(fails), draw(some.integers(2, 6)), is_taught)


def test_every_option_is_drawn() -> None:
    assert set(OPTIONS) == set(dialect.OPTIONS)


def test_nothing_is_sold_twice_and_nothing_lost_however_ddd_speaks(
    booked_cast: Cast, sandbox: RunningSandbox, settings: Settings
) -> None:
    settings.DDD_QUIET_SECONDS = 60
    cast = opened(booked_cast)

    @as_many_as_wanted
    @given(days())
    def a_day(day: Day) -> None:
        note(str(day))
        sandbox.reset()
        with transaction.atomic():
            try:
                live(day, cast, sandbox)
            finally:
                transaction.set_rollback(True)

    a_day()


as_many_as_wanted = settings(
    max_examples=RUNS,
    derandomize=RUNS == USUAL_RUNS,
    database=None,
    deadline=None,
    # To shrink a day takes minutes: what was drawn is told instead.
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def live(day: Day, cast: Cast, sandbox: RunningSandbox) -> None:
    """A day whose first calls fail, and what DdD has of it in the end."""
    line = WholeLine(cast, sandbox, day.dialect)
    if day.is_taught:
        line.teach()
    if day.fails:
        sandbox.fault(list(day.fails), every=day.every, times=8)
    run(line)
    assert_all_is_there_once(line)
