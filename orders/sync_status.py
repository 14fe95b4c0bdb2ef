"""Repeats here what DdD's own tills did with an order. Each function is one transaction."""

from datetime import datetime

from accounts.models import Shop
from orders import mailing, missing_reasons, selling, trouble
from orders.cancel_reasons import AT_DDD
from orders.collecting import collect_by_of
from orders.events import record
from orders.locking import locked
from orders.models import Line, OrderEvent, WebOrder
from orders.putting_back import put_back_fields
from orders.refund_due import settle_refunds
from orders.states import Status

Kind = OrderEvent.Kind


def follow_picked(order: WebOrder, picked: list[int], now: datetime) -> None:
    """DdD's own till has picked the pieces with these line ids; the others are missing."""
    with locked(order) as current:
        if current.status != Status.RESERVED:
            return
        for line in current.lines.filter(status__in=[Status.RESERVED, Status.MISSING]):
            if line.pk in picked:
                line.move(Status.PICKED, now, missing_reason="")
            elif line.status == Status.RESERVED:
                line.move(Status.MISSING, now, missing_reason=missing_reasons.OTHER)
        until = collect_by_of(current, now)
        current.move(Status.PICKED, now, picked_at=now, taken_at=current.taken_at or now, collect_by=until)
        record(current, Kind.PICKED, now, by_ddd=True)
        mailing.queue_ready_mail(current, now)
        settle_refunds(current, now)


def follow_to_shop(order: WebOrder, shop: Shop, now: datetime) -> None:
    """DdD has given the order to another shop: it starts again there. Not after somebody has picked it."""
    with locked(order) as current:
        if current.status != Status.RESERVED or current.shop_at_ddd == shop.shop_id:
            return
        WebOrder.objects.filter(pk=current.pk).update(shop_at_ddd=shop.shop_id)
        if current.shop_id != shop.pk:
            trouble.start_again_in(current, shop, None, now)


def follow_delivered(
    order: WebOrder, delivered: list[int], now: datetime, shop_at_ddd: int | None = None
) -> None:
    """DdD's own till has delivered the pieces with these line ids: the portal books the sale and nothing
    else.

    The till makes its item transfer itself (contract 7.1) and knows how it was paid. It was the till of the
    shop that DdD names (`shop_at_ddd`, a ShopId), also when the order was moved here; None is the order's.
    """
    with locked(order) as current:
        if current.status not in (Status.RESERVED, Status.PICKED):
            return
        delivered_in = _shop_of(current, shop_at_ddd)
        sale_by = selling.sale_by(current, by_ddd=True)
        if delivered_in is None and sale_by == WebOrder.SaleBy.PORTAL:
            # Whose turnover it is, somebody has to find out.
            sale_by = WebOrder.SaleBy.ASK
        if delivered_in is None or delivered_in.pk == current.shop_id:
            gone, _put_back = _move_lines(current, delivered, None, now)
        else:
            gone, put_back = _move_lines(current, delivered, current.shop, now)
            trouble.give_to(current, delivered_in, put_back, None, now)
        current.move(
            Status.DELIVERED,
            now,
            delivered_at=now,
            delivered_by_ddd=True,
            taken_at=current.taken_at or now,
            sale_by=sale_by,
        )
        selling.book(current, gone, now)
        record(current, Kind.DELIVERED, now, by_ddd=True)
        settle_refunds(current, now)


def _move_lines(
    order: WebOrder, delivered: list[int], picked_in: Shop | None, now: datetime
) -> tuple[list[Line], list[str]]:
    """The lines that were delivered, and the names of the pieces that were picked in another shop than the
    till's (`picked_in`): the customer has got others of the same kind, and these go back on the shelf."""
    gone, put_back = [], []
    for line in order.lines.select_related("variant"):
        was_picked = line.status == Status.PICKED
        if line.pk in delivered and line.status in (Status.RESERVED, Status.PICKED, Status.MISSING):
            data = put_back_fields(picked_in) if was_picked and picked_in else {}
            if line.status == Status.MISSING:
                line.move(Status.PICKED, now, missing_reason="")
            line.move(Status.DELIVERED, now, **data)
            gone.append(line)
        elif line.status in (Status.RESERVED, Status.PICKED):
            data = put_back_fields(picked_in) if was_picked else {}
            line.move(Status.MISSING, now, missing_reason=missing_reasons.OTHER, **data)
        if was_picked and picked_in:
            put_back.append(str(line.variant))
    return gone, put_back


def follow_cancelled(order: WebOrder, now: datetime) -> None:
    """DdD has cancelled the order: its pieces need not be picked any more."""
    with locked(order) as current:
        if current.status not in (Status.RESERVED, Status.PICKED):
            return
        for line in current.lines.exclude(status__in=[Status.CANCELLED, Status.DELIVERED, Status.RETURNED]):
            line.move(Status.CANCELLED, now, **(put_back_fields() if line.status == Status.PICKED else {}))
        current.move(Status.CANCELLED, now)
        record(current, Kind.CANCELLED, now, by_ddd=True)
        settle_refunds(current, now, reason=AT_DDD.code)


def _shop_of(order: WebOrder, shop_at_ddd: int | None) -> Shop | None:
    """None when DdD names a shop that is none of the Group's."""
    if shop_at_ddd is None or shop_at_ddd == order.shop.shop_id:
        return order.shop
    return Shop.objects.select_related("group").filter(group=order.group_id, shop_id=shop_at_ddd).first()
