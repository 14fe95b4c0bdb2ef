"""The coordinates of a small chart's marks. Knows neither words nor colours: the template has them.

Coordinates are texts, so that no language writes a comma into them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import NamedTuple

WIDTH, HEIGHT = 480, 190
LEFT, RIGHT, TOP, BOTTOM = 58, 76, 22, 26
MOST_LABELS = 13
WORDS_APART, ROOM_BELOW = 30, 12
LABEL_WIDTH, LABEL_HEIGHT = 80, 14  # room for the words above a mark
COUNTS = (5, 10, 20, 50)
MINUTES = (5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 4320, 7200, 10_080, 14_400, 20_160, 43_200)
SHARES = (0.05, 0.1, 0.25, 0.5, 1.0)


class Mark(NamedTuple):
    """A value in its place, with its label in `words`; `above` is the label's y, `reach` the side to which it
    extends: "left", "right", or "" for both."""

    x: str
    y: str
    above: str
    words: str
    is_labelled: bool
    reach: str = ""


@dataclass(frozen=True)
class Line:
    """A series: distinguished by the shape of its marks and by its name at the end."""

    name: str
    shape: str
    marks: list[Mark]
    paths: list[str]
    last: str  # the words of its last value, which stand at its end with its name
    end: float  # how far down


def spread_labels(lines: Sequence[Line]) -> list[Line]:
    """With room between the labels at their ends, from the lowest up; of highest values whose labels would
    overlap only the higher one is labelled."""
    moved: list[Line] = []
    lowest: float = HEIGHT - BOTTOM - ROOM_BELOW
    for one in sorted(_uncovered(lines), key=lambda each: -each.end):
        moved.append(replace(one, end=min(one.end, lowest)))
        lowest = moved[-1].end - WORDS_APART
    return moved


def _uncovered(lines: Sequence[Line]) -> list[Line]:
    labelled = sorted(
        (mark for one in lines for mark in one.marks if mark.is_labelled), key=lambda mark: float(mark.y)
    )
    kept: list[Mark] = []
    for mark in labelled:
        if not any(_cover(mark, other) for other in kept):
            kept.append(mark)
    return [
        replace(
            one, marks=[mark._replace(is_labelled=any(mark is other for other in kept)) for mark in one.marks]
        )
        for one in lines
    ]


def _cover(one: Mark, other: Mark) -> bool:
    across, down = abs(float(one.x) - float(other.x)), abs(float(one.y) - float(other.y))
    return across < LABEL_WIDTH and down < LABEL_HEIGHT


@dataclass(frozen=True)
class Bar:
    """One week's bar."""

    x: str
    y: str
    width: str
    height: str
    middle: str
    above: str
    words: str
    is_labelled: bool


class Tick(NamedTuple):
    """A line of the scale, or a place under it."""

    at: str
    words: str


def top_for(values: Sequence[float], steps: Sequence[float]) -> float:
    """The end of the scale: the first step above all values; beyond the last step, a multiple of it."""
    most = max(values, default=0)
    found = next((step for step in steps if step >= most), None)
    return found if found is not None else steps[-1] * ceil(most / steps[-1])


def top_for_counts(values: Sequence[int]) -> float:
    """5, 10, 20, 50, 100, 200 and so on."""
    most, size = max(values, default=0), 1
    while most > COUNTS[-1] * size:
        size *= 10
    return next(step * size for step in COUNTS if step * size >= most)


def scale(top: float, words: Callable[[float], str]) -> list[Tick]:
    """Nothing, half, and the top."""
    return [Tick(_text(_y(part * top, top)), words(part * top)) for part in (0, 0.5, 1)]


def below(names: Sequence[str]) -> list[Tick]:
    """The names of the weeks, as many as have room."""
    every = ceil(len(names) / 7)
    return [Tick(_text(_x(at, len(names))), name) for at, name in enumerate(names) if at % every == 0]


def line(
    name: str, shape: str, values: Sequence[float | None], top: float, words: Callable[[float], str]
) -> Line:
    """Weeks without a value are a gap. The last value is written at the end; the highest is labelled, unless
    its label would be the same."""
    known = [value for value in values if value is not None]
    highest = values.index(max(known)) if known else -1
    last = words(known[-1]) if known else ""
    marks: list[Mark] = []
    paths: list[list[str]] = []
    path: list[str] = []
    for at, value in enumerate(values):
        if value is None:
            paths.append(path)
            path = []
            continue
        x, y = _x(at, len(values)), _y(value, top)
        path.append(f"{_text(x)},{_text(y)}")
        is_labelled = at == highest and words(value) != last
        marks.append(Mark(_text(x), _text(y), _text(y - 8), words(value), is_labelled, _reach(x)))
    drawn = [" ".join(found) for found in [*paths, path] if len(found) > 1]
    return Line(name, shape, marks, drawn, last, _y(known[-1], top) if known else 0.0)


def _reach(x: float) -> str:
    """Words near the scale reach away from it, those near the ends of the lines away from them."""
    if x - LABEL_WIDTH / 2 < LEFT:
        return "right"
    return "left" if x + LABEL_WIDTH / 2 > WIDTH - RIGHT else ""


def bars(values: Sequence[int], top: float, words: Callable[[float], str]) -> list[Bar]:
    """One for each week; with few weeks each says its number, with many the highest and the last."""
    room = (WIDTH - LEFT - RIGHT) / max(len(values), 1)
    labelled = set(range(len(values))) if len(values) <= MOST_LABELS else {_highest(values), len(values) - 1}
    found = []
    for at, value in enumerate(values):
        x, y = LEFT + at * room, _y(value, top)
        found.append(
            Bar(
                _text(x + room * 0.12),
                _text(y),
                _text(room * 0.76),
                _text(HEIGHT - BOTTOM - y),
                _text(x + room / 2),
                _text(y - 5),
                words(value),
                at in labelled and bool(value),
            )
        )
    return found


def _highest(values: Sequence[int]) -> int:
    return values.index(max(values))


def _x(at: int, weeks: int) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * (at + 0.5) / weeks


def _y(value: float, top: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top


def _text(number: float) -> str:
    return f"{number:.1f}"
