"""What a change says, brought together with the order as DdD has it: DdD names lines by an Id of its own.

A change may be sent twice without harm, so lines that have their DeliveryNo already are named again.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from ddd.api import client
from ddd.api.http import ADDRESSES, Rejected, Wire
from ddd.api.wire import WireLine, WireOrder
from ddd.models import Posting

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

    Whether a field that is left out stays as it is, is unknown: what does not change is sent as DdD has it.
    """
    chosen = _lines_for(change, order)
    if chosen is None:
        raise Rejected("DdD's order does not have these lines.", 200)
    body: dict[str, Any] = {
        "OrderNo": order.order_no,
        "WebOrderLines": [{**_as_it_is(line), **_wanted(ours)} for line, ours in chosen],
    }
    theirs = _addresses_of(order)
    as_they_are = {name: address for name, address in theirs.items() if address}
    return body | as_they_are | {name: change[name] for name in theirs if name in change}


def is_done(change: Change, order: WireOrder) -> bool:
    """Whether DdD has all that the change says."""
    chosen = _lines_for(change, order)
    if chosen is None or any(_differences(line, ours) for line, ours in chosen):
        return False
    return all(change.get(name, address) == address for name, address in _addresses_of(order).items())


def left_to_say(posting: Posting) -> Change | None:
    """The payload without what newer changes of the order say too: they have the last word, whenever a person
    sends this one again. None when nothing is left of it."""
    refused = (Posting.State.REJECTED, Posting.State.GIVEN_UP, Posting.State.WITHDRAWN)
    newer = Posting.objects.filter(
        group_id=posting.group_id, kind=posting.kind, order_no=posting.order_no, pk__gt=posting.pk
    ).exclude(state__in=refused)
    change: Change = posting.payload
    for other in newer.values_list("payload", flat=True):
        change = _without(change, other)
    says_something = change["WebOrderLines"] or any(name in change for name in ADDRESSES)
    return change if says_something else None


def _without(change: Change, newer: Change) -> Change:
    """Of several pieces of one variant the first are compared with the first: one is as good as the other."""
    theirs: dict[str, list[Change]] = {}
    for line in newer["WebOrderLines"]:
        theirs.setdefault(str(line["VariantId"]), []).append(line)
    lines = []
    for ours in change["WebOrderLines"]:
        same = theirs.get(str(ours["VariantId"]))
        said = same.pop(0) if same else {}
        left = {name: value for name, value in ours.items() if name == "VariantId" or name not in said}
        lines += [left] if len(left) > 1 else []
    kept = {name: value for name, value in change.items() if name not in ADDRESSES or name not in newer}
    return {**kept, "WebOrderLines": lines}


def _lines_for(change: Change, order: WireOrder) -> list[tuple[WireLine, Change]] | None:
    """DdD's line for each of ours, by VariantId; pieces of one variant are as good as each other, so the one
    that is most like ours already is taken."""
    free = sorted(order.lines, key=lambda line: line.line_id)
    chosen = []
    for ours in change["WebOrderLines"]:
        fitting = [line for line in free if line.variant_id == int(ours["VariantId"]) and line.line_id]
        if not fitting:
            return None
        most_alike = min(fitting, key=partial(_unlikeness, ours=ours))
        free.remove(most_alike)
        chosen.append((most_alike, ours))
    return chosen


def _unlikeness(line: WireLine, ours: Change) -> tuple[int, bool]:
    """Before a line that has another DeliveryNo, one that has none."""
    return _differences(line, ours), line.delivery_no != ""


def _differences(line: WireLine, ours: Change) -> int:
    theirs = {"Notes": "", **_as_it_is(line)}
    return sum(theirs[name] != value for name, value in _wanted(ours).items())


def _wanted(ours: Change) -> dict[str, Any]:
    return {name: str(value) for name, value in ours.items() if name != "VariantId"}


def _addresses_of(order: WireOrder) -> dict[str, str]:
    return dict(zip(ADDRESSES, (order.receive_address, order.return_address), strict=True))


def _as_it_is(line: WireLine) -> dict[str, Any]:
    body: dict[str, Any] = {
        "Id": line.line_id,
        "SalesPrice": f"{line.sales_price:.2f}",
        "EffectiveSalesPrice": f"{line.effective_sales_price:.2f}",
        "DiscountAmount": f"{abs(line.discount_amount):.2f}",
        "DeliveryNo": line.delivery_no,
    }
    return body | ({"Notes": line.notes} if line.notes else {})
