"""What a change says, brought together with the order as DdD has it: DdD names lines by an Id of its own.

A change may be sent twice without harm, so lines that have their DeliveryNo already are named again.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ddd import client
from ddd.http import Rejected, Wire
from ddd.models import Posting
from ddd.wire import WireLine, WireOrder

Change = Mapping[str, Any]


def find(wire: Wire, posting: Posting) -> WireOrder | None:
    """The order as DdD has it now, or None. Raises Unavailable when DdD cannot be read."""
    return client.find_order(wire, posting.order_no, datetime.fromisoformat(posting.payload["Since"]))


def may_still_come(posting: Posting) -> bool:
    """Whether the order itself is still on its way to DdD, or waits for a person to decide about it."""
    ended = (Posting.State.SENT, Posting.State.GIVEN_UP, Posting.State.WITHDRAWN)
    orders = Posting.objects.filter(
        group_id=posting.group_id, kind=Posting.Kind.ORDER, order_no=posting.order_no
    )
    return orders.exclude(state__in=ended).exists()


def body_for(change: Change, order: WireOrder) -> dict[str, Any]:
    """HeaderUpdateModel (PUT api/weborder). Rejected when DdD's order lacks one of the lines.

    Whether a field that is left out stays as it is, is unknown: all are sent as DdD has them.
    """
    chosen = _lines_for(change, order)
    if chosen is None:
        raise Rejected("DdD's order does not have these lines.", 200)
    body: dict[str, Any] = {
        "OrderNo": order.order_no,
        "WebOrderLines": [_with_number(line, number) for line, number in chosen],
    }
    addresses = {"ReceiveAddress": order.receive_address, "ReturnAddress": order.return_address}
    return body | {name: address for name, address in addresses.items() if address}


def is_done(change: Change, order: WireOrder) -> bool:
    """Whether DdD's lines have their DeliveryNos."""
    chosen = _lines_for(change, order)
    return chosen is not None and all(line.delivery_no == number for line, number in chosen)


def _lines_for(change: Change, order: WireOrder) -> list[tuple[WireLine, str]] | None:
    """DdD's line for each of ours, by VariantId; pieces of one variant are as good as each other."""
    free = sorted(order.lines, key=lambda line: line.line_id)
    chosen = []
    for ours in change["WebOrderLines"]:
        number = str(ours["DeliveryNo"])
        fitting = [line for line in free if line.variant_id == int(ours["VariantId"]) and line.line_id]
        fitting.sort(key=lambda line: (line.delivery_no != number, line.delivery_no != ""))
        if not fitting:
            return None
        free.remove(fitting[0])
        chosen.append((fitting[0], number))
    return chosen


def _with_number(line: WireLine, delivery_no: str) -> dict[str, Any]:
    body: dict[str, Any] = {
        "Id": line.line_id,
        "SalesPrice": f"{line.sales_price:.2f}",
        "EffectiveSalesPrice": f"{line.effective_sales_price:.2f}",
        "DiscountAmount": f"{abs(line.discount_amount):.2f}",
        "DeliveryNo": delivery_no,
    }
    return body | ({"Notes": line.notes} if line.notes else {})
