"""A web order that DdD does not know yet."""

from collections import Counter
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from ddd.api import client
from ddd.api.bodies import OrderBody
from ddd.api.http import Wire
from ddd.booking.bookkeeping import connection_of
from ddd.models import Posting
from ddd.sending.posting_kind import (
    Answer,
    PostingKind,
    answered,
    as_it_was,
    complete_already,
    nobody_looks,
    nothing_to_note,
)
from ddd.sending.readback import CLOCKS_MAY_DIFFER, Absent, Finding, NotListed, Present, Unclear
from ddd.words import causes


def pieces(posting: Posting) -> Counter[int]:
    body: OrderBody = posting.payload
    return Counter(line["VariantId"] for line in body["WebOrderLines"])


def send(posting: Posting, wire: Wire) -> Answer:
    return answered(client.create_order(wire, posting.payload))


def look(posting: Posting, wire: Wire, now: datetime) -> Finding:
    """An OrderNo is one order: it is ours when it has our pieces and our shop."""
    body: OrderBody = posting.payload
    first = posting.first_sent_at or posting.made_at
    order = client.find_order(wire, posting.order_no, first - CLOCKS_MAY_DIFFER)
    if order is None:
        # One of digits only is looked for in a list, which may be late.
        is_proof = not posting.order_no.isdigit() or connection_of(posting.group).sales_are_listed
        return Absent() if is_proof else NotListed()
    theirs = Counter(line.variant_id for line in order.lines)
    if order.shop_id == body["ShopId"] and theirs == pieces(posting):
        return Present("true", {"Id": order.ddd_id})
    return Unclear(
        causes.ANOTHER_ORDER(),
        {"Id": order.ddd_id, "ShopId": order.shop_id, "VariantIds": sorted(theirs.elements())},
    )


KIND = PostingKind(
    kind=Posting.Kind.ORDER,
    meaning=_("The shop can pick and deliver the order here all the same, but DdD's tills do not know it."),
    pieces=pieces,
    note_before_sending=nothing_to_note,
    complete=complete_already,
    send=send,
    look=look,
    first_of=nobody_looks,
    body_of_today=as_it_was,
)
