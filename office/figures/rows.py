"""A row of figures: what is counted of a shop, a web shop, a week or all, in numbers and in words."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from office.figures import words
from office.figures.counts import (
    HALF,
    NINE_OF_TEN,
    Count,
    Counts,
    Time,
    missing_pieces,
    returned_pieces,
    share,
    within,
)

SHARES = ((Count.FIRST_TRY, Count.TRIED), (Count.LATE, Count.READY), (Count.UNCOLLECTED, Count.READY))


@dataclass(frozen=True)
class Row:
    """What is counted of a shop, a web shop, a week or all; `address` is the list of its orders."""

    name: str
    counts: Counts
    query: str = ""  # of the list of its orders
    narrower: str = ""  # of these figures for this one alone

    @property
    def came_in(self) -> int:
        return self.counts.get(Count.CAME_IN, 0)

    @property
    def orders(self) -> str:
        """How many, as people read it."""
        return words.number(self.came_in)

    @property
    def times(self) -> list[tuple[float | None, float | None]]:
        """To take, to ready and to collect: half, and nine of ten, within so many minutes."""
        return [(within(self.counts, time, HALF), within(self.counts, time, NINE_OF_TEN)) for time in Time]

    @property
    def shares(self) -> list[float | None]:
        """Picked at first try, ready late, not collected."""
        return [share(self.counts, part, whole) for part, whole in SHARES]

    @property
    def missing(self) -> int:
        return sum(missing_pieces(self.counts).values())

    @property
    def returned(self) -> int:
        return sum(returned_pieces(self.counts).values())

    @property
    def cells(self) -> list[str]:
        """Times and shares, as people read them."""
        times = [
            f"{words.length(half)} / {words.length(most)}" if half is not None else words.NOTHING
            for half, most in self.times
        ]
        shares = [words.percent(found) for found in self.shares]
        return [*times, *shares]

    @property
    def pieces(self) -> list[tuple[str, str]]:
        """How many were missing and came back; with each the query of the list behind it, if any."""
        behind = f"{self.query}&only=missing" if self.query and self.missing else ""
        return [(words.number(self.missing), behind), (words.number(self.returned), "")]


def share_names() -> list[str]:
    """Of the shares, in the order of SHARES."""
    return [_("Picked at first try"), _("Ready after the promise"), _("Not collected")]
