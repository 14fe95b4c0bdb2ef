"""Head office's list of refunds, paged without counting all rows."""

from dataclasses import dataclass

from accounts.viewer import Viewer
from core.paging import behind, place_of
from orders.models import RefundDue
from returns.refunded_pieces import with_pieces

REFUNDS_ON_A_PAGE = 50
COUNTED_TO = 100
TABS = ("open", "done")


@dataclass(frozen=True)
class Page:
    """Some refunds, and the cursor of the next page; None on the last one."""

    refunds: list[RefundDue]
    after: str | None


def page_of(viewer: Viewer, tab: str, after: str = "") -> Page:
    """Open ones oldest first, done ones newest first; 3 queries."""
    is_open = tab == TABS[0]
    mine = RefundDue.objects.visible_to(viewer)
    column = "made_at" if is_open else "modified_at"
    wanted = mine.open().order_by(column, "pk") if is_open else mine.done().order_by(f"-{column}", "-pk")
    if after:
        wanted = wanted.filter(behind(after, column, newest_first=not is_open))
    rows = list(with_pieces(wanted)[: REFUNDS_ON_A_PAGE + 1])
    shown = rows[:REFUNDS_ON_A_PAGE]
    if len(rows) <= REFUNDS_ON_A_PAGE:
        return Page(shown, None)
    last = shown[-1]
    return Page(shown, place_of(getattr(last, column), last.pk))


def waiting_of(viewer: Viewer) -> int:
    """How many are open, counted to 100 at most; 1 query."""
    return len(RefundDue.objects.visible_to(viewer).open().values_list("pk")[:COUNTED_TO])
