"""Every night: was a piece sold in the shop that had reported it missing? It may have been on the shelf.

Looked at twice it finds the same: a report is one row, and the first sale after it is kept.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Group, Shop, User
from core.errors import Conflict, Fault, Invalid
from ddd.http import Rejected, Trouble, wire_to
from ddd.models import Connection, Variant
from ddd.reconciling import NIGHT, day_of
from ddd.tills import SoldAtTill, sold_at_tills
from office.figures.standing_reports import KINDS, Tap, standing
from office.models import Counting, MissingReport
from orders.models import Line, OrderEvent, WebOrder
from orders.states import Status

WITHIN = timedelta(days=14)
AT_ONCE = 500
Sold = tuple[datetime, SoldAtTill | WebOrder]  # when, and how


def groups_due(now: datetime) -> list[int]:
    """Where it is night, and nobody has looked yet."""
    looked_on = dict(Counting.objects.values_list("group_id", "looked_for_sold_on"))
    at_night = (
        group
        for group in Group.objects.order_by("pk")
        if now.astimezone(ZoneInfo(group.time_zone)).hour in NIGHT
    )
    return [group.pk for group in at_night if looked_on.get(group.pk) != day_of(group, now)]


def look(group_id: int, now: datetime) -> bool:
    """Notes the reports of the last 14 days, and the sales after them. False when DdD could not be read:
    then only what the portal knows itself was looked at, and it is looked again this night."""
    group = Group.objects.get(pk=group_id)
    _note_reports(group, now)
    unsold = MissingReport.objects.filter(group=group, sold_at=None, reported_at__gte=now - WITHIN)
    reports = list(unsold.select_related("shop", "variant").order_by("reported_at", "pk"))
    at_tills, is_read = _sold_at_tills(group, reports)
    for report in reports:
        found = [*_at_a_till(report, at_tills), *_with_another_order(report)]
        if found:
            _keep(report, min(found, key=lambda sold: sold[0]))
    if is_read:
        Counting.objects.update_or_create(group=group, defaults={"looked_for_sold_on": day_of(group, now)})
    return is_read


def close(report: MissingReport, why: str, actor: User, now: datetime) -> None:
    """Somebody has asked in the shop: it is told no more."""
    why = why.strip()
    if not 1 <= len(why) <= 200:
        detail = _("Write in at most 200 characters what you found out.")
        raise Invalid(detail, [Fault("/why", detail, "required")])
    open_one = MissingReport.objects.filter(pk=report.pk, closed_at=None, sold_at__isnull=False)
    if open_one.update(closed_at=now, closed_by=actor, closed_why=why):
        return
    report.refresh_from_db()
    if report.closed_by_id != actor.pk:
        raise Conflict(
            _("%(name)s has closed this already.") % {"name": report.closed_by or "–"}, code="closed-already"
        )


# --- what was reported ------------------------------------------------------------------------------------


def _note_reports(group: Group, now: datetime) -> None:
    """A row for each report that stands; those that were taken back since have none any more."""
    since = now - WITHIN
    orders = WebOrder.objects.filter(group=group, modified_at__gte=since)
    told = OrderEvent.objects.filter(order__in=orders, kind=OrderEvent.Kind.PIECE_MISSING, at__gte=since)
    keys = sorted(set(told.order_by().values_list("order_id", flat=True)))
    found = [
        row for start in range(0, len(keys), AT_ONCE) for row in _standing_in(keys[start : start + AT_ONCE])
    ]
    stands = [row for row in found if row.reported_at >= since]
    with transaction.atomic():
        MissingReport.objects.bulk_create(stands, ignore_conflicts=True)
        noted = MissingReport.objects.filter(group=group, sold_at=None, reported_at__gte=since)
        noted.exclude(event__in=[row.event_id for row in stands]).delete()


def _standing_in(orders: list[int]) -> Iterator[MissingReport]:
    """3 queries for many orders."""
    variants: defaultdict[int, dict[str, Variant]] = defaultdict(dict)
    ordered: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for line in Line.objects.filter(order__in=orders).select_related("variant"):
        variants[line.order_id].setdefault(str(line.variant), line.variant)
        ordered[line.order_id][str(line.variant)] += 1
    events: defaultdict[int, list[OrderEvent]] = defaultdict(list)
    for event in OrderEvent.objects.filter(order__in=orders, kind__in=KINDS).order_by("pk"):
        events[event.order_id].append(event)
    for order, happened in events.items():
        stands = set(standing((_tap(event) for event in happened), ordered[order]))
        for event in happened:
            variant = variants[order].get(str(event.facts.get("piece")))
            if event.pk in stands and variant:
                yield _row(event, variant)


def _tap(event: OrderEvent) -> Tap:
    return Tap(event.pk, event.kind, str(event.facts.get("piece", "")), str(event.facts.get("was", "")))


def _row(event: OrderEvent, variant: Variant) -> MissingReport:
    return MissingReport(
        group_id=event.group_id,
        shop_id=event.shop_id,
        order_id=event.order_id,
        event=event,
        variant=variant,
        reason=str(event.facts.get("reason", "")),
        reported_by_id=event.actor_id,
        reported_at=event.at,
    )


# --- what was sold ----------------------------------------------------------------------------------------


def _sold_at_tills(group: Group, reports: list[MissingReport]) -> tuple[dict[int, list[SoldAtTill]], bool]:
    """By the key of the shop, and whether DdD could be read; one call for each shop that has reported."""
    connection = Connection.objects.filter(group=group).first()
    sold: dict[int, list[SoldAtTill]] = {}
    if connection is None:
        return sold, True
    first: dict[Shop, datetime] = {}
    for report in reports:
        first.setdefault(report.shop, report.reported_at)
    try:
        with wire_to(connection) as wire:
            for shop, since in first.items():
                with suppress(Rejected):  # DdD answers, but not for this shop: the others are looked at
                    sold[shop.pk] = sold_at_tills(wire, shop.shop_id, (since - timedelta(days=1)).date())
    except Trouble:
        return sold, False
    return sold, True


def _at_a_till(report: MissingReport, sold: dict[int, list[SoldAtTill]]) -> list[Sold]:
    until = report.reported_at + WITHIN
    fitting: Iterator[Sold] = (
        (one.at, one)
        for one in sold.get(report.shop_id, [])
        if one.variant_id == report.variant.variant_id and report.reported_at < one.at <= until
    )
    return list(fitting)[:1]


def _with_another_order(report: MissingReport) -> list[Sold]:
    """One that the shop took after the report, and handed over or sent with such a piece."""
    orders = WebOrder.objects.filter(
        shop=report.shop_id,
        taken_at__gt=report.reported_at,
        delivered_at__gt=report.reported_at,
        delivered_at__lte=report.reported_at + WITHIN,
        lines__variant=report.variant_id,
        lines__status__in=[Status.DELIVERED, Status.RETURNED],
    ).exclude(pk=report.order_id)
    found = orders.order_by("delivered_at", "pk").first()
    return [(found.delivered_at, found)] if found and found.delivered_at else []


def _keep(report: MissingReport, sold: Sold) -> None:
    at, how = sold
    if isinstance(how, WebOrder):
        facts: dict[str, object] = {"sold_with": how}
    else:
        facts = {"terminal_id": how.terminal_id, "receipt_id": how.receipt_id}
    MissingReport.objects.filter(pk=report.pk, sold_at=None).update(sold_at=at, **facts)
