"""A row of figures: what is counted of a shop, a web shop, a week or all, in numbers and in words."""

from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from office.figures import words
from office.figures.counts import (
    HALF,
    NINE_OF_TEN,
    OWED,
    Count,
    Counts,
    Time,
    missing_pieces,
    refunded_pieces,
    returned_pieces,
    share,
    within,
)
from office.listing.filters import Issue

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
    def refunded(self) -> int:
        """Paid pieces that nobody got."""
        return sum(refunded_pieces(self.counts).values())

    @property
    def owed(self) -> Decimal:
        """The money for them."""
        return Decimal(self.counts.get(OWED, 0)) / 100

    @property
    def cells(self) -> list[tuple[str, str]]:
        """Times, shares and pieces, as people read them; with each the query of the list behind it or ""."""
        times = [
            f"{words.length(half)} / {words.length(most)}" if half is not None else words.NOTHING
            for half, most in self.times
        ]
        return [
            *((text, "") for text in times),
            *zip(map(words.percent, self.shares), self.behind_shares, strict=True),
            (words.number(self.missing), self.behind_missing),
            (words.number(self.returned), ""),
        ]

    @property
    def behind_shares(self) -> list[str]:
        """The query of the list behind each share; of what went well there is none."""
        late, uncollected = (self.counts.get(part, 0) for part in (Count.LATE, Count.UNCOLLECTED))
        return ["", self._behind(Issue.LATE, late), self._behind(Issue.NOT_COLLECTED, uncollected)]

    @property
    def behind_missing(self) -> str:
        """The query of the list of orders with missing pieces."""
        return self._behind(Issue.MISSING, self.missing)

    def _behind(self, only: Issue, number: int) -> str:
        return f"{self.query}&{urlencode({'only': only.value})}" if self.query and number else ""


def share_names() -> list[str]:
    """Of the shares, in the order of SHARES."""
    return [_("Picked at first try"), _("Ready after the promise"), _("Not collected")]
