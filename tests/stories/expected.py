"""What DdD must have of a delivery, of a return and of its reversal, by the shops' own rules.

Nothing here was computed by the portal, so that both can be compared.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from orders.models import RefundDue, WebOrder
from returns.models import Return
from returns.policy import Outcome
from tests.factories import CAP, JUMPER, SCARF
from tests.stories.ledger import Booked, BookedPiece, Moved, moved

TURNOVER, ITEM_GROUP = 996900, 9900
SHOPS = {"aarhus": 996001, "odense": 996002}
# Variant, price on the label, price as sold.
PRICES = ((JUMPER, "349.95", "249.97"), (SCARF, "120.05", "120.05"), (CAP, "80.00", "59.99"))
DAYS, LIMIT = 30, Decimal("200.00")
REASONS = (("Too small", 7), ("A hole", 42))
MONEY_IN = {"": 150, "cash": 100, "terminal": 110}
MONEY_OUT = {"": 150, "cash": 105, "terminal": 115}

# The next state of a refund when the web shop pays, and when the return is ended.
PAID_AS: dict[str, str] = {
    RefundDue.State.DUE: RefundDue.State.REFUNDED,
    RefundDue.State.RECLAIM: RefundDue.State.RECLAIMED,
}
GONE_AS: dict[str, str] = {
    RefundDue.State.DUE: RefundDue.State.WITHDRAWN,
    RefundDue.State.REFUNDED: RefundDue.State.RECLAIM,
}


@dataclass
class Known:
    """An order as its customer knows it; `lines` are its pieces as they were sold, by the line's id."""

    order: WebOrder
    who: str
    days_ago: int
    lines: dict[int, BookedPiece]
    paid_by: str = ""
    is_delivered: bool = False
    can_be_undone_until: datetime | None = None
    # In how many booked returns a line is: never more than one.
    back: Counter[int] = field(default_factory=Counter)

    @property
    def order_no(self) -> str:
        return self.order.order_no

    @property
    def with_customer(self) -> set[int]:
        return {line for line in self.lines if self.is_delivered and not self.back[line]}

    @property
    def has_turnover_shop(self) -> bool:
        return self.order.web_shop is not None and self.order.web_shop.turnover_shop is not None

    def worth(self, lines: Sequence[int] | set[int]) -> Decimal:
        return sum((self.lines[line].gross - self.lines[line].discount for line in lines), Decimal(0))

    def reason(self, line: int) -> tuple[str, int]:
        return REASONS[list(self.lines).index(line) % len(REASONS)]


def goes_to_the_shelf(line: int) -> bool:
    """Every second piece is damaged."""
    return bool(line % 2)


class Entry(NamedTuple):
    """One action in DdD's books."""

    sale: Booked
    transfer: Moved | None


@dataclass
class Back:
    """A return as it was noted down."""

    known: Known
    taken_back: Return
    lines: tuple[int, ...]
    shop: str
    outcome: Outcome
    entry: Entry
    refund: str
    standing: bool = True


def outcome_of(
    known: Known, lines: Sequence[int], instead: Outcome | None, by_manager: bool
) -> Outcome | None:
    """The policy in short; None when it must be refused."""
    if not lines or not set(lines) <= known.with_customer:
        return None
    in_time, within = known.days_ago <= DAYS, known.worth(lines) <= LIMIT
    online = not known.paid_by
    usual = Outcome.REGISTER if within or not online else Outcome.WEB_SHOP
    if in_time and (within or online) and instead in (None, usual):
        return usual
    possible = tuple(Outcome) if online else (Outcome.REGISTER,)
    return instead if by_manager and instead in possible else None


def delivery_of(known: Known) -> Entry:
    """Sold by the shop, or by the turnover shop, to which the pieces go."""
    shop, pieces = SHOPS[known.who], tuple(sorted(known.lines.values()))
    books = TURNOVER if known.has_turnover_shop else shop
    paid = MONEY_IN[known.paid_by]
    sale = Booked(books, known.order_no, "Sale", pieces, "In", paid, known.worth(list(known.lines)))
    return Entry(sale, _moved(known, shop, TURNOVER, pieces))


def return_of(known: Known, lines: Sequence[int], shop: str, paid_by: str) -> Entry:
    """Back into the books that have the turnover, and from there to the shop that took the pieces."""
    pieces = tuple(sorted(known.lines[line]._replace(return_code=known.reason(line)[1]) for line in lines))
    books = TURNOVER if known.has_turnover_shop else SHOPS[shop]
    paid = MONEY_OUT[paid_by]
    sale = Booked(books, known.order_no, "Return", pieces, "Out", paid, known.worth(lines))
    return Entry(sale, _moved(known, TURNOVER, SHOPS[shop], pieces))


def reversal_of(entry: Entry) -> Entry:
    """The opposite of a return, without reasons: a sale has none."""
    types = {MONEY_OUT[word]: MONEY_IN[word] for word in MONEY_OUT}
    sale = entry.sale._replace(
        word="Sale",
        direction="In",
        pieces=tuple(piece._replace(return_code=None) for piece in entry.sale.pieces),
        transaction_type=types[entry.sale.transaction_type],
    )
    if entry.transfer is None:
        return Entry(sale, None)
    return Entry(sale, Moved(entry.transfer.recipient, entry.transfer.sender, entry.transfer.pieces))


def _moved(known: Known, sender: int, recipient: int, pieces: Sequence[BookedPiece]) -> Moved | None:
    if not known.has_turnover_shop:
        return None
    return moved(sender, recipient, [piece.variant_id for piece in pieces])
