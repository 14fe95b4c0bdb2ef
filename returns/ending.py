"""The steps that cancelling and reversing a return share; `returns/desk.py` does both."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from accounts.access import must_manage
from accounts.models import User
from core.errors import Conflict, Fault, Invalid
from orders.events import record
from orders.locking import locked
from orders.models import Line, OrderEvent, WebOrder
from orders.refund_due import end_refund
from orders.refusing import name_of
from orders.states import Status
from returns.models import Return

State = Return.State
LONGEST_WHY: Final = 200


@contextmanager
def wrong_return(taken_back: Return, end: Return.State, actor: User) -> Iterator[Return | None]:
    """The return as it is now, locked until the transaction ends; None when this is a second tap."""
    with locked(taken_back.order) as order:
        current = Return.objects.select_related("group", "shop", "ended_by", "refund_due").get(
            pk=taken_back.pk
        )
        current.order = order
        must_manage(actor, current.shop)
        if current.state == State.BOOKED:
            yield current
        elif current.state == end and current.ended_by_id == actor.pk:
            yield None
        else:
            data = {"name": name_of(current.ended_by)}
            cancelled = current.state == State.CANCELLED
            raise Conflict(
                _("%(name)s has cancelled this return already.") % data
                if cancelled
                else _("%(name)s has reversed this return already.") % data,
                code="ended-already",
            )


def end(taken_back: Return, state: Return.State, why: str, actor: User, now: datetime) -> None:
    """The customer has the pieces again and is owed nothing for them: lines, order and refund go back."""
    order = taken_back.order
    taken_back.state, taken_back.ended_at, taken_back.ended_by, taken_back.ended_why = state, now, actor, why
    taken_back.save(update_fields=["state", "ended_at", "ended_by", "ended_why"])
    taken_back.pieces.update(counts=False)
    for line in Line.objects.filter(returned_pieces__taken_back=taken_back):
        off_the_list = {"to_put_back": False, "put_back_shop": None} if line.to_put_back else {}
        line.move(Status.DELIVERED, now, **off_the_list)
    if order.status == Status.RETURNED:
        order.move(Status.DELIVERED, now)
    else:
        order.touch(now)
    if taken_back.refund_due is not None:
        end_refund(taken_back.refund_due, now, actor)


def record_end(taken_back: Return, kind: OrderEvent.Kind, actor: User, now: datetime) -> None:
    pieces = list(taken_back.pieces.select_related("line__variant"))
    record(
        order_for_event(taken_back),
        kind,
        now,
        actor,
        **event_data(taken_back),
        lines=[str(piece.line.number) for piece in pieces],
        pieces=[str(piece.line.variant) for piece in pieces],
        why=taken_back.ended_why,
    )


def checked_reason(text: str, pointer: str, sentence: str) -> str:
    """The text without surrounding blanks; Invalid when it is empty or too long."""
    why = text.strip()
    if not 1 <= len(why) <= LONGEST_WHY:
        raise Invalid(sentence, [Fault(pointer, sentence, "required")])
    return why


def event_data(taken_back: Return) -> dict[str, Any]:
    """The event's data about the return."""
    rounded = {"changed_hands": f"{taken_back.changed_hands:.2f}"} if taken_back.cash_rounding else {}
    return {
        "return": taken_back.number,
        "shop": taken_back.shop.name,
        "amount": f"{taken_back.amount:.2f}",
        **rounded,
    }


def order_for_event(taken_back: Return) -> WebOrder:
    """The order for an event that wakes the tablets of the shop that took the pieces, where they are now."""
    order = WebOrder.objects.get(pk=taken_back.order_id)
    order.shop_id = taken_back.shop_id
    return order
