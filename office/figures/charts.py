"""The small charts of the screen of figures: each shows its weeks, and has the same numbers as a table."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.translation import gettext as _

from office.figures import drawing, words
from office.figures.counts import Count, Time
from office.figures.drawing import Bar, Line, Tick
from office.figures.rows import SHARES, Row, share_names

SHAPES = ("circle", "square")


@dataclass(frozen=True)
class Chart:
    """A small picture of the weeks, and its table."""

    key: str
    title: str
    scale: list[Tick]
    below: list[Tick]
    names: list[str]
    table: list[tuple[str, list[str]]]
    bars: Sequence[Bar] = ()
    lines: Sequence[Line] = ()


def charts_of(weeks: Sequence[Row]) -> Iterator[Chart]:
    """All of them; each row of figures is a week."""
    yield _of_bars("orders", _("Orders came in"), _("Orders"), weeks, [row.came_in for row in weeks])
    titles = (_("From order to taken"), _("From order to ready"), _("From ready to collected"))
    for at, (time, title) in enumerate(zip(Time, titles, strict=True)):
        times = [row.times[at] for row in weeks]
        series = [
            (_("half"), [half for half, _most in times]),
            (_("9 of 10"), [most for _half, most in times]),
        ]
        yield _of_lines(time.value, title, weeks, series, LENGTHS)
    for at, title in enumerate(share_names()):
        part, _whole = SHARES[at]
        measure = FULL_SHARES if part == Count.FIRST_TRY else SMALL_SHARES
        yield _of_lines(part.value, title, weeks, [("", [row.shares[at] for row in weeks])], measure)
    pieces = _("Pieces")
    yield _of_bars("missing", _("Pieces that were missing"), pieces, weeks, [row.missing for row in weeks])
    yield _of_bars("returned", _("Pieces that came back"), pieces, weeks, [row.returned for row in weeks])


class Measure(NamedTuple):
    """How a kind of values is written, and where its scale may end."""

    say: Callable[[float | None], str]
    on_a_scale: Callable[[float], str]
    steps: Sequence[float]


LENGTHS = Measure(words.length, words.length_on_a_scale, drawing.MINUTES)
SMALL_SHARES = Measure(words.percent, words.percent_on_a_scale, drawing.SHARES)
FULL_SHARES = SMALL_SHARES._replace(steps=(1.0,))


def _of_bars(key: str, title: str, name: str, weeks: Sequence[Row], counts: Sequence[int]) -> Chart:
    top = drawing.top_for_counts(counts)
    return Chart(
        key,
        title,
        drawing.scale(top, words.number_on_a_scale),
        drawing.below([row.name for row in weeks]),
        [name],
        [(row.name, [words.number(count)]) for row, count in zip(weeks, counts, strict=True)],
        bars=drawing.bars(counts, top, words.number),
    )


def _of_lines(
    key: str,
    title: str,
    weeks: Sequence[Row],
    series: Sequence[tuple[str, list[float | None]]],
    measure: Measure,
) -> Chart:
    known = [value for _name, values in series for value in values if value is not None]
    top = drawing.top_for(known, measure.steps)
    lines = [
        drawing.line(name, shape, values, top, measure.say)
        for (name, values), shape in zip(series, SHAPES, strict=False)
    ]
    return Chart(
        key.replace(" ", "-"),
        title,
        drawing.scale(top, measure.on_a_scale),
        drawing.below([row.name for row in weeks]),
        [name or title for name, _values in series],
        [(row.name, [measure.say(values[at]) for _name, values in series]) for at, row in enumerate(weeks)],
        lines=drawing.spread_labels(lines),
    )
