"""Finds orders by what somebody types in one box, among all that a Group ever had.

What few orders match is found first, and only then filtered and sorted: in a single query the database would
walk through all orders by date until it has a page full. What very many match, that walk finds soon.
"""

from collections.abc import Iterator
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Group
from core.article_codes import spellings
from ddd.models import Barcode
from orders.models import Line, WebOrder
from orders.order_no import folded
from orders.receivers import words_of_matches

FEW = 2000  # orders
SHORTEST_PART = 3  # characters of an OrderNo: the index knows no shorter part
LONGEST_NUMBER = 18  # digits of a CustomerNumber
Way = tuple[QuerySet[Any, int], Q]


def search(group: Group, text: str) -> Q:
    """Which orders fit: by OrderNo or a part of it, reference, CustomerNumber, name, or Ean of a piece; at
    most 6 queries."""
    wanted = " ".join(text.split())
    exactly = _exact_matches(group, wanted)
    if exactly:
        return Q(pk__in=exactly)
    keys: set[int] = set()
    ways = list(_ways(group, wanted))
    for some, _fitting in ways:
        keys.update(some[: FEW + 1])
        if len(keys) > FEW:
            return reduce(or_, (fitting for _some, fitting in ways))
    return Q(pk__in=keys)


def _ways(group: Group, wanted: str) -> Iterator[Way]:
    """Each way to find orders, the cheapest first: the keys of all that fit, and what makes an order fit."""
    mine = WebOrder.objects.filter(group=group).values_list("pk", flat=True)
    numbered = Q(order_reference__in=_cases(wanted))
    if wanted.isascii() and wanted.isdigit() and len(wanted) <= LONGEST_NUMBER:
        numbered |= Q(customer_number=int(wanted), customer_number__gt=0)
    yield mine.filter(numbered), numbered
    words = words_of_matches(group, wanted)
    if words is not None:
        yield words.values_list("order", flat=True), Q(Exists(words.filter(order=OuterRef("pk"))))
    # Read before the lines: with a subquery PostgreSQL would scan all lines.
    variants = list(
        Barcode.objects.filter(group=group, ean__in=spellings(wanted)).values_list("variant", flat=True)
    )
    lines = Line.objects.filter(variant__in=variants).order_by()
    yield lines.values_list("order", flat=True), Q(Exists(lines.filter(order=OuterRef("pk"))))
    if len(wanted) >= SHORTEST_PART:
        part = Q(order_no__icontains=wanted)
        yield mine.filter(part), part  # the dearest, where there is no index for it


def _exact_matches(group: Group, wanted: str) -> list[int]:
    """The order whose OrderNo is written just so, before those that are read alike."""
    alike = WebOrder.objects.filter(group=group, order_no_folded=folded(wanted))
    rows = alike.values_list("order_no", "pk")
    keys = dict(rows)
    return [keys[wanted]] if wanted in keys else list(keys.values())


def _cases(wanted: str) -> set[str]:
    # Upper and lower case are listed, as a comparison that ignores case would read all orders.
    return {wanted, wanted.upper(), wanted.lower()}
