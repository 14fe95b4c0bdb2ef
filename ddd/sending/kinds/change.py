"""What changes of a web order, brought together with the order as DdD has it: DdD names lines by an Id of its
own.

A change may be sent twice without harm, so lines that have their DeliveryNo already are named again.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import cast

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.errors import Conflict
from ddd.api import client
from ddd.api.bodies import Addresses, ChangeBody, ChangedLine, LineFields, UpdateBody, UpdatedLine
from ddd.api.http import ADDRESSES, Rejected, Wire
from ddd.api.wire import WireLine, WireOrder
from ddd.models import Connection, FirstPosting, Posting
from ddd.sending.posting_kind import (
    SENT_IN_VAIN,
    Answer,
    PostingKind,
    TooEarly,
    answered,
    complete_already,
    nothing_to_note,
)
from ddd.sending.readback import Absent, Finding, Present
from ddd.words import causes


def pieces(posting: Posting) -> Counter[int]:
    body: ChangeBody = posting.payload
    return Counter(line["VariantId"] for line in body["WebOrderLines"])


def send(posting: Posting, wire: Wire) -> Answer:
    """Waits for an order that is on its way to DdD; when it does not arrive, a person has to decide."""
    order = _find(posting, wire)
    if order is not None:
        return answered(client.update_order(wire, body_for(posting.payload, order)))
    if _may_still_come(posting) or posting.attempts.count() < SENT_IN_VAIN:
        return TooEarly(causes.NO_ORDER_YET())
    raise Rejected(causes.NO_ORDER(), 200)


def look(posting: Posting, wire: Wire, now: datetime) -> Finding:
    order = _find(posting, wire)
    if order is not None and is_done(posting.payload, order):
        return Present("true", {"Id": order.ddd_id})
    return Absent()


def body_of_today(posting: Posting, connection: Connection) -> ChangeBody:
    """Without the fields that newer changes of the order have too: those win, whenever a person sends this
    one again. Conflict when nothing is left."""
    refused = (
        Posting.State.REJECTED,
        Posting.State.GIVEN_UP,
        Posting.State.WITHDRAWN,
        Posting.State.REHEARSED,
    )
    newer = Posting.objects.filter(
        group_id=posting.group_id, kind=Posting.Kind.CHANGE, order_no=posting.order_no, pk__gt=posting.pk
    ).exclude(state__in=refused)
    left: ChangeBody = posting.payload
    for other in newer.values_list("payload", flat=True):
        left = _without(left, other)
    if not left["WebOrderLines"] and not any(name in left for name in ADDRESSES):
        sentence = gettext("A newer change of this order says all of it otherwise. Give this one up.")
        raise Conflict(sentence, code="newer-change")
    return left


def body_for(change: ChangeBody, order: WireOrder) -> UpdateBody:
    """Rejected when DdD's order lacks one of the lines.

    Whether a field that is left out stays as it is, is unknown: what does not change is sent as DdD has it.
    """
    chosen = _lines_for(change, order)
    if chosen is None:
        raise Rejected(causes.NO_SUCH_LINES(), 200)
    lines: list[UpdatedLine] = [{**_as_it_is(line), **_wanted(ours)} for line, ours in chosen]
    kept = {name: address for name, address in _addresses_of(order).items() if address}
    return {
        "OrderNo": order.order_no,
        "WebOrderLines": lines,
        **cast(Addresses, kept),
        **_addresses_in(change),
    }


def is_done(change: ChangeBody, order: WireOrder) -> bool:
    """Whether DdD has all that the change says."""
    chosen = _lines_for(change, order)
    if chosen is None or any(_differences(line, ours) for line, ours in chosen):
        return False
    return all(change.get(name, address) == address for name, address in _addresses_of(order).items())


def _find(posting: Posting, wire: Wire) -> WireOrder | None:
    body: ChangeBody = posting.payload
    return client.find_order(wire, posting.order_no, datetime.fromisoformat(body["Since"]))


def _may_still_come(posting: Posting) -> bool:
    """Whether the order itself is still on its way to DdD, or waits for a person to decide about it."""
    ended = (
        Posting.State.SENT,
        Posting.State.GIVEN_UP,
        Posting.State.WITHDRAWN,
        Posting.State.REHEARSED,
    )
    orders = Posting.objects.filter(
        group_id=posting.group_id, kind=Posting.Kind.ORDER, order_no=posting.order_no
    )
    return orders.exclude(state__in=ended).exists()


def _without(change: ChangeBody, newer: ChangeBody) -> ChangeBody:
    """Several pieces of one variant are paired in order, as they are interchangeable."""
    theirs: dict[int, list[ChangedLine]] = {}
    for line in newer["WebOrderLines"]:
        theirs.setdefault(line["VariantId"], []).append(line)
    lines = []
    for ours in change["WebOrderLines"]:
        same = theirs.get(ours["VariantId"])
        said: Mapping[str, object] = same.pop(0) if same else {}
        left = {name: value for name, value in ours.items() if name == "VariantId" or name not in said}
        lines += [left] if len(left) > 1 else []
    kept = {name: value for name, value in change.items() if name not in ADDRESSES or name not in newer}
    return cast(ChangeBody, {**kept, "WebOrderLines": lines})


def _lines_for(change: ChangeBody, order: WireOrder) -> list[tuple[WireLine, ChangedLine]] | None:
    """DdD's line for each of ours, by VariantId; pieces of one variant are interchangeable, so the most
    similar line is chosen."""
    free = sorted(order.lines, key=lambda line: line.line_id)
    chosen = []
    for ours in change["WebOrderLines"]:
        fitting = [line for line in free if line.variant_id == ours["VariantId"] and line.line_id]
        if not fitting:
            return None
        most_alike = min(fitting, key=partial(_unlikeness, ours=ours))
        free.remove(most_alike)
        chosen.append((most_alike, ours))
    return chosen


def _unlikeness(line: WireLine, ours: ChangedLine) -> tuple[int, bool]:
    """The number of differing fields; on a tie a line without a DeliveryNo is preferred."""
    return _differences(line, ours), line.delivery_no != ""


def _differences(line: WireLine, ours: ChangedLine) -> int:
    theirs = {"Notes": "", **_as_it_is(line)}
    return sum(theirs[name] != value for name, value in _wanted(ours).items())


def _wanted(ours: ChangedLine) -> LineFields:
    return cast(LineFields, {name: value for name, value in ours.items() if name != "VariantId"})


def _addresses_of(order: WireOrder) -> dict[str, str]:
    return dict(zip(ADDRESSES, (order.receive_address, order.return_address), strict=True))


def _addresses_in(change: ChangeBody) -> Addresses:
    return cast(Addresses, {name: value for name, value in change.items() if name in ADDRESSES})


def _as_it_is(line: WireLine) -> UpdatedLine:
    body: UpdatedLine = {
        "Id": line.line_id,
        "SalesPrice": f"{line.sales_price:.2f}",
        "EffectiveSalesPrice": f"{line.effective_sales_price:.2f}",
        "DiscountAmount": f"{abs(line.discount_amount):.2f}",
        "DeliveryNo": line.delivery_no,
    }
    if line.notes:
        body["Notes"] = line.notes
    return body


KIND = PostingKind(
    kind=Posting.Kind.CHANGE,
    meaning=_("DdD shows the order as it was before: its address, prices or DeliveryNo may be old there."),
    pieces=pieces,
    note_before_sending=nothing_to_note,
    complete=complete_already,
    send=send,
    look=look,
    first_of=lambda _posting: FirstPosting.Kind.CHANGE,
    body_of_today=body_of_today,
)
