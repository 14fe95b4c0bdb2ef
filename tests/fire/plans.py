"""What happens to each order of a fire, and what DdD must have of it in the end. Knows no portal."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, NamedTuple

AARHUS, ODENSE, TURNOVER = 996001, 996002, 996900
SCARF: Final = 100039
# VariantId -> the price on the label, and the one it is sold at. All of the sandbox's that Nordlys has.
PRICES: Final = {
    variant: (Decimal(variant - 99000) + Decimal("0.95"), Decimal(variant - 99100) + Decimal("0.47"))
    for variant in range(100001, 100042)
}


class Sold(NamedTuple):
    """A sale or a return in DdD's books."""

    shop_id: int
    order_no: str
    word: str
    variants: tuple[int, ...]
    amount: Decimal


class Moved(NamedTuple):
    """An item transfer in DdD's books."""

    sender: int
    recipient: int
    variants: tuple[int, ...]


@dataclass(frozen=True)
class Plan:
    """One order. `creates` is how often the web shop sends it; `at_once` two of them at the same time."""

    order_no: str
    is_outlet: bool
    shop_id: int
    variants: tuple[int, ...]
    creates: int
    at_once: bool
    moves_to: int | None
    scarf_comes_back: bool

    @property
    def delivered_in(self) -> int:
        """The shop that hands it over."""
        return self.moves_to or self.shop_id

    @property
    def body(self) -> dict[str, Any]:
        """As the web shop sends it."""
        return {
            "OrderNo": self.order_no,
            "ShopId": self.shop_id,
            "IsPaid": True,
            "CustomerNumber": 0,
            "ReceiveAddress": "Åse Øst#Søndergade 7#8000 Aarhus C",
            "WebOrderLines": [
                {
                    "VariantId": variant,
                    "SalesPrice": str(PRICES[variant][0]),
                    "EffectiveSalesPrice": str(PRICES[variant][1]),
                    "DiscountAmount": str(PRICES[variant][0] - PRICES[variant][1]),
                }
                for variant in self.variants
            ],
        }

    def sold(self) -> Iterator[Sold]:
        """Its bookings: with a turnover shop, which Outlet does not have, the sale is booked there."""
        shop_id = self.delivered_in if self.is_outlet else TURNOVER
        variants = tuple(sorted(self.variants))
        amount = sum((PRICES[variant][1] for variant in variants), Decimal(0))
        yield Sold(shop_id, self.order_no, "Sale", variants, amount)
        if self.scarf_comes_back:
            yield Sold(TURNOVER, self.order_no, "Return", (SCARF,), PRICES[SCARF][1])

    def moved(self) -> Iterator[Moved]:
        """Its item transfers."""
        if not self.is_outlet:
            yield Moved(self.delivered_in, TURNOVER, tuple(sorted(self.variants)))
        if self.scarf_comes_back:
            yield Moved(TURNOVER, self.delivered_in, (SCARF,))


def plans_of(seed: int, orders: int) -> list[Plan]:
    """The same for the same seed."""
    drawn = random.Random(seed)
    return [_plan(drawn, f"F{seed}-{number:05}") for number in range(orders)]


def expected_sales(plans: list[Plan]) -> Counter[Sold]:
    return Counter(sold for plan in plans for sold in plan.sold())


def expected_transfers(plans: list[Plan]) -> Counter[Moved]:
    return Counter(moved for plan in plans for moved in plan.moved())


def _plan(drawn: random.Random, order_no: str) -> Plan:
    is_outlet = drawn.random() < 0.2
    shop_id = drawn.choice((AARHUS, ODENSE))
    variants = tuple(drawn.choice(sorted(PRICES)) for _piece in range(drawn.randint(1, 3)))
    return Plan(
        order_no=order_no,
        is_outlet=is_outlet,
        shop_id=shop_id,
        variants=variants,
        creates=drawn.choice((1, 1, 1, 2, 3)),
        at_once=drawn.random() < 0.2,
        moves_to=(ODENSE if shop_id == AARHUS else AARHUS) if drawn.random() < 0.15 else None,
        scarf_comes_back=not is_outlet and SCARF in variants and drawn.random() < 0.6,
    )
