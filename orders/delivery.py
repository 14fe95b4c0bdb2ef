"""The order leaves the shop, or a wrong tap is undone. Each function is one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.access import is_manager
from accounts.models import User
from core.errors import Conflict, Fault, Invalid
from ddd.api.bodies import ChangeBody
from ddd.booking import outbox
from ddd.booking.bookkeeping import withdraw
from orders import selling
from orders.events import record
from orders.locking import locked
from orders.models import Line, OrderEvent, Policy, WebOrder
from orders.proof import CheckedProof, PresentedProof, accepted_proofs, check_proof
from orders.refusing import must_be, name_of
from orders.selling import AT_THE_REGISTER, action_key_of
from orders.states import Status

Kind = OrderEvent.Kind
# DdD may have had an order for this long before the portal did: the first poll looks 30 days back.
DDD_LOOK_BACK = timedelta(days=31)


NO_PROOF = PresentedProof()


@dataclass(frozen=True)
class HandOver:
    """How the order leaves the shop: `way`, the carrier's number when it is sent, how it was paid, and the
    proof that was presented when it is handed over."""

    way: WebOrder.Way
    paid_by: str = ""
    delivery_no: str = ""
    proof: PresentedProof = NO_PROOF


def deliver(order: WebOrder, hand_over: HandOver, actor: User, now: datetime) -> None:
    """The customer or the carrier has it. Writes order, lines, sale, transfer, outbox rows and events, all or
    nothing."""
    with locked(order) as current:
        if current.status == Status.DELIVERED:
            if current.delivered_by_id == actor.pk:
                return
            raise Conflict(
                _("%(name)s has delivered this order already.") % {"name": name_of(current.delivered_by)},
                code="delivered-already",
            )
        must_be(current, Status.PICKED)
        paid_by = _paid_by(current, hand_over)
        delivery_no = _delivery_no(hand_over)
        checked = _proof_of(current, hand_over, actor)
        lines = list(current.lines.filter(status=Status.PICKED).select_related("variant"))
        paid = _paid_in_shop(current, lines, paid_by)
        for line in lines:
            line.move(Status.DELIVERED, now, **({"delivery_no": delivery_no} if delivery_no else {}))
        current.move(
            Status.DELIVERED,
            now,
            delivered_at=now,
            delivered_by=actor,
            way=hand_over.way,
            **paid,
            sale_by=selling.sale_by(current, by_ddd=False),
            proof=checked.proof,
            collected_by=checked.collected_by,
            signature=checked.signature,
        )
        selling.book(current, lines, now)
        if delivery_no:
            _post_delivery_no(current, lines, delivery_no, now)
        # Who collected it and their signature are stored on the order only, and forgotten with its address.
        record(
            current,
            Kind.DELIVERED,
            now,
            actor,
            way=hand_over.way,
            delivery_no=delivery_no,
            proof=checked.proof,
            **_money_data(current),
        )


def undo(order: WebOrder, actor: User, now: datetime) -> None:
    """Undoes a wrong tap: the order is ready again and nothing is sent to DdD. Conflict once it is too
    late."""
    with locked(order) as current:
        if current.status == Status.PICKED and _was_undone_by(current, actor):
            return
        must_be(current, Status.DELIVERED)
        if current.delivered_by_ddd:
            raise Conflict(_("DdD's till has delivered this order: undo it there."), code="not-ours-to-undo")
        if not _may_undo(current, actor):
            raise Conflict(
                _("Only %(name)s or the shop manager can undo this delivery.")
                % {"name": name_of(current.delivered_by)},
                code="not-yours-to-undo",
            )
        if _had_a_return(current):
            raise Conflict(
                _("Pieces of this order were taken back already, so its delivery cannot be undone."),
                code="taken-back-already",
            )
        in_time = seconds_to_undo(current, actor, now) > 0
        if not in_time or not _withdraw_all(current, now):
            raise Conflict(
                _("It is too late to undo this: the sale is on its way to DdD."), code="too-late-to-undo"
            )
        for line in current.lines.filter(status=Status.DELIVERED):
            line.move(Status.PICKED, now, **({"delivery_no": ""} if current.way == WebOrder.Way.SEND else {}))
        forgotten = dict.fromkeys(("way", "paid_by", "proof", "collected_by", "signature"), "")
        forgotten["sale_by"] = WebOrder.SaleBy.PORTAL
        unpaid = {"paid_in_shop": None, "cash_rounding": Decimal(0)}
        current.move(Status.PICKED, now, delivered_at=None, delivered_by=None, **forgotten, **unpaid)
        record(current, Kind.DELIVERY_UNDONE, now, actor)


def seconds_to_undo(order: WebOrder, actor: User, now: datetime) -> int:
    """How long this person can still undo the delivery; 0 when they cannot."""
    if order.status != Status.DELIVERED or order.delivered_at is None or not _may_undo(order, actor):
        return 0
    left = order.delivered_at + timedelta(seconds=settings.UNDO_SECONDS) - now
    return 0 if left <= timedelta() or _had_a_return(order) else -(-left // timedelta(seconds=1))


def _may_undo(order: WebOrder, actor: User) -> bool:
    if order.delivered_by_ddd:
        return False
    return order.delivered_by_id == actor.pk or is_manager(actor, order.shop)


def _had_a_return(order: WebOrder) -> bool:
    """Also a return that was cancelled: the shop has had pieces of it since the delivery."""
    return order.events.filter(kind=Kind.TAKEN_BACK).exists()


def _was_undone_by(order: WebOrder, actor: User) -> bool:
    last = order.events.filter(kind__in=[Kind.PICKED, Kind.DELIVERED, Kind.DELIVERY_UNDONE]).last()
    return last is not None and last.kind == Kind.DELIVERY_UNDONE and last.actor_id == actor.pk


def _proof_of(order: WebOrder, hand_over: HandOver, actor: User) -> CheckedProof:
    if hand_over.way != WebOrder.Way.HAND_OVER:
        return CheckedProof()
    chosen = Policy.of(order.group).proof
    return check_proof(order, accepted_proofs(chosen, is_manager(actor, order.shop)), hand_over.proof)


def _post_delivery_no(order: WebOrder, lines: Sequence[Line], delivery_no: str, now: datetime) -> None:
    body: ChangeBody = {
        "OrderNo": order.order_no,
        "Since": (order.created_at - DDD_LOOK_BACK).isoformat(),
        "WebOrderLines": [
            {"VariantId": line.variant.variant_id, "DeliveryNo": delivery_no} for line in lines
        ],
    }
    due = now + timedelta(seconds=settings.UNDO_SECONDS)
    outbox.post_change(order.group, order.web_shop, action_key_of(order), order.order_no, body, now, due)


def _withdraw_all(order: WebOrder, now: datetime) -> bool:
    """False when something of the delivery is being sent, or was. One whose sale is not the portal's may have
    nothing to withdraw."""
    action_key = action_key_of(order)
    if order.sale_by != WebOrder.SaleBy.PORTAL and not outbox.postings_of(order.group, action_key).exists():
        return True
    return withdraw(order.group, action_key, now)


def _paid_by(order: WebOrder, hand_over: HandOver) -> str:
    if order.is_in_store:
        return ""
    if order.is_paid:
        return WebOrder.PaidBy.WEB_SHOP
    if hand_over.paid_by not in AT_THE_REGISTER:
        detail = _("This order is not paid: take %(amount)s %(currency)s and say how it was paid.") % {
            "amount": order.total,
            "currency": order.group.currency,
        }
        raise Invalid(detail, [Fault("/paid_by", detail, "not-paid")])
    return hand_over.paid_by


def _paid_in_shop(order: WebOrder, lines: Sequence[Line], paid_by: str) -> dict[str, Any]:
    """The columns of how the customer paid, and of what they pay here."""
    if paid_by not in AT_THE_REGISTER:
        return {"paid_by": paid_by}
    due = sum((line.effective_sales_price for line in lines), Decimal(0))
    rounding = order.group.rounding_in_cash(due) if paid_by == WebOrder.PaidBy.CASH else Decimal(0)
    return {"paid_by": paid_by, "paid_in_shop": due, "cash_rounding": rounding}


def _money_data(order: WebOrder) -> dict[str, Any]:
    """The event's data about how it was paid, and what was taken here."""
    if order.paid_in_shop is None:
        return {"paid_by": order.paid_by}
    rounded = {"changed_hands": f"{order.changed_hands:.2f}"} if order.cash_rounding else {}
    return {"paid_by": order.paid_by, "amount": f"{order.paid_in_shop:.2f}", **rounded}


def _delivery_no(hand_over: HandOver) -> str:
    number = hand_over.delivery_no.strip()
    if hand_over.way != WebOrder.Way.SEND:
        return ""
    if not 1 <= len(number) <= 50:
        detail = _("Type or scan the carrier's DeliveryNo, at most 50 characters.")
        raise Invalid(detail, [Fault("/delivery_no", detail, "required")])
    return number
