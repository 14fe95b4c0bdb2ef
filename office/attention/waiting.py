"""How many rows need attention, for the badge and the overview."""

from typing import Any, Final

from django.db.models import Count, QuerySet, Value

from accounts.models import Shop
from office.attention.kind import Kind, NotApplicable, PagedRows
from office.attention.kinds import KINDS

COUNTED_TO: Final = 100


def open_rows(kind: Kind, group_id: int, shop: Shop | None = None) -> QuerySet[Any, Any] | None:
    """The open rows of the kind, of one shop when it is given. None when the kind is not stored, or its rows
    belong to no shop."""
    if isinstance(kind.open_rows, NotApplicable):
        return None
    rows = kind.open_rows(group_id)
    if shop is None:
        return rows
    of_shop = kind.source.of_shop if isinstance(kind.source, PagedRows) else None
    return rows.filter(of_shop(shop)) if of_shop else None


def counts_by_kind(group_id: int, shop: Shop | None = None) -> dict[str, int]:
    """How many rows of each kind are open, without the kinds of which there are none; 1 query."""
    found = [(kind, open_rows(kind, group_id, shop)) for kind in KINDS.values()]
    first, *others = (
        rows.order_by()
        .annotate(name=Value(kind.key))
        .values("name")
        .annotate(number=Count("pk"))
        .values_list("name", "number")
        for kind, rows in found
        if rows is not None
    )
    return dict(first.union(*others, all=True))


def badge_of(group_id: int) -> int:
    """What the number beside "Needs attention" counts, 100 at most; 1 query."""
    found = [open_rows(kind, group_id) for kind in KINDS.values() if kind.in_badge is True]
    first, *others = (rows.order_by().values_list("pk") for rows in found if rows is not None)
    return len(first.union(*others, all=True)[:COUNTED_TO])
