"""The sixteen ways in which pieces come back: who pays, whose turnover, a part or all, here or elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from orders import delivery
from orders.models import WebOrder
from returns import desk
from returns.desk import Piece, ReturnRequest
from returns.models import Condition, Return, ReturnPolicy
from returns.policy import Outcome
from tests.ddd.rows import Clock, drain_to_the_end
from tests.factories import CAP, HAND_OVER, JUMPER, NOW, SCARF, Cast, again, picked
from tests.stories.ledger import (
    BookedPiece,
    ordered,
)

AARHUS, ODENSE, TURNOVER = 996001, 996002, 996900
# Variant, price on the label, price as sold.
BASKET = ((JUMPER, "349.95", "249.97"), (SCARF, "120.05", "120.05"), (CAP, "80.00", "59.99"))
CASH_OUT, TERMINAL_OUT, BY_WEB_SHOP = 105, 115, 150
DAY_17 = NOW + timedelta(days=17)


@dataclass(frozen=True)
class Case:
    """One of the sixteen."""

    outcome: Outcome
    turnover: bool
    whole: bool
    elsewhere: bool

    @property
    def numbers(self) -> tuple[int, ...]:
        """The lines that come back."""
        return (1, 2, 3) if self.whole else (1, 3)

    @property
    def paid_by(self) -> str:
        if self.outcome == Outcome.WEB_SHOP:
            return ""
        return "terminal" if self.whole else "cash"

    @property
    def transaction_type(self) -> int:
        return {"": BY_WEB_SHOP, "cash": CASH_OUT, "terminal": TERMINAL_OUT}[self.paid_by]

    @property
    def books(self) -> int:
        """The shop that has the turnover."""
        return TURNOVER if self.turnover else AARHUS

    def __str__(self) -> str:
        words = (
            self.outcome.value,
            "turnover shop" if self.turnover else "own turnover",
            "whole" if self.whole else "part",
            "elsewhere" if self.elsewhere else "same shop",
        )
        return ", ".join(words)


CASES = [
    Case(outcome, turnover, whole, elsewhere)
    for outcome in Outcome
    for turnover in (True, False)
    for whole in (True, False)
    for elsewhere in (False, True)
]
# A whole return in the same shop, and a part elsewhere.
HALF_OF_THEM = [case for case in CASES if case.whole != case.elsewhere]


def policy(cast: Cast, outcome: Outcome) -> None:
    ReturnPolicy.objects.update_or_create(
        group=cast.nordlys,
        defaults={
            "register_pays": outcome == Outcome.REGISTER,
            "money_limit": Decimal("1000.00"),
            "days": 30,
            "where": ReturnPolicy.Where.EVERY_SHOP,
            "overruling": ReturnPolicy.Overruling.MANAGER,
        },
    )


REASONS = {1: ("Too small", 7), 2: ("A hole", 42), 3: ("Another colour", 99)}


def return_request(order: WebOrder, numbers: Sequence[int], paid_by: str = "") -> ReturnRequest:
    pieces = [
        Piece(line.pk, REASONS[line.number][0], Condition.SHELF)
        for line in order.lines.filter(number__in=numbers)
    ]
    return ReturnRequest(tuple(pieces), paid_by)


def delivered_for(case: Case, cast: Cast, at: datetime = NOW) -> WebOrder:
    """From Odense when it comes back elsewhere; it always comes back in Aarhus. DdD has all of it."""
    shop, who = (ODENSE, "odense") if case.elsewhere else (AARHUS, "aarhus")
    new = ordered("W-1", shop, BASKET, customer_number=4711)
    order = picked(cast, who, new, "nordlys" if case.turnover else "outlet")
    delivery.deliver(order, HAND_OVER, cast.person(who), at)
    drain_to_the_end(cast.nordlys.pk, Clock())
    return again(order)


def taken_back_for(case: Case, cast: Cast, order: WebOrder, now: datetime = DAY_17) -> Return:
    policy(cast, case.outcome)
    return desk.take_back(
        order, cast.aarhus, return_request(order, case.numbers, case.paid_by), cast.person("aarhus"), now
    )


def pieces_of(case: Case, *, back: bool) -> tuple[BookedPiece, ...]:
    group = 9900 if case.turnover else None
    chosen = [(number, BASKET[number - 1]) for number in case.numbers]
    return tuple(
        BookedPiece(
            variant,
            Decimal(label),
            Decimal(label) - Decimal(sold),
            group,
            REASONS[number][1] if back else None,
        )
        for number, (variant, label, sold) in chosen
    )


def amount_of(case: Case) -> Decimal:
    return Decimal("430.01") if case.whole else Decimal("309.96")
