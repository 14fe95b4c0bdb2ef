"""The first posting of a kind: somebody looks at it in DdD, and the others wait as long."""

from typing import Final

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy, ngettext_lazy

from ddd.models import FirstPosting, Posting
from ddd.sending import first_of_kind
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
    by_order_no,
)
from office.attention.kinds.postings import of_shop

# One that DdD refused, or of which nobody knows whether DdD has it, is decided about there first.
TO_BE_SEEN: Final = Q(first__state=FirstPosting.State.ASKED, state=Posting.State.SENT)
CALLED_WRONG: Final = Q(first__state=FirstPosting.State.WRONG)


def _all(group_id: int) -> QuerySet[Posting]:
    return Posting.objects.filter(group=group_id, first__isnull=False)


def _open(group_id: int) -> QuerySet[Posting]:
    rows = _all(group_id).filter(TO_BE_SEEN | CALLED_WRONG)
    return nightly.with_order(
        rows.select_related(
            "first__decided_by", "sale__shop", "item_transfer__sender", "item_transfer__recipient"
        )
    )


FIRST: Final = Kind(
    key="first",
    urgency=35,
    label=gettext_lazy("First of its kind: look at it in DdD"),
    open_rows=_open,
    source=PagedRows("made_at", newest_first=False, of_shop=of_shop),
    template="office/attention/_first.html",
    section_template=STACKED_ROWS,
    decisions=Decisions(
        rows=_all,
        buttons={
            "wrong": Decision(
                gettext_lazy("It is wrong in DdD"),
                gettext_lazy("Wrong in DdD, so the others wait until the settings are changed: %(rows)s"),
                lambda row, details: first_of_kind.call_wrong(row, details.actor, details.now),
            ),
            "right": Decision(
                gettext_lazy("It is right in DdD"),
                gettext_lazy("Right in DdD, so the others go out: %(rows)s"),
                lambda row, details: first_of_kind.call_right(row, details.actor, details.now),
            ),
        },
        token=by_key,
        name=by_order_no,
    ),
    in_badge=True,
    orders_in_trouble=NotApplicable("the order itself is sent: the others of its kind wait"),
    alarm=Alarm(
        "eye",
        ngettext_lazy(
            "%(count)s posting is the first of its kind: look at it in DdD, the others wait",
            "%(count)s postings are the first of their kind: look at them in DdD, the others wait",
            "count",
        ),
    ),
    silence=Silence.NEVER,
)
