"""Differences between DdD's books and the portal's: those that are open, and those that are being mended."""

from collections.abc import Mapping
from typing import Final

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy, ngettext_lazy

from accounts.models import Shop
from ddd.models import Difference
from ddd.nightly import reconciling
from office.attention import nightly
from office.attention.kind import (
    STACKED_ROWS,
    Alarm,
    Decision,
    Decisions,
    Kind,
    NotApplicable,
    PagedRows,
    Silence,
    by_key,
    named_orders,
    order_in,
)
from orders import repair


def _all(group_id: int) -> QuerySet[Difference]:
    return Difference.objects.filter(group=group_id)


def _name(difference: Difference) -> str:
    return difference.order_no or difference.subject


def _of_shop(shop: Shop) -> Q:
    return Q(order_in(shop)) | Q(shop=shop)


BUTTONS: Final[Mapping[str, Decision]] = {
    "seen to": Decision(
        gettext_lazy("Seen to"),
        gettext_lazy("Seen to: %(rows)s"),
        lambda row, details: reconciling.see_to(row, details.actor, details.now, details.reason),
    ),
    "mend": Decision(
        gettext_lazy("Mend"),
        gettext_lazy("Being mended: %(rows)s"),
        lambda row, details: repair.mend(row, details.actor, details.now),
    ),
}
DIFFERENCES: Final = Kind(
    key="differences",
    urgency=50,
    label=gettext_lazy("Books that differ"),
    open_rows=nightly.open_differences,
    source=PagedRows("first_seen_at", newest_first=False, of_shop=_of_shop),
    template="office/attention/_difference.html",
    section_template=STACKED_ROWS,
    decisions=Decisions(rows=_all, buttons=BUTTONS, token=by_key, name=_name),
    in_badge=True,
    orders_in_trouble=named_orders(nightly.open_differences),
    alarm=Alarm(
        "scale",
        ngettext_lazy(
            "DdD's books differ from ours in %(count)s place",
            "DdD's books differ from ours in %(count)s places",
            "count",
        ),
    ),
    silence=Silence.COMPARED,
)
MENDING: Final = Kind(
    key="mending",
    urgency=100,
    label=gettext_lazy("Being mended until a comparison confirms it"),
    open_rows=nightly.being_mended,
    source=PagedRows("closed_at", newest_first=False, of_shop=_of_shop),
    template="office/attention/_difference.html",
    section_template=STACKED_ROWS,
    decisions=NotApplicable("somebody has decided already; a comparison confirms it"),
    in_badge=NotApplicable("nobody has to do anything"),
    orders_in_trouble=NotApplicable("what was missing is on its way"),
    alarm=NotApplicable("nothing is wrong that nobody has seen to"),
    silence=Silence.NEVER,
)
