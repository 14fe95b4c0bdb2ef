"""Which reports of missing pieces are valid: those after which the piece did not turn up."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from orders.models import OrderEvent
from orders.states import Status

Kind = OrderEvent.Kind
KINDS = (Kind.PIECE_MISSING, Kind.PIECE_PICKED, Kind.PICK_UNDONE, Kind.MOVED)


class Tap(NamedTuple):
    """What somebody did with a piece of an order; `was` is what an undone tap had said, `reason` why it is
    missing."""

    event: int
    kind: str
    piece: str
    was: str = ""
    reason: str = ""


def valid_reports(taps: Iterable[Tap], ordered: Mapping[str, int]) -> Iterator[int]:
    """The reports of one order that were never taken back, from its taps in their order.

    Pieces are known by name, and `ordered` says how many of each there are: one more picked than there are
    left is one that turned up. When the order moves, the reports of its old shop stay valid.
    """
    missing: defaultdict[str, list[Tap]] = defaultdict(list)
    picked: Counter[str] = Counter()
    for tap in taps:
        reports, all_of_it = missing[tap.piece], ordered.get(tap.piece, 1)
        if tap.kind == Kind.MOVED:
            yield from _all(missing)
            missing.clear()
            picked.clear()
        elif tap.kind == Kind.PIECE_MISSING:
            if len(reports) + picked[tap.piece] < all_of_it:
                reports.append(tap)
            else:
                _say_again(reports, tap)
        elif tap.kind == Kind.PIECE_PICKED:
            picked[tap.piece] += 1
            if reports and len(reports) + picked[tap.piece] > all_of_it:
                reports.pop()
        elif tap.was == Status.PICKED:
            picked[tap.piece] -= 1
        elif reports:
            reports.pop()
    yield from _all(missing)


def _say_again(reports: list[Tap], tap: Tap) -> None:
    """The same piece with another reason: the newest reason counts."""
    others = (at for at, one in reversed(list(enumerate(reports))) if one.reason != tap.reason)
    if (at := next(others, None)) is not None:
        reports[at] = tap


def _all(missing: Mapping[str, list[Tap]]) -> Iterator[int]:
    return (tap.event for reports in missing.values() for tap in reports)
