"""A sale: in DdD's books it has a receipt number of the portal's own series."""

from collections import Counter
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from ddd.api import client
from ddd.api.bodies import ItemLine, SaleBody
from ddd.api.http import Wire
from ddd.booking.bookkeeping import connection_of, number_sale
from ddd.models import Posting
from ddd.sending.posting_kind import Answer, PostingKind, answered, nothing_to_note
from ddd.sending.readback import (
    Absent,
    Finding,
    NotListed,
    Present,
    Unclear,
    all_since,
    day_before,
)
from ddd.words import causes


def pieces(posting: Posting) -> Counter[int]:
    counted: Counter[int] = Counter()
    body: SaleBody = posting.payload
    for line in body["ItemLines"]:
        counted[line["VariantId"]] += line["Quantity"]
    return counted


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
    if not rows:
        return Absent() if connection_of(posting.group).sales_are_listed else NotListed()
    paid = sum((Decimal(line["LineAmount"]) for line in sale["PaymentLines"]), Decimal(0))
    seen = sum((row.amount for row in rows), Decimal(0))
    evidence = {causes.PAYMENTS.code: len(rows), causes.AMOUNT.code: str(seen)}
    if (seen if sign_is_known else abs(seen)) == paid and len(rows) <= len(sale["PaymentLines"]):
        return Present("true", evidence)
    return Unclear(
        causes.OTHER_PAYMENTS(count=len(rows), seen=str(seen), paid=str(paid)),
        evidence,
    )


def body_of_today(posting: Posting) -> SaleBody:
    connection = connection_of(posting.group)
    return in_words_of_today(posting, connection.sale_word, connection.payment_in_word)


def in_words_of_today(posting: Posting, line_word: str, direction: str) -> SaleBody:
    """The same booking with the words that the Group uses for DdD today: when DdD refused one, head office
    puts it right and sends it again."""
    body: SaleBody = posting.payload
    discount_word = connection_of(posting.group).discount_word
    lines: list[ItemLine] = []
    for booked in body["ItemLines"]:
        line: ItemLine = {**booked, "Type": line_word}
        if "PriceAlteration" in booked:
            line["PriceAlteration"] = discount_word
        lines.append(line)
    return {
        **body,
        "ItemLines": lines,
        "PaymentLines": [{**paid, "Direction": direction} for paid in body["PaymentLines"]],
    }


KIND = PostingKind(
    kind=Posting.Kind.SALE,
    meaning=_("The customer has her pieces. Until DdD has the sale, turnover and stock are wrong there."),
    pieces=pieces,
    one_after_another=False,
    note_before_sending=nothing_to_note,
    complete=number_sale,
    send=send,
    look=look,
    body_of_today=body_of_today,
)
