"""A tap is applied once, however often it is sent: its answer may be lost, or it waited for the network."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from core.errors import Conflict
from orders.locking import locked
from orders.models import AppliedTap, WebOrder

REMEMBERED = timedelta(days=7)  # tablets do not resend older taps


def forget_old(now: datetime) -> None:
    """Deletes the numbers of taps that no tablet will send again."""
    AppliedTap.objects.filter(at__lt=now - REMEMBERED).delete()


def apply_once(order: WebOrder, number: UUID | None, now: datetime, action: Callable[[], object]) -> bool:
    """Runs the action and stores the tap's number, both or neither. False when the tap was applied before.

    An action that raises leaves nothing behind, so the same tap may be tried again. Without a number the
    action simply runs."""
    if number is None:
        action()
        return True
    with locked(order):
        tap, new = AppliedTap.objects.get_or_create(number=number, defaults={"order": order, "at": now})
        if tap.order_id != order.pk:
            raise Conflict(_("This tap was sent for another order."), code="tap-of-another-order")
        if new:
            action()
        return new
