"""Who changed which setting when, page by page."""

from dataclasses import dataclass

from accounts.models import Group, SettingChange
from core.paging import behind, place_of

CHANGES_ON_A_PAGE = 50


@dataclass(frozen=True)
class Page:
    """Some changes, and where the next page begins; None when there is none."""

    changes: list[SettingChange]
    after: str | None


def page_of(group: Group, about: str, after: str = "") -> Page:
    """50 changes of one setting, or of all when none is named, the newest first; 1 query."""
    found = SettingChange.objects.filter(group=group).select_related("by")
    if about:
        found = found.filter(about=about)
    if after:
        found = found.filter(behind(after, "at", newest_first=True))
    rows = list(found.order_by("-at", "-pk")[: CHANGES_ON_A_PAGE + 1])
    shown, more = rows[:CHANGES_ON_A_PAGE], len(rows) > CHANGES_ON_A_PAGE
    return Page(shown, place_of(shown[-1].at, shown[-1].pk) if more else None)
