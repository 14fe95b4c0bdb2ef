"""What head office sees of the nightly comparison: a report per day, and the open differences."""

from datetime import date, datetime, timedelta
from typing import TypeVar, cast

from django.db.models import Max, Min, Model, OuterRef, Q, QuerySet, Subquery

from accounts.models import Group
from core import leases
from ddd.models import Difference, Reconciliation
from orders.models import WebOrder

REPORTS_SHOWN = 31
Row = TypeVar("Row", bound=Model)


def open_differences(group_id: int) -> QuerySet[Difference]:
    """Those that wait for a person, the oldest first; each with `order_id`, the order's page."""
    return _with_details(Difference.objects.filter(group=group_id, state=Difference.State.OPEN))


def being_mended(group_id: int) -> QuerySet[Difference]:
    """Those that the portal is to mend, until a comparison finds them gone."""
    return _with_details(Difference.objects.filter(group=group_id, state=Difference.State.SENT_AGAIN))


def differences_of(report: Reconciliation) -> QuerySet[Difference]:
    """What that night found, and what became of it."""
    return _with_details(report.differences.all())


def latest_reports(group: Group, until: date | None = None) -> list[Reconciliation]:
    """Those of a month, the newest first; of the last one unless `until` is earlier."""
    reports = Reconciliation.objects.filter(group=group).order_by("-day")
    return list((reports.filter(day__lte=until) if until else reports)[:REPORTS_SHOWN])


def adjacent_days(group: Group, day: date) -> tuple[date | None, date | None]:
    """The days of the report before this one and of the one after it; 1 query."""
    days = Reconciliation.objects.filter(group=group)
    found = days.aggregate(before=Max("day", filter=Q(day__lt=day)), after=Min("day", filter=Q(day__gt=day)))
    return found["before"], found["after"]


def latest_report(group: Group) -> Reconciliation | None:
    """The newest that has come to an end."""
    return Reconciliation.objects.filter(group=group, ended_at__isnull=False).order_by("-day").first()


def report_of(group: Group, day: date) -> Reconciliation | None:
    """None when nothing was compared on that day."""
    return Reconciliation.objects.filter(group=group, day=day).first()


def is_running(report: Reconciliation | None, now: datetime) -> bool:
    """Whether a worker is comparing, or about to."""
    if report is None:
        return False
    is_wanted = report.wanted_at is not None and report.wanted_at > now - timedelta(hours=1)
    return is_wanted or leases.is_held(report)


def with_order(rows: QuerySet[Row, Row]) -> QuerySet[Row, Row]:
    """With `order_id`: the page of the order that the row names."""
    orders = WebOrder.objects.filter(group_id=OuterRef("group_id"), order_no=OuterRef("order_no"))
    return cast("QuerySet[Row, Row]", rows.annotate(order_id=Subquery(orders.values("pk")[:1])))


def _with_details(rows: QuerySet[Difference]) -> QuerySet[Difference]:
    return with_order(rows.select_related("shop", "closed_by").order_by("first_seen_at", "pk"))
