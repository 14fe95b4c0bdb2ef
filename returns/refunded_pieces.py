"""The pieces of a refund, of whichever kind it is: they came back, or the customer never got them."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.db.models import Prefetch, QuerySet

from orders.models import Line, RefundDue, RefundedLine
from returns.models import Condition, ReturnedPiece
from returns.refunds import return_of

RETURNED: Final = "returned"


@dataclass(frozen=True)
class RefundedPiece:
    """`cause` is RETURNED or one of RefundedLine's; `reason` is in the reader's language, or empty."""

    line: Line
    amount: Decimal
    cause: str
    cause_words: str
    reason: str
    return_code: int | None = None
    condition: Condition | None = None

    @property
    def why(self) -> str:
        """Cause and reason as screens show them."""
        return ": ".join(part for part in (self.cause_words, self.reason) if part)


def with_pieces(refunds: QuerySet[Any]) -> QuerySet[Any]:
    """With all that `pieces_of` and the screens ask of each; 5 queries more, however many refunds."""
    returned = ReturnedPiece.objects.select_related("line__variant")
    lost = RefundedLine.objects.select_related("line__variant")
    return refunds.select_related("order", "shop", "web_shop", "closed_by", "taken_back").prefetch_related(
        Prefetch("taken_back__pieces", returned), Prefetch("lines", lost)
    )


def pieces_of(refund: RefundDue) -> list[RefundedPiece]:
    """In the order in which they were noted."""
    taken_back = return_of(refund)
    if taken_back is not None:
        return [*_returned(taken_back.pieces.all())]
    return [*_lost(refund.lines.all())]


def _returned(pieces: Iterable[ReturnedPiece]) -> Iterable[RefundedPiece]:
    for piece in pieces:
        condition = Condition(piece.condition)
        yield RefundedPiece(
            piece.line, piece.amount, RETURNED, "", piece.reason, piece.return_code, condition
        )


def _lost(lines: Iterable[RefundedLine]) -> Iterable[RefundedPiece]:
    for row in lines:
        yield RefundedPiece(row.line, row.amount, row.cause, row.get_cause_display(), row.reason_words)
