"""Every night: was a piece sold in the shop that had not found it? It may have been on the shelf.

Only reports that claim "not found" are matched. A sold piece matches one report at most: the earliest valid
report gets the first piece sold after it, the next report the next piece. Running twice changes nothing: a
report is one row, and a matched piece is not used again. Two of a variant on one receipt of a till count as
one.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Group, Shop, User
from core.errors import Conflict, Fault, Invalid
from ddd.api.http import DddError, Rejected, wire_to
from ddd.models import Connection, Variant
from ddd.nightly.reconciling import NIGHT, day_of
from ddd.nightly.tills import TillSale, sold_at_tills
from office.figures.valid_reports import KINDS, Tap, valid_reports
from office.models import Counting, MissingReport
from orders.missing_reasons import claims_not_here
from orders.models import Line, OrderEvent, WebOrder
from orders.states import Status

WITHIN = timedelta(days=14)
AT_ONCE = 500
Variants = tuple[int, int]  # the keys of a shop and a variant
SaleIdentity = tuple[int | None, int | None, int | None, datetime | None]


class PieceSale(NamedTuple):
    """A piece that was sold, and how: on a receipt of a till, or with an order that was taken then."""

    at: datetime
    terminal_id: int | None = None
    receipt_id: int | None = None
    sold_with_id: int | None = None
    taken_at: datetime | None = None

    def matches(self, report: MissingReport) -> bool:
        """Sold within 14 days after it, and not with an order that had its pieces by then."""
        is_after = report.reported_at < self.at <= report.reported_at + WITHIN
        is_taken_after = self.taken_at is None or self.taken_at > report.reported_at
        return is_after and is_taken_after and self.sold_with_id != report.order_id

    @property
    def identity(self) -> SaleIdentity:
        """A receipt number may come again on another day."""
        return self.terminal_id, self.receipt_id, self.sold_with_id, None if self.sold_with_id else self.at


def groups_due(now: datetime) -> list[int]:
    """Keys of the Groups where it is night and sales were not matched yet."""
    looked_on = dict(Counting.objects.values_list("group_id", "looked_for_sold_on"))
    at_night = (
        group
        for group in Group.objects.order_by("pk")
        if now.astimezone(ZoneInfo(group.time_zone)).hour in NIGHT
    )
    return [group.pk for group in at_night if looked_on.get(group.pk) != day_of(group, now)]


def match_sales(group_id: int, now: datetime) -> bool:
    """Stores the reports of the last 14 days, and the sales after them. False when DdD could not be read:
    then only the portal's own sales were matched, and it runs again this night."""
    group = Group.objects.get(pk=group_id)
    _note_reports(group, now)
    unsold = MissingReport.objects.filter(group=group, sold_at=None, reported_at__gte=now - WITHIN)
    reports = list(unsold.select_related("shop", "variant").order_by("reported_at", "pk"))
    at_tills, is_read = _sold_at_tills(group, reports)
    sold: dict[Variants, list[PieceSale]] = {}
    for report in reports:
        key = (report.shop_id, report.variant_id)
        if key not in sold:
            sold[key] = _unmatched_sales(report, at_tills)
        found = next((piece for piece in sold[key] if piece.matches(report)), None)
        if found:
            sold[key].remove(found)
            _keep(report, found)
    if is_read:
        Counting.objects.update_or_create(group=group, defaults={"looked_for_sold_on": day_of(group, now)})
    return is_read


def close(report: MissingReport, why: str, actor: User, now: datetime) -> None:
    """Closes a report once somebody has asked in the shop."""
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
    """A row for each valid report that claims that the piece is not there; the rows of reports that were
    withdrawn since, or given another reason, are deleted."""
    since = now - WITHIN
    orders = WebOrder.objects.filter(group=group, modified_at__gte=since)
    reported = OrderEvent.objects.filter(order__in=orders, kind=OrderEvent.Kind.PIECE_MISSING, at__gte=since)
    keys = sorted(set(reported.order_by().values_list("order_id", flat=True)))
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
        stands = set(valid_reports((_tap(event) for event in happened), ordered[order]))
        for event in happened:
            variant = variants[order].get(str(event.data.get("piece")))
            claims = claims_not_here(event.data.get("reason"))
            if claims and event.pk in stands and variant:
                yield _row(event, variant)


def _tap(event: OrderEvent) -> Tap:
    return Tap(
        event.pk,
        event.kind,
        str(event.data.get("piece", "")),
        str(event.data.get("was", "")),
        str(event.data.get("reason", "")),
    )


def _row(event: OrderEvent, variant: Variant) -> MissingReport:
    return MissingReport(
        group_id=event.group_id,
        shop_id=event.shop_id,
        order_id=event.order_id,
        event=event,
        variant=variant,
        reason=str(event.data.get("reason", "")),
        reported_by_id=event.actor_id,
        reported_at=event.at,
    )


# --- what was sold ----------------------------------------------------------------------------------------


def _sold_at_tills(group: Group, reports: list[MissingReport]) -> tuple[dict[int, list[TillSale]], bool]:
    """By the key of the shop, and whether DdD could be read; one call for each shop that has reported."""
    connection = Connection.objects.filter(group=group).first()
    sold: dict[int, list[TillSale]] = {}
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
    except DddError:
        return sold, False
    return sold, True


def _unmatched_sales(first: MissingReport, at_tills: dict[int, list[TillSale]]) -> list[PieceSale]:
    """Sales of the variant in the shop after the first report, without those that match a report already."""
    found = [
        *(
            PieceSale(one.at, one.terminal_id, one.receipt_id)
            for one in at_tills.get(first.shop_id, [])
            if one.variant_id == first.variant.variant_id
        ),
        *_with_orders(first),
    ]
    kept = MissingReport.objects.filter(
        shop=first.shop_id, variant=first.variant_id, sold_at__gt=first.reported_at
    )
    fields = ("sold_at", "terminal_id", "receipt_id", "sold_with_id")
    matched = Counter(PieceSale(*row).identity for row in kept.values_list(*fields))
    left = []
    for piece in sorted(found, key=lambda one: one.at):
        if matched[piece.identity]:
            matched[piece.identity] -= 1
        else:
            left.append(piece)
    return left


def _with_orders(first: MissingReport) -> list[PieceSale]:
    """Each such piece that was handed over or sent with an order which the shop took after the report."""
    lines = Line.objects.filter(
        order__shop=first.shop_id,
        order__taken_at__gt=first.reported_at,
        order__delivered_at__gt=first.reported_at,
        variant=first.variant_id,
        status__in=[Status.DELIVERED, Status.RETURNED],
    ).order_by("order__delivered_at", "order_id", "number")
    return [
        PieceSale(delivered, sold_with_id=order, taken_at=taken)
        for delivered, order, taken in lines.values_list("order__delivered_at", "order_id", "order__taken_at")
        if delivered
    ]


def _keep(report: MissingReport, sold: PieceSale) -> None:
    MissingReport.objects.filter(pk=report.pk, sold_at=None).update(
        sold_at=sold.at,
        terminal_id=sold.terminal_id,
        receipt_id=sold.receipt_id,
        sold_with=sold.sold_with_id,
    )
