"""An item transfer: DdD numbers it, so another one of the same pieces cannot be told apart."""

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, time

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from ddd.api import client
from ddd.api.bodies import TransferBody
from ddd.api.http import Rejected, Unavailable, Wire
from ddd.api.wire import WireTransfer
from ddd.booking.outbox import pieces_of
from ddd.models import Connection, FirstPosting, Posting
from ddd.sending.posting_kind import Accepted, Answer, PostingKind, as_it_was, complete_already
from ddd.sending.readback import (
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


def pieces(posting: Posting) -> Counter[int]:
    body: TransferBody = posting.payload
    return pieces_of(body["Items"])


def note_before_sending(posting: Posting, wire: Wire, now: datetime) -> Evidence:
    """The newest transfer of the sender: whatever is ours will be newer.

    Rejected when DdD refuses the sender: that is not DdD being away, and nothing was sent.
    """
    body: TransferBody = posting.payload
    since = day_before(now)
    try:
        rows = client.transfers(wire, body["ShopIdSender"], since)
    except Unavailable as error:
        if isinstance(error.__cause__, Rejected):
            raise error.__cause__ from error
        raise
    newest = max((row.transaction_number for row in rows), default=0)
    return {"since": since.isoformat(), "transaction_number": newest}


def send(posting: Posting, wire: Wire) -> Answer:
    return Accepted(str(client.initiate_transfer(wire, posting.payload)))


def look(posting: Posting, wire: Wire, now: datetime) -> Finding:
    body: TransferBody = posting.payload
    since = date.fromisoformat(posting.baseline["since"])
    known, nameless = _others_of_these_pieces(posting)
    others = list(_others_on_this_way(posting, since))
    known |= {other.answer for other in others if other.answer}
    new: defaultdict[str, Counter[int]] = defaultdict(Counter)
    has_no_numbers = False
    for row in all_since(lambda day: client.transfers(wire, body["ShopIdSender"], day), since, now):
        if _is_new(row, body, posting) and row.invoice_id not in known:
            new[row.invoice_id][row.variant_id] -= row.quantity
            has_no_numbers = has_no_numbers or row.transaction_number <= 0
    equal = sorted(invoice for invoice, moved in new.items() if moved == pieces(posting))
    evidence = {causes.NEW_TRANSFERS.code: sorted(new), causes.EQUAL_TRANSFERS.code: equal}
    is_known_by_its_id = bool(equal) and "" not in equal and not has_no_numbers
    if not is_known_by_its_id and any(moved & pieces(posting) for moved in new.values()):
        if any(not other.answer and pieces(other) & pieces(posting) for other in others):
            return NotListed(evidence)  # what is new may be the other's: it is looked again
        # In parts, several under one id or none, or without the number that says that it is new.
        return Unclear(causes.TRANSFER_OTHERWISE(), evidence)
    if len(equal) == 1 and not nameless:
        return Present(equal[0], evidence)
    if len(equal) == 1:
        return Unclear(causes.PERHAPS_ANOTHER_TRANSFER(), evidence)
    if equal:
        return Unclear(causes.SEVERAL_TRANSFERS(), evidence)
    if not _drafts_are_listed(posting):
        return Unclear(causes.DRAFTS_NOT_CONFIRMED(), evidence)
    return Absent(evidence)


def _is_new(row: WireTransfer, body: TransferBody, posting: Posting) -> bool:
    return (
        row.shop_id == body["ShopIdSender"]
        and row.counterpart_shop_id == body["ShopIdRecipient"]
        and row.quantity < 0
        and (
            row.transaction_number > int(posting.baseline["transaction_number"])
            or row.transaction_number <= 0
        )
        # What DdD's own till moved for another order carries that order's number.
        and (not row.order_no or is_same_word(row.order_no, posting.order_no))
    )


def _others_of_these_pieces(posting: Posting) -> tuple[set[str], bool]:
    """Invoice ids of other transfers in this lane, and whether there may be more without a known id.

    A person who decides "it arrived", or gives up what was sent, does not enter an invoice id.
    """
    others = Posting.objects.filter(
        Q(state=Posting.State.SENT) | Q(state=Posting.State.GIVEN_UP, first_sent_at__isnull=False),
        group_id=posting.group_id,
        kind=Posting.Kind.TRANSFER,
        lane=posting.lane,
    ).exclude(pk=posting.pk)
    known = set(others.values_list("answer", flat=True))
    return known - {""}, "" in known


def _others_on_this_way(posting: Posting, since: date) -> QuerySet[Posting]:
    """The portal's transfers of other pieces between the same shops that have gone out since that day."""
    body: TransferBody = posting.payload
    return Posting.objects.filter(
        group_id=posting.group_id,
        kind=Posting.Kind.TRANSFER,
        payload__ShopIdSender=body["ShopIdSender"],
        payload__ShopIdRecipient=body["ShopIdRecipient"],
        first_sent_at__gte=datetime.combine(since, time.min, UTC),
    ).exclude(lane=posting.lane)


def _drafts_are_listed(posting: Posting) -> bool:
    return Connection.objects.filter(group_id=posting.group_id, drafts_are_listed=True).exists()


KIND = PostingKind(
    kind=Posting.Kind.TRANSFER,
    meaning=_("Until DdD has it, the pieces count in the wrong shop's stock."),
    pieces=pieces,
    note_before_sending=note_before_sending,
    complete=complete_already,
    send=send,
    look=look,
    first_of=lambda _posting: FirstPosting.Kind.TRANSFER,
    body_of_today=as_it_was,
)
