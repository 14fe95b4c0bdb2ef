"""A sale: in DdD's books it has a receipt number of the portal's own series."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext_lazy as _

from ddd.api import client
from ddd.api.bodies import SaleBody
from ddd.api.http import Rejected, Unavailable, Wire
from ddd.booking.bookkeeping import connection_of, number_sale, todays_sale
from ddd.booking.payments import payments_total
from ddd.models import Attempt, Connection, FirstPosting, Posting, Sale
from ddd.sending.posting_kind import Answer, PostingKind, answered
from ddd.sending.readback import (
    DAYS_READ_AT_ONCE,
    Absent,
    Evidence,
    Finding,
    NotListed,
    Present,
    Unclear,
    all_since,
    day_before,
)
from ddd.words import causes
from ddd.words.tables import is_same_word

# What DdD gives in one read of a shop: it is made before each sale, so there is no second one.
LOOKED_FOR: Final = timedelta(days=DAYS_READ_AT_ONCE - 1)


def pieces(posting: Posting) -> Counter[int]:
    counted: Counter[int] = Counter()
    body: SaleBody = posting.payload
    for line in body["ItemLines"]:
        counted[line["VariantId"]] += line["Quantity"]
    return counted


def note_before_sending(posting: Posting, wire: Wire, now: datetime) -> Evidence | Unclear:
    """Unclear when DdD has a sale of this order that is not the portal's: DdD would book a second one.

    Not looked for once a person has said that it is to be sent. Rejected when DdD refuses to show a shop.
    """
    sale = Sale.objects.select_related("shop", "delivered_in").get(posting=posting)
    if sale.delivered_in is None or sale.ordered_at is None or _is_decided(posting):
        return {}
    since = max(day_before(sale.ordered_at), (now - LOOKED_FOR).date())
    found = [
        f"{shop_id} {terminal_id}/{receipt_id}"
        for shop_id in sorted({sale.shop.shop_id, sale.delivered_in.shop_id})
        for terminal_id, receipt_id in sorted(set(_receipts_in(shop_id, posting, wire, since, now)))
    ]
    return Unclear(causes.SOLD_ALREADY(), {causes.RECEIPTS.code: found}) if found else {}


def _receipts_in(
    shop_id: int, posting: Posting, wire: Wire, since: date, now: datetime
) -> Iterator[tuple[int, int]]:
    """Terminal and number of the receipts in this shop that name the order and are not the portal's own."""
    booked = Sale.objects.filter(group=posting.group, order_no=posting.order_no, receipt_id__isnull=False)
    ours = set(booked.filter(shop__shop_id=shop_id).values_list("terminal_id", "receipt_id"))
    for item in all_since(lambda day: client.sale_items(wire, shop_id, day), since, now):
        receipt = (item.terminal_id, item.receipt_id)
        if is_same_word(item.order_no, posting.order_no) and receipt not in ours:
            yield receipt


def _is_decided(posting: Posting) -> bool:
    decided = posting.attempts.filter(purpose=Attempt.Purpose.DECISION)
    return decided.filter(outcome=Attempt.Outcome.SEND_AGAIN).exists()


def send(posting: Posting, wire: Wire) -> Answer:
    return answered(client.post_sale(wire, posting.payload))


def look(posting: Posting, wire: Wire, now: datetime) -> Finding:
    return look_for_receipt(posting, wire, now, sign_is_known=True)


def look_for_receipt(posting: Posting, wire: Wire, now: datetime, *, sign_is_known: bool) -> Finding:
    """By its payments: they are the sale's when they come to its amount."""
    sale: SaleBody = posting.payload
    first = posting.first_sent_at or posting.made_at
    rows = [
        row
        for row in all_since(
            lambda day: client.sale_payments(wire, sale["ShopId"], day), day_before(first), now
        )
        if row.shop_id == sale["ShopId"]
        and row.terminal_id == sale["TerminalId"]
        and row.receipt_id == sale.get("ReceiptId")
    ]
    paid = payments_total(sale)
    if not rows:
        # Whether DdD lists a payment of nothing, as of cash that was rounded to nothing, is not known.
        is_proof = connection_of(posting.group).sales_are_listed and paid
        return Absent() if is_proof else NotListed()
    seen = sum((row.amount for row in rows), Decimal(0))
    evidence = {causes.PAYMENTS.code: len(rows), causes.AMOUNT.code: str(seen)}
    if (seen if sign_is_known else abs(seen)) == paid and len(rows) <= len(sale["PaymentLines"]):
        if others := _orders_under_the_receipt(posting, wire, day_before(first), now):
            return Unclear(causes.RECEIPT_OF_ANOTHER(orders=", ".join(others)), evidence)
        return Present("true", evidence)
    return Unclear(
        causes.OTHER_PAYMENTS(count=len(rows), seen=str(seen), paid=str(paid)),
        evidence,
    )


def _orders_under_the_receipt(posting: Posting, wire: Wire, since: date, now: datetime) -> list[str]:
    """Which other orders DdD names under the receipt number, if it does not name ours: somebody else may book
    on the same terminal. Empty when it names none."""
    sale: SaleBody = posting.payload
    try:
        items = all_since(lambda day: client.sale_items(wire, sale["ShopId"], day), since, now)
    except Rejected as refused:
        raise Unavailable(refused.cause) from refused
    receipt = (sale["TerminalId"], sale.get("ReceiptId"))
    named = {item.order_no for item in items if (item.terminal_id, item.receipt_id) == receipt} - {""}
    return [] if any(is_same_word(one, posting.order_no) for one in named) else sorted(named)


def body_of_today(posting: Posting, connection: Connection) -> SaleBody:
    """What DdD may have keeps its terminal and number: only a refusal says that it has nothing."""
    is_return = posting.kind == Posting.Kind.RETURN
    body = todays_sale(posting.sale, posting.payload, connection, is_return=is_return)
    was_refused = posting.state == Posting.State.REJECTED and not causes.SENT_IN_VAIN.data_of(posting.reason)
    if not was_refused and "ReceiptId" in posting.payload:
        body["TerminalId"] = posting.payload["TerminalId"]
        body["ReceiptId"] = posting.payload["ReceiptId"]
    return body


KIND = PostingKind(
    kind=Posting.Kind.SALE,
    meaning=_("The customer has her pieces. Until DdD has the sale, turnover and stock are wrong there."),
    pieces=pieces,
    note_before_sending=note_before_sending,
    complete=number_sale,
    send=send,
    look=look,
    first_of=lambda _posting: FirstPosting.Kind.SALE,
    body_of_today=body_of_today,
)
