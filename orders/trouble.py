"""When an order cannot be picked: another shop takes it over, or it is cancelled.

DdD has no route to change an order's shop or status (contract 2.3), so it goes on showing the order as it
came in: staff is told so. What is booked at the delivery names the shop that delivered.
"""

from datetime import datetime

from django.db.models import QuerySet

from accounts.calendars import calendar_of
from accounts.models import Shop, User
from core.causes import StoredCause, words_of
from core.errors import Conflict, Fault, Invalid
from orders import causes
from orders.cancel_reasons import CANCEL_REASONS
from orders.events import record
from orders.locking import locked, locked_here
from orders.models import OrderEvent, WebOrder
from orders.putting_back import put_back_fields
from orders.refund_due import settle_refunds
from orders.refusing import must_be, name_for_cause
from orders.states import Status, may_cancel, may_move

Kind = OrderEvent.Kind


def shops_to_move_to(order: WebOrder) -> QuerySet[Shop]:
    """The other shops that take the orders of this web shop."""
    shops = Shop.objects.filter(group_id=order.group_id, takes_orders=True).exclude(pk=order.shop_id)
    return shops if order.web_shop_id is None else shops.filter(web_shops=order.web_shop_id)


def move_to_shop(order: WebOrder, shop: Shop, actor: User, now: datetime) -> None:
    """The order starts again in the other shop, with a new promise; what was picked here is to be put
    back."""
    with locked(order) as current:
        if current.shop_id == shop.pk:
            return
        if current.shop_id != order.shop_id:
            raise Conflict(causes.MOVED_BY_OTHERS(shop=current.shop.name), code="moved-already")
        if not may_move(current.status):
            must_be(current, Status.RESERVED)
        _must_take_it(current, shop)
        start_again_in(current, shop, actor, now)


def start_again_in(order: WebOrder, shop: Shop, actor: User | None, now: datetime) -> None:
    """For a locked order: its pieces are to be picked in the other shop. Without a person it was DdD."""
    put_back = _begin_anew(order, now)
    promised_at = calendar_of(shop).plus_open_minutes(now, order.group.promise_minutes)
    give_to(order, shop, put_back, actor, now)
    WebOrder.objects.filter(pk=order.pk).update(
        taken_at=None, taken_by=None, escalated=0, promised_at=promised_at
    )


def give_to(order: WebOrder, shop: Shop, put_back: list[str], actor: User | None, now: datetime) -> None:
    """For a locked order: it is the other shop's; both shops' tablets are told."""
    moved = {"sender": order.shop.name, "recipient": shop.name}
    record(order, Kind.MOVED, now, actor, actor is None, **moved, pieces=put_back)
    order.shop = shop
    WebOrder.objects.filter(pk=order.pk).update(shop=shop, modified_at=now)
    # A second event for the other shop, to wake its tablets.
    record(order, Kind.MOVED, now, actor, actor is None, **moved)


def shop_in_ddd(order: WebOrder) -> Shop | None:
    """The shop whose DdD till still shows the open order, because it was moved here only; None when it is the
    order's own. 1 query, when it is another one."""
    if order.status not in (Status.RESERVED, Status.PICKED) or order.shop_at_ddd in (
        None,
        order.shop.shop_id,
    ):
        return None
    return Shop.objects.filter(group_id=order.group_id, shop_id=order.shop_at_ddd).first()


def cancel(order: WebOrder, reason: str, actor: User, now: datetime) -> None:
    """Cancels the order: what was picked is to be put back, and a paid order is refunded."""
    if reason not in CANCEL_REASONS.codes:
        raise _invalid("/reason", causes.SAY_WHY(), "required")
    with locked_here(order) as current:
        if current.status == Status.CANCELLED:
            _refuse_unless_cancelled_by(current, actor)
            return
        if not may_cancel(current.status):
            must_be(current, Status.RESERVED)
        for line in current.lines.filter(status__in=[Status.RESERVED, Status.PICKED]):
            data = put_back_fields() if line.status == Status.PICKED else {}
            line.move(Status.CANCELLED, now, **data)
        current.move(Status.CANCELLED, now)
        record(current, Kind.CANCELLED, now, actor, reason=reason)
        settle_refunds(current, now, reason=reason)


def _begin_anew(order: WebOrder, now: datetime) -> list[str]:
    """Every piece is to be picked again; returns the names of those that were picked here."""
    put_back = []
    for line in order.lines.filter(status__in=[Status.PICKED, Status.MISSING]).select_related("variant"):
        data = put_back_fields(order.shop) if line.status == Status.PICKED else {}
        if data:
            put_back.append(str(line.variant))
        line.move(Status.RESERVED, now, picked_by=None, missing_reason="", **data)
    return put_back


def _must_take_it(order: WebOrder, shop: Shop) -> None:
    if not shops_to_move_to(order).filter(pk=shop.pk).exists():
        raise _invalid("/shop", causes.TAKES_NONE_OF_IT(shop=shop.name), "takes-no-orders")


def _invalid(pointer: str, why: StoredCause, code: str) -> Invalid:
    return Invalid(why, [Fault(pointer, words_of(why), code)])


def _refuse_unless_cancelled_by(order: WebOrder, actor: User) -> None:
    cancelled = order.events.filter(kind=Kind.CANCELLED).select_related("actor").last()
    if cancelled is None or cancelled.actor_id != actor.pk:
        by = name_for_cause(cancelled.actor if cancelled else None)
        raise Conflict(causes.CANCELLED_BY(name=by), code="cancelled-already")
