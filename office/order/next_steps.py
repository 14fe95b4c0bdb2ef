"""What happens next to an order's postings and mails: shown where a button would be, or why there is none."""

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ddd.models import Connection, FirstPosting, Posting
from ddd.sending import first_of_kind, order_of_sending
from office.attention.nightly import with_order
from orders.models import Mail, WebOrder

POSTINGS = {
    Posting.State.WAITING: gettext_lazy("It is sent by itself in a moment."),
    Posting.State.IN_FLIGHT: gettext_lazy("It is being sent just now."),
    Posting.State.UNCERTAIN: gettext_lazy(
        "The portal looks in DdD by itself before it sends anything again: nothing may be booked twice."
    ),
    Posting.State.SENT: gettext_lazy(
        "What DdD has is not sent again: it would be booked twice. Should DdD lose it, "
        "the nightly comparison says so."
    ),
    Posting.State.GIVEN_UP: gettext_lazy("It was given up and is never sent: book it in DdD by hand."),
    Posting.State.REHEARSED: gettext_lazy("It was made in the rehearsal and is never sent."),
    Posting.State.WITHDRAWN: gettext_lazy("It was undone before it was sent: DdD is not to know of it."),
}
MAILS = {
    Mail.State.WAITING: gettext_lazy("It is sent by itself in a moment."),
    Mail.State.SENDING: gettext_lazy("It is being sent just now."),
    Mail.State.SENT: gettext_lazy("The mail server has taken it: sent again, it would arrive twice."),
    Mail.State.SEEN_TO: gettext_lazy("Somebody has seen to it."),
}


def next_step(row: Posting | Mail) -> str:
    """What happens to it, or why nothing can be done; empty where a person decides, and of a mail that is not
    needed any more, which says so itself."""
    if isinstance(row, Mail):
        return str(MAILS.get(Mail.State(row.state), ""))
    if row.needs_attention:
        return ""
    if may_be_hurried(row):
        return _("It is tried again by itself.")
    return str(POSTINGS.get(Posting.State(row.state), ""))


def blockers(order: WebOrder, postings: Iterable[Posting]) -> Mapping[int, Posting]:
    """What some of the order's postings wait for, by their keys, each with the order that it is of; 1 query,
    or none."""
    return order_of_sending.in_front_of(postings, with_order(Posting.objects.filter(group_id=order.group_id)))


def held_back(order: WebOrder, postings: Iterable[Posting]) -> Mapping[int, FirstPosting]:
    """For those of the order's postings that wait until somebody has looked at the first of their kind: that
    one, by their keys; 1 query for each kind, or none."""
    waiting = [posting for posting in postings if posting.state == Posting.State.WAITING]
    connection = Connection.objects.filter(group_id=order.group_id).first() if waiting else None
    if connection is None:
        return {}
    found = {posting.pk: first_of_kind.in_front_of(posting, connection) for posting in waiting}
    return {pk: first for pk, first in found.items() if first}


def note_on_sent(postings: Iterable[Posting]) -> str:
    """Why postings that DdD has got cannot be sent again, once for all of them; empty when there are none."""
    is_there = any(posting.state == Posting.State.SENT for posting in postings)
    return str(POSTINGS[Posting.State.SENT]) if is_there else ""


def may_be_hurried(posting: Posting) -> bool:
    """Whether it was tried and waits until DdD can be used again."""
    return posting.state == Posting.State.WAITING and posting.tries > 0
