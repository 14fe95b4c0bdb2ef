"""What is counted of an order, and what the counts of many say. Knows no database.

Times are counted in classes, each a tenth longer than the one before, so that the middle of any number of
days can be read from their sum. What is read lies in the middle of its class: at most 5 % off.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from math import ceil, floor, log
from typing import NamedTuple

Counts = Mapping[str, int]
WIDER = 1.1
HALF, NINE_OF_TEN = 0.5, 0.9
OWED = "owed"  # for pieces that nobody got, in hundredths of the Group's currency


class Count(StrEnum):
    """How many orders; each counts on the day on which it came in."""

    CAME_IN = "came in"
    READY = "ready"
    LATE = "late"  # ready, but after it was promised
    TRIED = "tried"  # every piece was looked for
    FIRST_TRY = "first try"  # every piece was found, and no tap was taken back
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    UNCOLLECTED = "uncollected"  # cancelled because nobody came
    WITH_MISSING = "with missing"


class Time(StrEnum):
    """Which time: minutes in which the shop was open, but for the last, which the clock measures."""

    TAKE = "take"
    TO_READY = "to ready"
    COLLECT = "collect"


class CountedOrder(NamedTuple):
    """What is counted of one order; of events only whether there are any."""

    promised: datetime
    ready: datetime | None
    is_delivered: bool
    is_cancelled: bool
    was_corrected: bool
    was_not_collected: bool
    missing: tuple[str, ...]  # the reason for each piece that was not found
    minutes: tuple[tuple[Time, float], ...]


def counts_of(order: CountedOrder) -> Iterator[str]:
    """Each thing to count of an order once, or as often as it happened."""
    nothing_found = order.is_cancelled and order.ready is None and bool(order.missing)
    if order.ready is not None and not order.was_corrected and not order.missing:
        yield Count.FIRST_TRY
    data = {
        Count.CAME_IN: True,
        Count.READY: order.ready is not None,
        Count.LATE: order.ready is not None and order.ready > order.promised,
        Count.TRIED: order.ready is not None or nothing_found,
        Count.DELIVERED: order.is_delivered,
        Count.CANCELLED: order.is_cancelled,
        Count.UNCOLLECTED: order.was_not_collected,
        Count.WITH_MISSING: bool(order.missing),
    }
    yield from (name for name, is_so in data.items() if is_so)
    yield from (missing_for(reason) for reason in order.missing)
    yield from (f"{time}:{class_of(minutes)}" for time, minutes in order.minutes)


def missing_for(reason: str) -> str:
    """Under which a piece that was missing for this reason is counted."""
    return f"missing:{reason}"


def returned_for(outcome: str, reason: str) -> str:
    """Under which a piece that came back is counted, on the day and in the shop where it did."""
    return f"returned:{outcome}:{reason}"


def refunded_for(cause: str) -> str:
    """Under which a piece that was paid for and never given out is counted, on the day it was owed."""
    return f"refunded:{cause}"


def class_of(minutes: float) -> int:
    """The class of this time; under a minute is class 0."""
    return floor(log(minutes) / log(WIDER) + 1e-9) + 1 if minutes >= 1 else 0


def middle_of(number: int) -> float:
    """The time in minutes that represents a class."""
    return WIDER ** (number - 0.5) if number else 0.5


def within(counts: Counts, time: Time, share: float) -> float | None:
    """The minutes within which this share was done; None when there were none."""
    classes = dict(_under(counts, time))
    wanted = ceil(share * sum(classes.values()))
    for number in sorted(classes, key=int):
        wanted -= classes[number]
        if wanted <= 0:
            return middle_of(int(number))
    return None


def share(counts: Counts, part: Count, whole: Count) -> float | None:
    """Which part, from 0 to 1; None when there is nothing to take a part of."""
    return counts.get(part, 0) / counts[whole] if counts.get(whole) else None


def missing_pieces(counts: Counts) -> dict[str, int]:
    """How many pieces were not found, by reason, the most first."""
    return dict(_most_first(_under(counts, "missing")))


def returned_pieces(counts: Counts) -> dict[tuple[str, str], int]:
    """How many pieces came back, by outcome and reason, the most first."""
    return {_two(name): number for name, number in _most_first(_under(counts, "returned"))}


def refunded_pieces(counts: Counts) -> dict[str, int]:
    """How many pieces are refunded that nobody got, by cause, the most first."""
    return dict(_most_first(_under(counts, "refunded")))


def sum_counts(many: Iterable[Counts]) -> Counter[str]:
    """The sum."""
    total: Counter[str] = Counter()
    for counts in many:
        total.update(counts)
    return total


def _under(counts: Counts, prefix: str) -> Iterator[tuple[str, int]]:
    start = f"{prefix}:"
    return ((name[len(start) :], number) for name, number in counts.items() if name.startswith(start))


def _most_first(rows: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    return sorted(rows, key=lambda row: (-row[1], row[0]))


def _two(name: str) -> tuple[str, str]:
    outcome, _colon, reason = name.partition(":")
    return outcome, reason
