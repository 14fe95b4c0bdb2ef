"""Property test: whatever people do and calls fail, DdD's books are what was delivered less what came
back."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as some
from pytest_django import Settings

from ddd.sandbox.faults import WORDS
from returns.policy import Outcome
from tests.factories import Cast
from tests.sandbox_process import RunningSandbox
from tests.stories.adding_up import assert_it_adds_up
from tests.stories.counter import Counters, opened

Face = TypeVar("Face")
EXAMPLES = 8


@dataclass(frozen=True)
class HandOver:
    who: str
    web_shop: str
    basket: tuple[int, ...]
    paid_by: str
    days_ago: int

    def do(self, counters: Counters) -> None:
        counters.hand_over(self.who, self.web_shop, self.basket, self.paid_by, self.days_ago)


@dataclass(frozen=True)
class TillHandsOver:
    who: str
    web_shop: str
    basket: tuple[int, ...]

    def do(self, counters: Counters) -> None:
        counters.till_hands_over(self.who, self.web_shop, self.basket)


@dataclass(frozen=True)
class Undo:
    """A wrong tap on one of the latest orders, and perhaps it was right after all."""

    order: int
    deliver_again: bool

    def do(self, counters: Counters) -> None:
        known = counters.orders[-1 - self.order % len(counters.orders)]
        if counters.undo(known) and self.deliver_again:
            counters.deliver(known)


@dataclass(frozen=True)
class TakeBack:
    """`pieces` are bits, of what the customer has; all of it when they name none.

    `then` is what else happens at once: nothing, their second tap, or a colleague who wants the same.
    """

    order: int
    pieces: int
    who: str
    shop: str
    paid_by: str
    instead: Outcome | None
    then: str

    def do(self, counters: Counters) -> None:
        known = counters.orders[self.order % len(counters.orders)]
        theirs = sorted(known.with_customer) or list(known.lines)
        lines = [line for place, line in enumerate(theirs) if self.pieces >> place & 1] or theirs
        back = counters.take_back(
            known, lines, self.who, shop=self.shop, paid_by=self.paid_by, instead=self.instead
        )
        if back and self.then == "second tap":
            assert counters.take_back(known, lines, self.who, shop=self.shop) is None
        elif back and self.then == "colleague":
            assert (
                counters.take_back(known, lines[-1:], "odense" if self.who == "aarhus" else "aarhus") is None
            )


@dataclass(frozen=True)
class End:
    """The manager cancels one of the latest returns, or reverses it when DdD has it already."""

    number: int

    def do(self, counters: Counters) -> None:
        found = [back for back in counters.returns if back.standing] or counters.returns
        if found:
            counters.cancel_or_reverse(found[-1 - self.number % len(found)])


@dataclass(frozen=True)
class Refund:
    """The web shop moves its money for one of the latest returns."""

    number: int

    def do(self, counters: Counters) -> None:
        found = [back for back in counters.returns if back.refund] or counters.returns
        if found:
            counters.pay_refund(found[-1 - self.number % len(found)])


@dataclass(frozen=True)
class Later:
    seconds: int

    def do(self, counters: Counters) -> None:
        counters.later(self.seconds)


@dataclass(frozen=True)
class Work:
    def do(self, counters: Counters) -> None:
        counters.work()


@dataclass(frozen=True)
class Settle:
    """Workers and head office have time until DdD has everything."""

    def do(self, counters: Counters) -> None:
        counters.settle()


@dataclass(frozen=True)
class Fault:
    """So many calls go wrong, each with the next of these words."""

    words: tuple[str, ...]
    every: int
    times: int

    def do(self, counters: Counters) -> None:
        counters.sandbox.fault(list(self.words), every=self.every, times=self.times, seconds=0.45)


Action = HandOver | TillHandsOver | Undo | TakeBack | End | Refund | Later | Work | Settle | Fault
DICE, ACTIONS = 400, 40


class Dice:
    """Drawn by Hypothesis all at once, so that a day does not just repeat the actions of the last one."""

    def __init__(self, thrown: bytes) -> None:
        self.thrown = iter(thrown)

    def of(self, *options: Face) -> Face:
        return options[next(self.thrown) % len(options)]

    def number(self, most: int) -> int:
        return next(self.thrown) % (most + 1)


def a_day_by(thrown: bytes) -> list[Action]:
    """It begins with two orders that leave the shop."""
    dice = Dice(thrown)
    return [a_hand_over(dice), a_hand_over(dice), *(dice.of(*WHAT_HAPPENS)(dice) for _deed in range(ACTIONS))]


def a_hand_over(dice: Dice) -> HandOver:
    return HandOver(
        who=dice.of("aarhus", "odense"),
        web_shop=dice.of("nordlys", "outlet"),
        basket=a_basket(dice),
        paid_by=dice.of("", "", "cash", "terminal"),
        days_ago=dice.of(0, 0, 0, 30, 31),
    )


def a_till(dice: Dice) -> TillHandsOver:
    return TillHandsOver(dice.of("aarhus", "odense"), dice.of("nordlys", "outlet"), a_basket(dice))


def a_basket(dice: Dice) -> tuple[int, ...]:
    return tuple(dice.number(2) for _piece in range(1 + dice.number(2)))


def a_take_back(dice: Dice) -> TakeBack:
    return TakeBack(
        order=dice.number(7),
        pieces=dice.number(7),
        who=dice.of("aarhus", "odense", "manager", "manager"),
        shop=dice.of("aarhus", "odense"),
        paid_by=dice.of("cash", "terminal"),
        instead=dice.of(None, None, None, *Outcome),
        then=dice.of("", "", "", "second tap", "colleague"),
    )


def a_fault(dice: Dice) -> Fault:
    words = tuple(dice.of(*WORDS) for _word in range(1 + dice.number(3)))
    return Fault(words, every=1 + dice.number(2), times=1 + dice.number(5))


WHAT_HAPPENS: list[Callable[[Dice], Action]] = [
    lambda dice: Work(),
    lambda dice: Work(),
    lambda dice: Settle(),
    lambda dice: Later(dice.of(30, 61)),
    a_take_back,
    a_take_back,
    a_take_back,
    lambda dice: End(dice.number(2)),
    lambda dice: End(dice.number(2)),
    lambda dice: Refund(dice.number(2)),
    lambda dice: Refund(dice.number(2)),
    lambda dice: Undo(dice.number(2), dice.of(False, True)),
    a_hand_over,
    a_till,
    a_fault,
    a_fault,
]


@pytest.mark.any_database
def test_money_and_pieces_in_the_books_are_what_was_delivered_less_what_came_back(
    booked_cast: Cast, sandbox: RunningSandbox, settings: Settings
) -> None:
    settings.UNDO_SECONDS = 60
    settings.DDD_TIMEOUT_SECONDS = 0.3
    settings.DDD_QUIET_SECONDS = 60
    cast, tally = opened(booked_cast), Counter[str]()

    @as_many_days_as_there_is_time_for
    @given(some.binary(min_size=DICE, max_size=DICE).map(a_day_by))
    def a_day(planned: list[Action]) -> None:
        tally.update(run_day(cast, sandbox, planned))

    a_day()
    # Enough happened on these days.
    assert not THE_USUAL - set(tally), tally


THE_USUAL = {
    "delivered",
    "delivered by the till",
    "undo refused",
    "register",
    "register, overruled",
    "web shop",
    "refused",
    "second tap",
    "cancelled",
    "reversed",
    "refunded",
}
as_many_days_as_there_is_time_for = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    # To shrink a day takes minutes: what was done is told instead.
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def run_day(cast: Cast, sandbox: RunningSandbox, planned: list[Action]) -> Counter[str]:
    """One day, of which nothing is left afterwards."""
    sandbox.reset()
    with transaction.atomic():
        counters = Counters(cast, sandbox)
        for action_key in planned:
            note(str(action_key))
            action_key.do(counters)
        counters.settle()
        assert_it_adds_up(counters)
        transaction.set_rollback(True)
    return counters.tally
