"""The days to come on which shops are closed, as head office reads them."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import ClosedDay, Group, Shop

LOOKED_AT, NAMED = 4000, 3


@dataclass(frozen=True)
class Holiday:
    """A day, its name, and who is closed; `pk` is one of its rows."""

    pk: int
    day: date
    name: str
    whose: str


def holidays_of(group: Group, now: datetime, shop: Shop | None = None) -> list[Holiday]:
    """From today on, the next first; of one shop when it is named. 1 query."""
    today = now.astimezone(ZoneInfo(group.time_zone)).date()
    rows = ClosedDay.objects.filter(group=group, day__gte=today)
    if shop:
        rows = rows.filter(Q(shop=shop) | Q(shop=None))
    found = rows.order_by("day", "name", "pk").values_list("pk", "day", "name", "shop__name")
    together: dict[tuple[date, str, bool], list[tuple[int, str]]] = defaultdict(list)
    for pk, day, name, shop_name in found[:LOOKED_AT]:
        together[day, name, shop_name is None].append((pk, shop_name or ""))
    return [
        Holiday(some[0][0], day, name, _("all shops") if everywhere else _whose([one for _pk, one in some]))
        for (day, name, everywhere), some in together.items()
    ]


def _whose(names: list[str]) -> str:
    named = ", ".join(sorted(names)[:NAMED])
    more = len(names) - NAMED
    if more <= 0:
        return named
    return ngettext("%(shops)s and %(count)d more", "%(shops)s and %(count)d more", more) % {
        "shops": named,
        "count": more,
    }
