"""Pick-up codes: six digits that no order is called, and that nobody else waits with."""

from typing import Final

from django.db.models import Q

from orders.models import WebOrder, new_pickup_code
from orders.states import Status

TRIED: Final = 20


def free_pickup_code(group_id: int) -> str:
    """A code that is no OrderNo of the Group and no code of an order that is not yet given out; 1 query.

    An OrderNo may come later: what a number may mean is offered where it is typed.
    """
    return free_pickup_codes(group_id, 1)[0]


def free_pickup_codes(group_id: int, count: int) -> list[str]:
    """So many, no two of them the same; 1 query. Where nearly all codes are used up, some are taken ones."""
    codes = list(dict.fromkeys(new_pickup_code() for _try in range(TRIED + 2 * count)))
    waiting = Q(pickup_code__in=codes, status__in=[Status.RESERVED, Status.PICKED])
    rows = WebOrder.objects.filter(Q(order_no__in=codes) | waiting, group=group_id)
    taken = {text for row in rows.values_list("order_no", "pickup_code") for text in row}
    return sorted(codes, key=taken.__contains__)[:count]
