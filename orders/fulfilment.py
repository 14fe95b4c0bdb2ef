"""What a shop does with a web order: take it, pick it piece by piece, deliver it.

One verb, one transaction. Each verb first holds the order's row, so two taps come one after the other: the
second of the same person is a quiet no-op, that of another person is told who was faster.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import Conflict, Fault, Invalid, NotFound
from ddd.bookkeeping import Delivery, SoldPiece, book_delivery
from orders.events import record
from orders.models import Document, Line, OrderEvent, WebOrder
from orders.scanning import line_for_code
from orders.states import Status, may_pick

Kind = OrderEvent.Kind
AT_THE_REGISTER = (WebOrder.PaidBy.CASH, WebOrder.PaidBy.TERMINAL)


@dataclass(frozen=True)
class HandOver:
    """How the order leaves the shop: `way`, the carrier's number when it is sent, and who was paid."""

    way: WebOrder.Way
    paid_by: str = ""
    delivery_no: str = ""


@contextmanager
def held(order: WebOrder) -> Iterator[WebOrder]:
    """The order as it is now, and as it stays until the transaction of this verb ends."""
    with transaction.atomic():
        now_held = WebOrder.objects.select_for_update(of=("self",)).select_related("group", "shop")
        yield now_held.get(pk=order.pk)


def accept(order: WebOrder, actor: User, now: datetime) -> None:
    """ "I have it": the alert stops and the picker is named."""
    with held(order) as current:
        if current.taken_by_id == actor.pk:
            return
        if current.taken_by is not None:
            raise Conflict(
                _("%(name)s was faster and has this order.") % {"name": current.taken_by.name},
                code="taken-by-another",
            )
        _must_be(current, Status.RESERVED)
        _take(current, actor, now)


def pick(order: WebOrder, line_id: int, actor: User, now: datetime) -> Line:
    """One piece lies in the basket. Also a piece that was reported missing and turned up after all."""
    with held(order) as current:
        line = _line(current, line_id)
        if line.status == Status.PICKED:
            if line.picked_by_id in (None, actor.pk):
                return line
            raise Conflict(
                _("%(name)s has picked this piece already.") % {"name": _name(line.picked_by)},
                code="picked-already",
            )
        _pick(current, line, actor, now)
        return line


def pick_by_code(order: WebOrder, code: str, actor: User, now: datetime) -> Line:
    """The piece that a scanned or typed Ean or VariantId names. Invalid says what is wrong with the code."""
    with held(order) as current:
        _must_be(current, Status.RESERVED)
        line = line_for_code(current, code)
        _pick(current, line, actor, now)
        return line


def report_missing(order: WebOrder, line_id: int, reason: str, actor: User, now: datetime) -> Line:
    """A piece cannot be found; it is never sold, and of a paid order the web shop refunds it."""
    if reason not in Line.MissingReason.values:
        detail = _("Say why: choose one of the reasons.")
        raise Invalid(detail, [Fault("/reason", detail, "required")])
    with held(order) as current:
        line = _line(current, line_id)
        if line.status == Status.MISSING and line.missing_reason == reason:
            return line
        if not may_pick(current.status, line.status):
            _refuse_late_pick(current, line)
        if line.status == Status.MISSING:
            Line.objects.filter(pk=line.pk).update(missing_reason=reason, modified_at=now)
        else:
            line.move(Status.MISSING, now, missing_reason=reason)
        _take_if_nobody_has(current, actor, now)
        _touch(current, now)
        record(current, Kind.PIECE_MISSING, now, actor, piece=str(line.variant), reason=reason)
        return line


def finish(order: WebOrder, actor: User, now: datetime) -> None:
    """ "Order picked": every piece is decided. With no piece found there is nothing to deliver: cancelled."""
    with held(order) as current:
        if current.status != Status.RESERVED:
            _refuse_unless_finished_by(current, actor)
            return
        statuses = [line.status for line in current.lines.all()]
        if Status.RESERVED in statuses:
            raise Conflict(
                _("%(count)d pieces are not decided yet: pick them or report them missing.")
                % {"count": statuses.count(Status.RESERVED)},
                code="pieces-undecided",
            )
        _take_if_nobody_has(current, actor, now)
        if Status.PICKED in statuses:
            current.move(Status.PICKED, now, picked_at=now)
            record(current, Kind.PICKED, now, actor)
        else:
            current.move(Status.CANCELLED, now)
            record(current, Kind.CANCELLED, now, actor, because="no piece was found")
        _tell_what_to_refund(current, now)


def deliver(order: WebOrder, hand_over: HandOver, actor: User, now: datetime) -> None:
    """The customer has it, or the carrier: order, lines, sale, transfer, outbox rows and events, or none."""
    with held(order) as current:
        if current.status == Status.DELIVERED:
            if current.delivered_by_id == actor.pk:
                return
            raise Conflict(
                _("%(name)s has delivered this order already.") % {"name": _name(current.delivered_by)},
                code="delivered-already",
            )
        _must_be(current, Status.PICKED)
        paid_by = _how_it_was_paid(current, hand_over)
        delivery_no = _carriers_number(hand_over)
        lines = list(current.lines.filter(status=Status.PICKED).select_related("variant"))
        for line in lines:
            line.move(Status.DELIVERED, now, **({"delivery_no": delivery_no} if delivery_no else {}))
        current.move(
            Status.DELIVERED,
            now,
            delivered_at=now,
            delivered_by=actor,
            way=hand_over.way,
            paid_by=paid_by,
        )
        sale = book_delivery(_delivery(current, lines, paid_by, by_ddd=False), now)
        record(
            current,
            Kind.DELIVERED,
            now,
            actor,
            way=hand_over.way,
            paid_by=paid_by,
            delivery_no=delivery_no,
            receipt=sale.receipt_id or 0,
        )


def note_print(order: WebOrder, document: Document, actor: User, now: datetime) -> None:
    """A document of the order was printed; printed again, it is noted again."""
    with transaction.atomic():
        record(order, Kind.PRINTED, now, actor, document=document)


def follow_picked(order: WebOrder, picked: list[int], now: datetime) -> None:
    """DdD's own till has picked the pieces with these line ids, and the others are not there."""
    with held(order) as current:
        if current.status != Status.RESERVED:
            return
        for line in current.lines.filter(status__in=[Status.RESERVED, Status.MISSING]):
            if line.pk in picked:
                line.move(Status.PICKED, now, missing_reason="")
            elif line.status == Status.RESERVED:
                line.move(Status.MISSING, now, missing_reason=Line.MissingReason.OTHER)
        current.move(Status.PICKED, now, picked_at=now, taken_at=current.taken_at or now)
        record(current, Kind.PICKED, now, by_ddd=True)
        _tell_what_to_refund(current, now)


def follow_delivered(order: WebOrder, delivered: list[int], now: datetime) -> None:
    """DdD's own till has delivered the pieces with these line ids: the portal books the sale, nothing else.

    The till makes its item transfer itself (contract 7.1); how it was paid is the till's affair.
    """
    with held(order) as current:
        if current.status not in (Status.RESERVED, Status.PICKED):
            return
        gone = []
        for line in current.lines.select_related("variant"):
            if line.pk in delivered and line.status in (Status.RESERVED, Status.PICKED, Status.MISSING):
                if line.status == Status.MISSING:
                    line.move(Status.PICKED, now, missing_reason="")
                line.move(Status.DELIVERED, now)
                gone.append(line)
            elif line.status in (Status.RESERVED, Status.PICKED):
                line.move(Status.MISSING, now, missing_reason=Line.MissingReason.OTHER)
        current.move(
            Status.DELIVERED, now, delivered_at=now, delivered_by_ddd=True, taken_at=current.taken_at or now
        )
        sale = book_delivery(_delivery(current, gone, "", by_ddd=True), now)
        record(current, Kind.DELIVERED, now, by_ddd=True, receipt=sale.receipt_id or 0)
        _tell_what_to_refund(current, now)


def follow_cancelled(order: WebOrder, now: datetime) -> None:
    """DdD has cancelled the order: nobody needs to look for its pieces any more."""
    with held(order) as current:
        if current.status not in (Status.RESERVED, Status.PICKED):
            return
        for line in current.lines.exclude(status__in=[Status.CANCELLED, Status.DELIVERED, Status.RETURNED]):
            line.move(Status.CANCELLED, now)
        current.move(Status.CANCELLED, now)
        record(current, Kind.CANCELLED, now, by_ddd=True)
        _tell_what_to_refund(current, now)


def _pick(order: WebOrder, line: Line, actor: User, now: datetime) -> None:
    if not may_pick(order.status, line.status):
        _refuse_late_pick(order, line)
    _take_if_nobody_has(order, actor, now)
    line.move(Status.PICKED, now, picked_by=actor, missing_reason="")
    _touch(order, now)
    record(order, Kind.PIECE_PICKED, now, actor, piece=str(line.variant))


def _take_if_nobody_has(order: WebOrder, actor: User, now: datetime) -> None:
    if order.taken_at is None:
        _take(order, actor, now)


def _take(order: WebOrder, actor: User, now: datetime) -> None:
    WebOrder.objects.filter(pk=order.pk).update(taken_at=now, taken_by=actor, modified_at=now)
    order.taken_at, order.taken_by = now, actor
    record(order, Kind.ACCEPTED, now, actor)


def _touch(order: WebOrder, now: datetime) -> None:
    WebOrder.objects.filter(pk=order.pk).update(modified_at=now)


def _tell_what_to_refund(order: WebOrder, now: datetime) -> None:
    """Of a paid order the web shop must give back what the customer does not get; each piece is told once."""
    if not order.is_paid:
        return
    told = {
        number
        for event in order.events.filter(kind=Kind.REFUND_DUE)
        for number in event.facts.get("lines", [])
    }
    lost = order.lines.filter(status__in=[Status.MISSING, Status.CANCELLED]).select_related("variant")
    due = [line for line in lost if str(line.number) not in told]
    if due:
        amount = sum((line.effective_sales_price for line in due), Decimal(0))
        record(
            order,
            Kind.REFUND_DUE,
            now,
            lines=[str(line.number) for line in due],
            pieces=[str(line.variant) for line in due],
            variant_ids=[str(line.variant.variant_id) for line in due],
            amount=f"{amount:.2f}",
        )


def _delivery(order: WebOrder, lines: list[Line], paid_by: str, by_ddd: bool) -> Delivery:
    return Delivery(
        deed=f"delivery:{order.pk}",
        order_no=order.order_no,
        group=order.group,
        web_shop=order.web_shop,
        shop=order.shop,
        pieces=[
            SoldPiece(line.variant.variant_id, line.sales_price, line.effective_sales_price) for line in lines
        ],
        customer_number=order.customer_number,
        paid_at_register=paid_by if paid_by in AT_THE_REGISTER else "",
        by_ddd=by_ddd,
    )


def _how_it_was_paid(order: WebOrder, hand_over: HandOver) -> str:
    if order.is_paid:
        return WebOrder.PaidBy.WEB_SHOP
    if hand_over.paid_by not in AT_THE_REGISTER:
        detail = _("This order is not paid: take %(amount)s %(currency)s and say how it was paid.") % {
            "amount": order.total,
            "currency": order.group.currency,
        }
        raise Invalid(detail, [Fault("/paid_by", detail, "not-paid")])
    return hand_over.paid_by


def _carriers_number(hand_over: HandOver) -> str:
    number = hand_over.delivery_no.strip()
    if hand_over.way != WebOrder.Way.SEND:
        return ""
    if not 1 <= len(number) <= 50:
        detail = _("Type or scan the carrier's DeliveryNo, at most 50 characters.")
        raise Invalid(detail, [Fault("/delivery_no", detail, "required")])
    return number


def _line(order: WebOrder, line_id: int) -> Line:
    line = order.lines.select_related("variant", "picked_by").filter(pk=line_id).first()
    if line is None:
        raise NotFound(_("This order has no such piece."))
    return line


def _must_be(order: WebOrder, status: Status) -> None:
    if order.status != status:
        raise Conflict(
            _("This order is %(status)s now; the screen shows it as it is.")
            % {"status": str(Status(order.status).label).lower()},
            code="moved-on",
        )


def _refuse_unless_finished_by(order: WebOrder, actor: User) -> None:
    finished = order.events.filter(kind__in=[Kind.PICKED, Kind.CANCELLED]).select_related("actor").last()
    if finished is None or finished.actor_id != actor.pk:
        raise Conflict(
            _("%(name)s was faster and is done with this order.")
            % {"name": _name(finished.actor if finished else None)},
            code="finished-already",
        )


def _refuse_late_pick(order: WebOrder, line: Line) -> None:
    _must_be(order, Status.RESERVED)
    raise Conflict(
        _("This piece is %(status)s already.") % {"status": str(Status(line.status).label).lower()},
        code="moved-on",
    )


def _name(person: User | None) -> str:
    return person.name if person else _("DdD's till")
