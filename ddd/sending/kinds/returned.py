"""A return sale: booked as a sale is, with the Group's words for what comes back and for money out."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from ddd.api.http import Wire
from ddd.booking.bookkeeping import number_sale
from ddd.models import FirstPosting, Posting
from ddd.sending.kinds.sale import body_of_today, look_for_receipt, pieces, send
from ddd.sending.posting_kind import PostingKind, nothing_to_note
from ddd.sending.readback import Finding


def look(posting: Posting, wire: Wire, now: datetime) -> Finding:
    # With which sign DdD shows money that is paid out is not known; nothing else has this receipt number.
    return look_for_receipt(posting, wire, now, sign_is_known=False)


def first_of(posting: Posting) -> FirstPosting.Kind:
    """The register's pay-outs have transaction types of their own."""
    return FirstPosting.Kind.PAY_OUT if posting.sale.paid_at else FirstPosting.Kind.RETURN


KIND = PostingKind(
    kind=Posting.Kind.RETURN,
    meaning=_("The shop has the pieces back. Until DdD has the return, turnover and stock are wrong there."),
    pieces=pieces,
    note_before_sending=nothing_to_note,
    complete=number_sale,
    send=send,
    look=look,
    first_of=first_of,
    body_of_today=body_of_today,
)
