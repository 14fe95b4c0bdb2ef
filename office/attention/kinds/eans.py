"""Eans that several variants share."""

from typing import Final

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext_lazy, ngettext_lazy

from ddd.lookup import shared_eans
from ddd.models import SharedEan, Variant
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
)


def _open(group_id: int) -> QuerySet[SharedEan]:
    rows = SharedEan.objects.filter(group=group_id, gone_at=None, seen_at=None)
    return rows.prefetch_related(Prefetch("variants", Variant.objects.order_by("variant_id")))


def _all(group_id: int) -> QuerySet[SharedEan]:
    return SharedEan.objects.filter(group=group_id)


EANS: Final = Kind(
    key="eans",
    urgency=60,
    label=gettext_lazy("Eans that several variants share"),
    open_rows=_open,
    source=PagedRows("first_seen_at", newest_first=False, of_shop=None),
    template="office/attention/_shared_ean.html",
    section_template=STACKED_ROWS,
    decisions=Decisions(
        rows=_all,
        buttons={
            "wait": Decision(
                gettext_lazy("Seen, wait for DdD"),
                gettext_lazy("Waits for DdD: %(rows)s"),
                lambda row, details: shared_eans.wait_for_ddd(
                    row, details.actor, details.now, details.reason
                ),
            ),
        },
        token=by_key,
        name=str,
    ),
    in_badge=True,
    orders_in_trouble=NotApplicable("an order that names it is refused, so there is none"),
    alarm=Alarm(
        "barcode",
        ngettext_lazy(
            "%(count)s Ean is shared by several variants",
            "%(count)s Eans are shared by several variants",
            "count",
        ),
    ),
    silence=Silence.ALWAYS,
)
