"""What can be done with each piece of an order: exactly what the rules allow."""

from collections.abc import Iterable
from dataclasses import dataclass

from core.article_codes import canonical
from orders.models import Line, Policy, WebOrder
from orders.states import may_pick, may_undo_pick


@dataclass(frozen=True)
class Piece:
    """A line as a screen shows it."""

    line: Line
    may_tap: bool
    may_miss: bool
    may_undo: bool

    @property
    def eans(self) -> str:
        """Its Eans as `static/pos/codes.js` compares them, for a tablet without network."""
        written = [self.line.ean, *(barcode.ean for barcode in self.line.variant.barcodes.all())]
        return " ".join(dict.fromkeys(canonical(ean) for ean in written if ean))


def pieces_of(order: WebOrder, lines: Iterable[Line], policy: Policy) -> list[Piece]:
    """No query when the variants' Eans are prefetched."""
    return [_piece(order, line, policy) for line in lines]


def _piece(order: WebOrder, line: Line, policy: Policy) -> Piece:
    mine = order.taken_at is not None
    has_code = bool(line.ean or line.variant.barcodes.all())
    pickable = mine and may_pick(order.status, line.status)
    return Piece(
        line,
        may_tap=pickable and not policy.must_scan(has_code),
        may_miss=pickable and line.is_open,
        may_undo=mine and may_undo_pick(order.status, line.status),
    )
