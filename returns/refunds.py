"""Closing refunds: paid to the customer, or claimed back when they turned out not to be owed."""

from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import Conflict, Fault, Invalid
from orders.events import EventData, record
from orders.locking import locked
from orders.models import OrderEvent, RefundDue
from returns.models import Return

LONGEST_REFERENCE = 100
State = RefundDue.State
CLOSED_AS = {State.DUE: State.REFUNDED, State.RECLAIM: State.RECLAIMED}
EVENT_OF_STATE = {State.REFUNDED: OrderEvent.Kind.REFUNDED, State.RECLAIMED: OrderEvent.Kind.RECLAIMED}


def close_refund(refund: RefundDue, reference: str, by: User | None, now: datetime) -> None:
    """The money was paid, under this reference; `by` is None when the web shop says so. Doing the same again
    changes nothing; Conflict when it was closed differently."""
    reference = good_reference(reference)
    with locked(refund.order) as order:
        current = _current(refund)
        closed = CLOSED_AS.get(State(current.state))
        if closed is None:
            return _must_match(current, reference, by)
        if current.reference == reference:
            raise Conflict(
                _(
                    "It was refunded under this reference, and is to be claimed back now: give that payment "
                    "a reference of its own."
                ),
                code="to-be-claimed-back",
            )
        changed = {"closed_at": now, "closed_by": by, "modified_at": now, "reference": reference}
        RefundDue.objects.filter(pk=current.pk, state=current.state).update(state=closed, **changed)
        data: EventData = {"amount": f"{current.amount:.2f}", "reference": reference}
        taken_back = return_of(current)
        if taken_back is not None:
            data["return"] = taken_back.number
        if by is None and current.web_shop:
            data["web_shop"] = current.web_shop.name
        record(order, EVENT_OF_STATE[closed], now, by, by_ddd=False, **data)
    return None


def return_of(refund: RefundDue) -> Return | None:
    """The return that it is for; None when the customer never got the pieces."""
    taken_back: Return | None = getattr(refund, "taken_back", None)
    return taken_back


def good_reference(text: str) -> str:
    """The reference as it is stored; Invalid when it is empty or too long."""
    reference = text.strip()
    if not reference:
        detail = _("Write the reference of the payment.")
    elif len(reference) > LONGEST_REFERENCE:
        detail = _("A reference has at most %(most)d characters.") % {"most": LONGEST_REFERENCE}
    elif not reference.isprintable():
        detail = _("A reference is one line of text.")
    else:
        return reference
    raise Invalid(detail, [Fault("/Reference", detail, "invalid")])


def _current(refund: RefundDue) -> RefundDue:
    return RefundDue.objects.select_related("taken_back", "web_shop", "closed_by").get(pk=refund.pk)


def _must_match(current: RefundDue, reference: str, by: User | None) -> None:
    if current.state == State.WITHDRAWN:
        if return_of(current) is not None:
            sentence = _("It is no longer due: the return was cancelled or reversed.")
        else:
            sentence = _("It is no longer due: the order has changed since. Look at its other refunds.")
        raise Conflict(sentence, code="no-longer-due")
    same_hand = by is None or current.closed_by_id == by.pk
    if current.reference == reference and same_hand:
        return
    raise Conflict(
        _("%(who)s has closed it already, under the reference %(reference)s.")
        % {"who": closed_by(current), "reference": current.reference},
        code="closed-already",
    )


def closed_by(refund: RefundDue) -> str:
    """The name of the person or web shop that closed it."""
    if refund.closed_by:
        return refund.closed_by.name
    return refund.web_shop.name if refund.web_shop else _("The web shop")
