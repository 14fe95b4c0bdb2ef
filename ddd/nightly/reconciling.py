"""Stores the report of each night, and what a person decides about a difference that it found."""

import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Group, Shop, User
from core import leases
from core.causes import StoredCause
from core.errors import Conflict
from core.leases import LeaseLost
from core.wakeups import call_worker
from ddd.booking import outbox
from ddd.models import Attempt, Connection, Difference, Posting, Reconciliation
from ddd.models.difference import RefusedShop
from ddd.sending.decisions import decided_already
from ddd.words import causes, differences

log = logging.getLogger(__name__)

LONGEST_RUN = timedelta(hours=2)
NIGHT = range(2, 6)  # hours of the Group's own clock
TRY_AGAIN_AFTER = timedelta(minutes=15)
TAKEN_OVER_WITHIN = timedelta(hours=1)
CLOCKS_DIFFER = timedelta(days=1)
State = Difference.State


@dataclass(frozen=True)
class Outcome:
    """What one run found. With `trouble` it could not compare, and says nothing of differences; of the
    kinds in `unseen` it could not say all that there are, and of the shops in `refused` nothing (ShopId ->
    what DdD said); `read` are the ShopIds for which DdD has answered."""

    since: datetime
    found: Sequence[differences.Difference] = ()
    unseen: frozenset[differences.Kind] = frozenset()
    compared: tuple[tuple[str, int], ...] = ()
    trouble: StoredCause = field(default_factory=dict)
    refused: Mapping[int, StoredCause] = field(default_factory=dict)
    read: tuple[int, ...] = ()
    # Of a rehearsal: what the portal would have posted beside what DdD has.
    rehearsed: Sequence[Mapping[str, Any]] | None = None


def day_of(group: Group, now: datetime) -> date:
    """The Group's own day."""
    return now.astimezone(ZoneInfo(group.time_zone)).date()


def groups_due(now: datetime) -> list[int]:
    """The Groups without a complete report in their night, and those where somebody requested one."""
    return [
        connection.group_id
        for connection in Connection.objects.filter(live_at__isnull=False).select_related("group")
        if _is_due(connection.group, now)
    ]


def _is_due(group: Group, now: datetime) -> bool:
    local = now.astimezone(ZoneInfo(group.time_zone))
    report = Reconciliation.objects.filter(group=group, day=local.date()).first()
    if report is not None and leases.is_held(report):
        return False
    if report is not None and report.wanted_at is not None:
        return True
    if local.hour not in NIGHT:
        return False
    if report is None or report.ended_at is None:
        return True
    # Only when DdD could not be read: shops that it refuses it would refuse again.
    return bool(report.trouble) and report.ended_at <= now - TRY_AGAIN_AFTER


def claim(group: Group, now: datetime) -> Reconciliation | None:
    """Today's report, leased to this worker; None when another one has it."""
    report, _made = Reconciliation.objects.get_or_create(group=group, day=day_of(group, now))
    return report if leases.take(report, LONGEST_RUN, started_at=now, wanted_at=None) else None


def put_off(report: Reconciliation, now: datetime) -> None:
    """This worker is to stop: the next one begins again, at once."""
    with suppress(LeaseLost):
        leases.release(report, wanted_at=now)


def keep(report: Reconciliation, outcome: Outcome, now: datetime) -> bool:
    """Stores the outcome. False, and nothing is stored, when another worker has taken over the report."""
    try:
        _keep(report, outcome, now)
    except LeaseLost as lost:
        log.warning("what a nightly comparison found is not kept: %s", lost)
        return False
    return True


def _keep(report: Reconciliation, outcome: Outcome, now: datetime) -> None:
    with transaction.atomic():
        leases.renew(
            report, LONGEST_RUN
        )  # so that no other worker takes it over before the differences are written
        data: dict[str, Any] = dict(outcome.compared)
        if not outcome.trouble:
            data |= _keep_differences(report, outcome, now)
        if outcome.read:
            data["read"] = list(outcome.read)
        if outcome.rehearsed is not None:
            data["rehearsed"] = list(outcome.rehearsed)
        if outcome.refused:
            data["refused"] = _refused(report.group, outcome.refused)
        leases.release(
            report,
            ended_at=now,
            is_complete=not outcome.trouble and not outcome.refused,
            trouble=outcome.trouble,
            data=data,
        )


def _refused(group: Group, refused: Mapping[int, StoredCause]) -> list[dict[str, Any]]:
    """The shops that were not compared, with their names: they may be gone when somebody reads it."""
    shops = group.shops.filter(shop_id__in=refused).order_by("shop_id")
    return [asdict(RefusedShop(shop.shop_id, shop.name, refused[shop.shop_id])) for shop in shops]


def _keep_differences(report: Reconciliation, outcome: Outcome, now: datetime) -> dict[str, int]:
    group = report.group
    shops = {shop.shop_id: shop for shop in group.shops.all()}
    kept = [_keep_one(group, one, shops, now) for one in outcome.found]
    rows = [row.pk for row, _is_new in kept]
    report.differences.set(rows)
    standing = Difference.objects.filter(group=group, state__in=[State.OPEN, State.SEEN_TO, State.SENT_AGAIN])
    # Older ones are outside the period that was read, so they are not gone.
    looked_at = standing.filter(about_at__gte=outcome.since).exclude(kind__in=outcome.unseen)
    unread = Q(shop__shop_id__in=outcome.refused) & ~Q(kind__in=differences.OF_ORDERS)
    gone = looked_at.exclude(pk__in=rows).exclude(unread)
    return {
        "differences": len(rows),
        "new": sum(is_new for _row, is_new in kept),
        "gone": gone.update(state=State.GONE, closed_at=now),
    }


def _keep_one(
    group: Group, found: differences.Difference, shops: dict[int, Shop], now: datetime
) -> tuple[Difference, bool]:
    """The row of this difference. One that somebody has closed stays closed unless its evidence changes."""
    names = {number: shop.name for number, shop in shops.items()}
    evidence = differences.with_shop_names(found.evidence, names)
    row, made = Difference.objects.get_or_create(
        group=group,
        kind=found.kind,
        subject=found.subject[:400],
        defaults={
            "order_no": found.order_no[:255],
            "shop": shops.get(found.shop_id or 0),
            "posting_id": found.posting,
            "evidence": evidence,
            "about_at": found.about_at,
            "first_seen_at": now,
            "last_seen_at": now,
        },
    )
    if made:
        return row, True
    stays = row.state == State.OPEN or (row.state == State.SEEN_TO and row.evidence == evidence)
    opened = {} if stays else {"state": State.OPEN, "closed_at": None, "closed_by": None}
    Difference.objects.filter(pk=row.pk).update(last_seen_at=now, evidence=evidence, **opened)
    return row, not stays


def look_again(group: Group, now: datetime) -> None:
    """Requests a comparison now: a worker makes it, and stores it in today's report."""
    with transaction.atomic():
        report, _made = Reconciliation.objects.get_or_create(group=group, day=day_of(group, now))
        Reconciliation.objects.filter(pk=report.pk).update(wanted_at=now)
        transaction.on_commit(partial(call_worker, "orders.tasks.reconcile_group", group.pk))


def see_to(difference: Difference, actor: User, now: datetime, note: str = "") -> None:
    """Somebody has corrected or accepted it. It opens again when its evidence changes."""
    _close(difference, State.SEEN_TO, actor, now, note)


def send_missing(difference: Difference, actor: User, now: datetime) -> None:
    """DdD has lost what the portal had sent: it is read back once more, and sent when it is not there.

    A worker does both; so nothing is sent twice, even if DdD shows it meanwhile.
    """
    if difference.kind not in differences.CAN_BE_SENT or difference.posting_id is None:
        raise Conflict(_("There is nothing to send here: put it right in DdD."), code="nothing-to-send")
    with transaction.atomic():
        if not start_mending(difference, actor, now):
            return
        posting = Posting.objects.filter(pk=difference.posting_id, state=Posting.State.SENT)
        if not posting.update(
            state=Posting.State.UNCERTAIN,
            not_before=now,
            settled_at=None,
            reason=causes.NOT_SEEN_AT_NIGHT(),
        ):
            raise Conflict(_("This is being sent already."), code="decided-already")
        Attempt.objects.create(
            posting_id=difference.posting_id,
            purpose=Attempt.Purpose.DECISION,
            started_at=now,
            duration_ms=0,
            outcome=Attempt.Outcome.SEND_AGAIN,
            actor=actor,
        )
        transaction.on_commit(partial(outbox.wake_sender, difference.group_id))


def start_mending(difference: Difference, actor: User, now: datetime) -> bool:
    """Marks it as being mended until the next comparison, in the caller's transaction. False on their own
    second tap; Conflict when somebody was faster."""
    return _close(difference, State.SENT_AGAIN, actor, now)


def request_takeover(difference: Difference, actor: User, now: datetime) -> None:
    """Requests that a worker reads the order at DdD, and does here what was done there."""
    with transaction.atomic():
        if start_mending(difference, actor, now):
            Difference.objects.filter(pk=difference.pk).update(taken_over_at=None)
            transaction.on_commit(partial(call_worker, "orders.tasks.poll_group", difference.group_id))


def pending_takeovers(group_id: int) -> QuerySet[Difference]:
    """The differences that are to be taken over, the one that waits longest first."""
    wanted = Difference.objects.filter(group_id=group_id, state=State.SENT_AGAIN, taken_over_at=None)
    of_orders = wanted.filter(kind__in=[differences.Kind.ORDER_UNKNOWN, differences.Kind.STATUS_AHEAD])
    return of_orders.order_by("closed_at", "pk")


def has_waited_long(difference: Difference, now: datetime) -> bool:
    """Whether DdD has not shown the order for so long that a person has to be told."""
    return difference.closed_at is None or difference.closed_at <= now - TAKEN_OVER_WITHIN


def finish_takeover(difference: Difference, has_helped: bool, now: datetime) -> None:
    """If it helped, it waits for the next comparison; if not, it is open again."""
    mine = Difference.objects.filter(pk=difference.pk, state=State.SENT_AGAIN, taken_over_at=None)
    opened = {"state": State.OPEN, "closed_at": None, "closed_by": None}
    mine.update(**({"taken_over_at": now} if has_helped else opened))


def _close(difference: Difference, state: State, actor: User, now: datetime, note: str = "") -> bool:
    """False on their own second tap; Conflict when it is not open any more."""
    standing = Difference.objects.filter(pk=difference.pk, state=State.OPEN)
    if standing.update(state=state, closed_at=now, closed_by=actor, note=note.strip()[:500]):
        return True
    difference.refresh_from_db()
    if (difference.state, difference.closed_by_id) == (state, actor.pk):
        return False
    raise decided_already(difference.closed_by)
