"""One action for many orders: each by the verb that does it for one order, in a transaction of its own.

If a worker dies, or it is started twice: an order is marked in the transaction that changes it, and the next
worker goes on with those that are left.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import shops_of
from accounts.models import Shop, User
from accounts.viewer import Viewer
from core import stopping, wakeups
from core.causes import MOMENT, StoredCause
from core.errors import DomainError, Fault, Invalid
from office import causes
from office.models import BulkAction, BulkOrder
from orders import reminding, trouble
from orders.models import OrderQuerySet, WebOrder
from orders.refusing import name_for_cause
from orders.states import Status

log = logging.getLogger(__name__)
Clock = Callable[[], datetime]
Action, Outcome = BulkAction.Action, BulkOrder.Outcome
MOST_ORDERS = 500
AT_ONCE = 25  # more of them keep nobody waiting: a worker does them
KEPT = timedelta(days=30)


def prepare(maker: User, action: BulkAction.Action, orders: OrderQuerySet, now: datetime) -> BulkAction:
    """Stores the chosen orders; nothing happens to them yet. Invalid when there are none or too many."""
    chosen = list(orders.order_by("-created_at", "-pk").values_list("pk", "shop")[: MOST_ORDERS + 1])
    if not chosen:
        raise Invalid(
            _("Choose the orders first."), [Fault("/order", _("Choose the orders first."), "required")]
        )
    if len(chosen) > MOST_ORDERS:
        detail = _("More than %(count)d orders fit: filter further, and do it in parts.") % {
            "count": MOST_ORDERS
        }
        raise Invalid(detail, [Fault("/order", detail, "too-many")])
    with transaction.atomic():
        bulk = BulkAction.objects.create(group_id=maker.group_id, maker=maker, action=action, made_at=now)
        rows = [BulkOrder(bulk_action=bulk, order_id=order, shop_id=shop) for order, shop in chosen]
        BulkOrder.objects.bulk_create(rows)
    return bulk


def shops_to_move_to(viewer: Viewer) -> models.QuerySet[Shop]:
    """Where orders may go; whether a shop takes those of an order's web shop is seen order by order."""
    return shops_of(viewer).filter(takes_orders=True)


def start(bulk: BulkAction, now: datetime, shop: Shop | None = None, reason: str = "") -> bool:
    """It is done to the end from now on. False when it was started before: a second tap changes nothing."""
    waiting = BulkAction.objects.filter(pk=bulk.pk, started_at=None)
    started = bool(waiting.update(started_at=now, shop=shop, reason=reason))
    bulk.refresh_from_db()
    return started


def carry_out_soon(bulk: BulkAction, clock: Clock) -> None:
    """A few at once, many by a worker."""
    if bulk.orders.filter(outcome=Outcome.WAITING).count() <= AT_ONCE:
        carry_out(bulk, clock)
    else:
        wakeups.call_worker("office.tasks.carry_out_bulk_actions_of_group", bulk.group_id)


def groups_with_work() -> list[int]:
    """The Groups in which something was started and is not done to the end."""
    return list(_running().order_by().values_list("group_id", flat=True).distinct())


def carry_out_in(group_id: int, clock: Clock = timezone.now) -> None:
    """All that was started in one Group, the oldest first."""
    for bulk in (
        _running().filter(group_id=group_id).order_by("started_at").select_related("maker__group", "shop")
    ):
        carry_out(bulk, clock)


def carry_out(bulk: BulkAction, clock: Clock) -> None:
    """Each order once, however many workers run. A refusal is stored with its reason."""
    rows = bulk.orders.filter(outcome=Outcome.WAITING)
    for row in rows.select_related("order__group", "order__shop", "shop"):
        stopping.check()
        _carry_out_for(bulk, row, clock())
    BulkAction.objects.filter(pk=bulk.pk, ended_at=None).update(ended_at=clock())


def delete_old(now: datetime) -> None:
    """What was done long ago, or never started."""
    BulkAction.objects.filter(made_at__lt=now - KEPT).delete()


def count_by_outcome(bulk: BulkAction) -> dict[str, int]:
    """How many orders wait, are done, and are not done; 1 query."""
    found = dict(bulk.orders.order_by().values_list("outcome").annotate(models.Count("pk")))
    return {outcome: found.get(outcome.value, 0) for outcome in Outcome}


def _running() -> models.QuerySet[BulkAction]:
    return BulkAction.objects.filter(started_at__isnull=False, ended_at=None)


def _carry_out_for(bulk: BulkAction, row: BulkOrder, now: datetime) -> None:
    waiting = BulkOrder.objects.filter(pk=row.pk, outcome=Outcome.WAITING)
    try:
        with transaction.atomic():
            if waiting.update(outcome=Outcome.DONE):
                _do(bulk, row, now)
    except DomainError as refusal:
        waiting.update(outcome=Outcome.REFUSED, why=_why(row.order, refusal))
    except Exception:
        # One order must not keep the others waiting for ever.
        log.exception("%s of %s went wrong", bulk.action, row.order)
        waiting.update(outcome=Outcome.REFUSED, why=causes.BROKE())


def _do(bulk: BulkAction, row: BulkOrder, now: datetime) -> None:
    order = row.order
    # The shop as it was when the order was chosen, so that a move in between is refused as a conflict.
    order.shop, order.shop_id = row.shop, row.shop_id
    if bulk.action == Action.MOVE and bulk.shop is not None:
        trouble.move_to_shop(order, bulk.shop, bulk.maker, now)
    elif bulk.action == Action.CANCEL:
        trouble.cancel(order, bulk.reason, bulk.maker, now)
    else:
        reminding.remind(order, bulk.maker, now)


def _why(order: WebOrder, refusal: DomainError) -> StoredCause:
    """Why it was refused, by the order as it is now."""
    order.refresh_from_db()
    if order.status in (Status.DELIVERED, Status.RETURNED) and order.delivered_at is not None:
        at = MOMENT(at=order.delivered_at.isoformat())
        return causes.WAS_DELIVERED(at=at, name=name_for_cause(order.delivered_by))
    if refusal.code == "moved-on" and order.status == Status.PICKED:
        return causes.IS_READY()
    if refusal.code == "moved-on" and order.status == Status.CANCELLED:
        return causes.IS_CANCELLED()
    return refusal.cause
