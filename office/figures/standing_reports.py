"""Which reports of missing pieces stand: those after which the piece did not turn up. Knows no database."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from orders.models import OrderEvent
from orders.states import Status

Kind = OrderEvent.Kind
KINDS = (Kind.PIECE_MISSING, Kind.PIECE_PICKED, Kind.PICK_UNDONE, Kind.MOVED)


class Tap(NamedTuple):
    """What somebody did with a piece of an order; `was` is what an undone tap had said."""

    event: int
    kind: str
    piece: str
    was: str = ""


def standing(taps: Iterable[Tap], ordered: Mapping[str, int]) -> Iterator[int]:
    """The reports of one order that were never taken back, from its taps in their order.

    Pieces are known by name, and `ordered` says how many of each there are: one more picked than there are
    left is one that turned up. When the order moves on, what was said in its old shop stands.
    """
    missing: defaultdict[str, list[int]] = defaultdict(list)
    picked: Counter[str] = Counter()
    for tap in taps:
        reports, all_of_it = missing[tap.piece], ordered.get(tap.piece, 1)
        if tap.kind == Kind.MOVED:
            yield from _all(missing)
            missing.clear()
            picked.clear()
        elif tap.kind == Kind.PIECE_MISSING:
            # Said once more with another reason, it is the same report.
            if len(reports) + picked[tap.piece] < all_of_it:
                reports.append(tap.event)
        elif tap.kind == Kind.PIECE_PICKED:
            picked[tap.piece] += 1
            if reports and len(reports) + picked[tap.piece] > all_of_it:
                reports.pop()
        elif tap.was == Status.PICKED:
            picked[tap.piece] -= 1
        elif reports:
            reports.pop()
    yield from _all(missing)


def _all(missing: Mapping[str, list[int]]) -> Iterator[int]:
    return (report for reports in missing.values() for report in reports)
