"""What head office sees of pieces that were reported missing and sold soon after."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Q, QuerySet

from accounts.models import Group, Shop
from office.models import Counting, MissingReport
from office.models.daily_figure import EVERY

COUNTED_TO, ROWS_SHOWN = 100, 200
LOOKED_BACK = timedelta(weeks=13)


@dataclass(frozen=True)
class ShopShare:
    """How many pieces a shop reported missing, and of how many such a piece was sold there within 14 days."""

    shop: Shop
    reported: int
    sold: int

    @property
    def share(self) -> float:
        return self.sold / self.reported


def open_reports(group: Group, shop: int = EVERY) -> QuerySet[MissingReport]:
    """Those that nobody has closed, the newest report first."""
    found = MissingReport.objects.filter(group=group, sold_at__isnull=False, closed_at=None)
    found = found.filter(shop=shop) if shop else found
    return found.select_related("shop", "order", "variant", "reported_by", "sold_with").order_by(
        "-reported_at", "-pk"
    )


def count_open(group: Group, shop: int = EVERY) -> int:
    """How many they are, counted to 100 at most; 1 query."""
    return len(open_reports(group, shop).values_list("pk")[:COUNTED_TO])


def last_checked_on(group: Group) -> date | None:
    """The day in whose night all was looked at last; 1 query."""
    return Counting.objects.filter(group=group).values_list("looked_for_sold_on", flat=True).first()


def by_shop(group: Group, now: datetime) -> list[ShopShare]:
    """Of the last 13 weeks, the largest share first; 2 queries."""
    reports = MissingReport.objects.filter(group=group, reported_at__gte=now - LOOKED_BACK)
    counted = (
        reports.order_by()
        .values("shop")
        .annotate(reported=Count("pk"), sold=Count("pk", filter=Q(sold_at__isnull=False)))
    )
    shops = group.shops.in_bulk([row["shop"] for row in counted])
    found = [ShopShare(shops[row["shop"]], row["reported"], row["sold"]) for row in counted]
    return sorted(found, key=lambda one: (-one.share, -one.reported, one.shop.name))
