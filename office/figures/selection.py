"""Of which shop, web shop and weeks figures are shown."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from office.figures.counting import WEEK
from office.models.daily_figure import EVERY

# Stands for DdD among the web shops, in an address.
DDD: Final = "ddd"


@dataclass(frozen=True)
class Selection:
    """Whole weeks, from one Monday to another; a key of EVERY is no choice."""

    first: date
    last: date
    shop: int = EVERY
    web_shop: int = EVERY

    @property
    def weeks(self) -> list[date]:
        """Their Mondays."""
        return [self.first + number * WEEK for number in range((self.last - self.first) // WEEK + 1)]

    @property
    def last_day(self) -> date:
        """The Sunday with which the span ends."""
        return self.last + timedelta(days=6)

    @property
    def before(self) -> "Selection":
        """As many weeks, just before."""
        length = len(self.weeks) * WEEK
        return Selection(self.first - length, self.last - length, self.shop, self.web_shop)
