"""Postings that DdD refused, those of which nobody knows whether DdD has them, and those that do not get
through."""

from collections.abc import Mapping
from functools import partial
from typing import Final

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy, ngettext_lazy

from accounts.models import Shop
from ddd.models import Posting
from ddd.sending import decisions
from ddd.sending.held_up import held_up
from office.attention import nightly
from office.attention.kind import (
    STACKED_ROWS,
    Alarm,
    Decision,
    Decisions,
    Kind,
    PagedRows,
    Silence,
    by_key,
    by_order_no,
    named_orders,
    order_in,
)


def _stuck(state: Posting.State, group_id: int) -> QuerySet[Posting]:
    return nightly.with_order(
        _with_books(Posting.objects.filter(group=group_id, needs_attention=True, state=state))
    )


def _with_books(rows: QuerySet[Posting]) -> QuerySet[Posting]:
    return rows.select_related(
        "first",
        "sale__shop",
        "sale__web_shop",
        "item_transfer__sender",
        "item_transfer__recipient",
        "web_shop",
    )


def _held_up(group_id: int) -> QuerySet[Posting]:
    return nightly.with_order(_with_books(held_up(group_id, timezone.now())))


def _all(group_id: int) -> QuerySet[Posting]:
    return Posting.objects.filter(group=group_id)


def of_shop(shop: Shop) -> Q:
    """The postings that a shop has to do with."""
    moves = Q(item_transfer__sender=shop) | Q(item_transfer__recipient=shop)
    return Q(order_in(shop)) | Q(sale__shop=shop) | moves


REFUSED: Final = partial(_stuck, Posting.State.REJECTED)
DOUBTFUL: Final = partial(_stuck, Posting.State.UNCERTAIN)
BUTTONS: Final[Mapping[str, Decision]] = {
    "give up": Decision(
        gettext_lazy("Give up"),
        gettext_lazy("Given up: %(rows)s"),
        lambda row, details: decisions.give_up(row, details.reason, details.actor, details.now),
        wants_reason=True,
    ),
    "send again": Decision(
        gettext_lazy("Send again"),
        gettext_lazy("Sent again: %(rows)s"),
        lambda row, details: decisions.send_again(row, details.actor, details.now),
    ),
    "it arrived": Decision(
        gettext_lazy("It did arrive"),
        gettext_lazy("Counts as sent: %(rows)s"),
        lambda row, details: decisions.it_arrived(row, details.actor, details.now),
    ),
}
# What can be decided about a single one only: what waits may go out now, and an answer may be explained.
ON_ITS_ORDER: Final[Mapping[str, Decision]] = {
    **BUTTONS,
    "try now": Decision(
        gettext_lazy("Try now"),
        gettext_lazy("Sent again: %(rows)s"),
        lambda row, details: decisions.try_now(row, details.now),
    ),
    "answer is yes": Decision(
        gettext_lazy("This answer means yes"),
        gettext_lazy("Counts as sent: %(rows)s"),
        lambda row, details: decisions.explain_answer(row, True, details.actor, details.now),
    ),
    "answer is no": Decision(
        gettext_lazy("This answer means no"),
        gettext_lazy("Sent again: %(rows)s"),
        lambda row, details: decisions.explain_answer(row, False, details.actor, details.now),
    ),
}
REJECTED: Final = Kind(
    key="rejected",
    urgency=30,
    label=gettext_lazy("Refused by DdD"),
    open_rows=REFUSED,
    source=PagedRows("made_at", newest_first=False, of_shop=of_shop),
    template="office/attention/_posting.html",
    section_template=STACKED_ROWS,
    decisions=Decisions(rows=_all, buttons=BUTTONS, token=by_key, name=by_order_no),
    in_badge=True,
    orders_in_trouble=named_orders(REFUSED),
    alarm=Alarm(
        "octagon-x",
        ngettext_lazy("DdD refused %(count)s posting", "DdD refused %(count)s postings", "count"),
    ),
    silence=Silence.ALWAYS,
)
UNCERTAIN: Final = Kind(
    key="uncertain",
    urgency=40,
    label=gettext_lazy("Nobody knows whether DdD has it"),
    open_rows=DOUBTFUL,
    source=PagedRows("made_at", newest_first=False, of_shop=of_shop),
    template="office/attention/_posting.html",
    section_template=STACKED_ROWS,
    decisions=Decisions(rows=_all, buttons=BUTTONS, token=by_key, name=by_order_no),
    in_badge=True,
    orders_in_trouble=named_orders(DOUBTFUL),
    alarm=Alarm(
        "circle-question-mark",
        ngettext_lazy("%(count)s posting is uncertain", "%(count)s postings are uncertain", "count"),
    ),
    silence=Silence.ALWAYS,
)
HELD_UP: Final = Kind(
    key="held-up",
    urgency=45,
    label=gettext_lazy("Not taken by DdD for more than an hour"),
    open_rows=_held_up,
    source=PagedRows("held_up_since", newest_first=False, of_shop=of_shop),
    template="office/attention/_posting.html",
    section_template=STACKED_ROWS,
    decisions=Decisions(rows=_all, buttons=BUTTONS, token=by_key, name=by_order_no),
    in_badge=True,
    orders_in_trouble=named_orders(_held_up),
    alarm=Alarm(
        "clock-alert",
        ngettext_lazy(
            "DdD has not taken %(count)s posting for more than an hour",
            "DdD has not taken %(count)s postings for more than an hour",
            "count",
        ),
    ),
    silence=Silence.NEVER,
)
