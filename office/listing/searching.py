"""Finds orders by what somebody types in one box, among all that a Group ever had.

The database finds a few first, and only then are they sorted: asked for both at once it walks through all
orders by date until it has a page full.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import Group
from ddd.models import Barcode
from orders.models import Line, WebOrder
from orders.receivers import named

MOST_FOUND = 2000
SHORTEST_PART = 3  # characters of an OrderNo: the index knows no shorter part
LONGEST_NUMBER = 18  # digits of a CustomerNumber


@dataclass(frozen=True)
class Found:
    """Primary keys of the orders that fit; `more` when there are too many to look through."""

    keys: list[int]
    more: bool = False


def found(group: Group, text: str) -> Found:
    """By OrderNo or a part of it, reference, CustomerNumber, name, or Ean of a piece; at most 6 queries."""
    wanted = " ".join(text.split())
    exactly = _written(group, wanted)
    if exactly:
        return Found(exactly)
    keys: dict[int, None] = {}
    for some in _ways(group, wanted):
        keys |= dict.fromkeys(some[: MOST_FOUND + 1])
        if len(keys) > MOST_FOUND:
            break
    return Found(list(keys)[:MOST_FOUND], more=len(keys) > MOST_FOUND)


def _ways(group: Group, wanted: str) -> Iterator[QuerySet[Any, int]]:
    """One way to find orders after the other; the next one is asked only when those before found too few."""
    mine = WebOrder.objects.filter(group=group).values_list("pk", flat=True)
    numbered = Q(order_reference__in=_cases(wanted))
    if wanted.isascii() and wanted.isdigit() and len(wanted) <= LONGEST_NUMBER:
        numbered |= Q(customer_number=int(wanted), customer_number__gt=0)
    yield mine.filter(numbered)
    by_name = named(group, wanted)
    if by_name is not None:
        yield by_name
    # Known before the lines are asked for: not knowing them, PostgreSQL would go through all lines.
    variants = list(Barcode.objects.filter(group=group, ean=wanted).values_list("variant", flat=True))
    yield Line.objects.filter(variant__in=variants).order_by("-order").values_list("order", flat=True)
    if len(wanted) >= SHORTEST_PART:
        yield mine.filter(order_no__icontains=wanted)  # the dearest, where there is no index for it


def _written(group: Group, wanted: str) -> list[int]:
    """The order whose OrderNo is written just so, before those that differ in case."""
    rows = WebOrder.objects.filter(group=group, order_no__in=_cases(wanted)).values_list("order_no", "pk")
    keys = dict(rows)
    return [keys[wanted]] if wanted in keys else list(keys.values())


def _cases(wanted: str) -> set[str]:
    # Upper and lower by hand, for a comparison without case would read all orders.
    return {wanted, wanted.upper(), wanted.lower()}
