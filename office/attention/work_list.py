"""Head office's work list: what waits for a person, by kind, counted, filtered and page by page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, assert_never

from django.db.models import Model, QuerySet

from accounts.models import Group, Shop
from core.paging import behind, place_of
from office.attention.kind import ComputedRows, Kind, PagedRows, Silence
from office.attention.kinds import KINDS
from office.attention.waiting import counts_by_kind, open_rows

ROWS_ON_A_PAGE = 50
ROWS_AT_A_GLANCE = 20


@dataclass(frozen=True)
class Filters:
    """What head office filters by; the default is everything."""

    kind: Kind | None = None
    shop: Shop | None = None


@dataclass(frozen=True)
class Section:
    """The rows of one kind that are shown, how many there are, and where the next page begins."""

    kind: Kind
    count: int
    rows: Sequence[Any] = ()
    after: str = ""

    @property
    def can_choose(self) -> bool:
        """Whether something can be decided about several of them at once."""
        return len(self.rows) > 1 and bool(self.kind.buttons)

    @property
    def is_cut(self) -> bool:
        """Whether there are more than are shown."""
        return self.count > len(self.rows)


@dataclass(frozen=True)
class WorkList:
    """The kinds of which something waits, with their rows where they are shown."""

    sections: Sequence[Section] = field(default_factory=list)

    @property
    def shown(self) -> list[Section]:
        """Those with rows."""
        return [section for section in self.sections if section.rows]

    def empty(self, is_compared: bool) -> list[str]:
        """The headings of the kinds that are known to have no rows."""
        there = {section.kind.key for section in self.sections}
        said = {Silence.ALWAYS, Silence.COMPARED} if is_compared else {Silence.ALWAYS}
        return [str(kind.label) for kind in KINDS.values() if kind.key not in there and kind.silence in said]

    def count(self, kind: Kind) -> int:
        """How many of this kind there are."""
        return sum(section.count for section in self.sections if section.kind is kind)

    @property
    def total(self) -> int:
        """How many rows there are in all."""
        return sum(section.count for section in self.sections)


def work_list(group: Group, filters: Filters, now: datetime, after: str = "") -> WorkList:
    """All kinds, or the 50 next rows of one; 6 queries, and 1 for each kind of which there is something."""
    counts = counts_by_kind(group.pk, filters.shop)
    found = (_section(kind, counts, group, filters, now, after) for kind in KINDS.values())
    return WorkList([section for section in found if section.count])


def _section(
    kind: Kind, counts: Mapping[str, int], group: Group, filters: Filters, now: datetime, after: str
) -> Section:
    is_shown = filters.kind in (None, kind)
    match kind.source:
        case ComputedRows() as source:
            there = [row for row in source.find(group, now) if filters.shop in (None, source.shop_of(row))]
            shown = there[: ROWS_AT_A_GLANCE if filters.kind is None else None] if is_shown else []
            return Section(kind, len(there), shown)
        case PagedRows() as source:
            section = Section(kind, counts.get(kind.key, 0))
            rows = open_rows(kind, group.pk, filters.shop) if is_shown and section.count else None
            return section if rows is None else _page_of(section, source, rows, filters, after)
        case _ as unknown:
            assert_never(unknown)


def _page_of(
    section: Section, source: PagedRows, rows: QuerySet[Any, Any], filters: Filters, after: str
) -> Section:
    at_once = ROWS_ON_A_PAGE if filters.kind else ROWS_AT_A_GLANCE
    way = "-" if source.newest_first else ""
    rows = rows.order_by(f"{way}{source.sorted_by}", f"{way}pk")
    if filters.kind and after:
        rows = rows.filter(behind(after, source.sorted_by, source.newest_first))
    found: list[Model] = list(rows[: at_once + 1])
    last = found[at_once - 1] if len(found) > at_once else None
    place = place_of(getattr(last, source.sorted_by), last.pk) if last else ""
    return replace(section, rows=found[:at_once], after=place)
