"""What shops sold at their tills, as DdD shows it: no web orders, and nothing that came back."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from ddd.api import client
from ddd.api.http import Wire


@dataclass(frozen=True)
class TillSale:
    """One piece on a receipt, and when that was paid."""

    variant_id: int
    terminal_id: int
    receipt_id: int
    at: datetime


def sold_at_tills(wire: Wire, shop_id: int, since: date) -> list[TillSale]:
    """What a shop sold from this day on, for at most 31 days; the earliest first. 1 call.

    Rejected when DdD refuses the shop. A receipt number may come again on another day, so an item counts at
    each time that its receipt has.
    """
    found = client.transactions(wire, shop_id, since)
    paid: defaultdict[tuple[int, int], set[datetime]] = defaultdict(set)
    for payment in found.payments:
        if payment.booked_at is not None:
            paid[payment.terminal_id, payment.receipt_id].add(payment.booked_at)
    sold = {
        TillSale(item.variant_id, item.terminal_id, item.receipt_id, at)
        for item in found.items
        if item.variant_id and not item.order_no and item.amount >= 0
        for at in paid[item.terminal_id, item.receipt_id]
    }
    return sorted(sold, key=lambda one: (one.at, one.terminal_id, one.receipt_id))
