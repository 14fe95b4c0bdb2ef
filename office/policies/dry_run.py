"""Dry runs of a policy: what it would have done in the last 90 days, compared with the current one.

Nothing is written but the row of the dry run. Few orders are read within the request, many by a worker that
stores its progress; any worker may take over what another one left.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Q

from accounts.models import Group, User
from core import leases
from core.leases import LeaseLost
from core.wakeups import call_worker
from office.models import DryRun
from office.policies.simulate_alert import simulate_alert
from office.policies.simulate_returns import simulate_returns
from orders.models import WebOrder

log = logging.getLogger(__name__)

DAYS = 90
FEW = 1000  # orders: looked at within a request
LONGEST_STEP = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(days=2)

Simulation = Callable[[DryRun, datetime, Callable[[int], None]], dict[str, Any]]
SIMULATIONS: dict[str, Simulation] = {
    DryRun.Policy.ALERT: simulate_alert,
    DryRun.Policy.RETURNS: simulate_returns,
}


def begin(
    policy: str,
    user: User,
    wanted: dict[str, Any],
    fields: list[dict[str, Any]],
    typed: dict[str, list[str]],
    now: datetime,
) -> DryRun:
    """Done at once when there is little to look at, else a worker is called."""
    DryRun.objects.filter(group_id=user.group_id, made_at__lt=now - FORGOTTEN_AFTER).delete()
    run = DryRun.objects.create(
        group_id=user.group_id, policy=policy, by=user, made_at=now, wanted=wanted, fields=fields, typed=typed
    )
    if _are_few(user.group, now):
        carry_out(run.pk, now)
        run.refresh_from_db()
    else:
        transaction.on_commit(partial(call_worker, "office.tasks.try_policy", run.pk))
    return run


def carry_out(pk: int, now: datetime) -> bool:
    """Runs it; False when it is done already, or another worker has it."""
    run = DryRun.objects.filter(pk=pk).first()
    if run is None or not leases.take(run, LONGEST_STEP, Q(done_at=None)):
        return False
    since = run.made_at - timedelta(days=DAYS)

    def step(percent: int) -> None:
        leases.renew(run, LONGEST_STEP, percent=percent)

    try:
        result = SIMULATIONS[run.policy](run, since, step)
        leases.release(run, done_at=now, percent=100, result=result)
    except LeaseLost as lost:
        log.warning("what a policy would have done is looked at by somebody else: %s", lost)
        return False
    return True


def waiting(now: datetime) -> list[int]:
    """What no worker has done yet, the oldest first."""
    due = DryRun.objects.filter(leases.free(), done_at=None, made_at__gt=now - FORGOTTEN_AFTER)
    return list(due.order_by("made_at").values_list("pk", flat=True)[:10])


def _are_few(group: Group, now: datetime) -> bool:
    orders = WebOrder.objects.filter(group=group, created_at__gte=now - timedelta(days=DAYS))
    return len(orders.order_by("-created_at").values_list("pk")[: FEW + 1]) <= FEW
