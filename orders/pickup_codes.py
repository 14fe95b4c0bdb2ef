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
    codes = [new_pickup_code() for _try in range(TRIED)]
    waiting = Q(pickup_code__in=codes, status__in=[Status.RESERVED, Status.PICKED])
    rows = WebOrder.objects.filter(Q(order_no__in=codes) | waiting, group=group_id)
    taken = {text for row in rows.values_list("order_no", "pickup_code") for text in row}
    return next((code for code in codes if code not in taken), codes[0])
