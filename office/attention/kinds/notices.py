"""What DdD said and the portal did not understand: words that a person can explain, and everything else."""

from functools import partial
from typing import Any, Final

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext_lazy, ngettext_lazy

from ddd.models import Notice
from ddd.sending import decisions
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
from orders import changes_at_ddd
from orders.models import WebOrder

SHOWN_ELSEWHERE: Final = (
    *decisions.TABLES,
    Notice.Kind.DELIVERED_AGAIN,
    Notice.Kind.CHANGED_AT_DDD,
)


def _words(group_id: int) -> QuerySet[Notice]:
    return Notice.objects.filter(group=group_id, kind__in=decisions.TABLES)


def _open_words(group_id: int) -> QuerySet[Notice]:
    return _words(group_id).filter(closed_at=None)


def _about_orders(kind: Notice.Kind, group_id: int) -> QuerySet[Notice]:
    """Notices of this kind, each with the key of the order that it is about."""
    order = WebOrder.objects.filter(group_id=OuterRef("group_id"), order_no=OuterRef("subject"))
    rows = Notice.objects.filter(group=group_id, kind=kind)
    return rows.annotate(order_id=Subquery(order.values("pk")[:1]))


def _open_about_orders(kind: Notice.Kind, group_id: int) -> QuerySet[Notice]:
    return _about_orders(kind, group_id).filter(closed_at=None)


def _orders_of(kind: Notice.Kind, group_id: int) -> QuerySet[Any, Any]:
    numbers = _open_about_orders(kind, group_id).order_by().values("subject")
    return WebOrder.objects.filter(group_id=group_id, order_no__in=numbers).order_by().values("pk")


def _all(group_id: int) -> QuerySet[Notice]:
    return Notice.objects.filter(group=group_id)


def _open(group_id: int) -> QuerySet[Notice]:
    return _all(group_id).filter(closed_at=None).exclude(kind__in=SHOWN_ELSEWHERE)


def _subject(notice: Notice) -> str:
    return notice.subject or str(notice)


BUTTONS: Final = {
    "seen to": Decision(
        gettext_lazy("Seen to"),
        gettext_lazy("Seen to: %(rows)s"),
        lambda row, details: decisions.close_notice(row, details.actor, details.now, details.reason),
    ),
}
NO_ORDER: Final = NotApplicable(
    "a notice says of itself what it is about, and that is seldom an order of ours"
)
WORDS: Final = Kind(
    key="words",
    urgency=70,
    label=gettext_lazy("Words that DdD used and nobody knows"),
    open_rows=_open_words,
    source=PagedRows("last_seen", newest_first=True, of_shop=None),
    template="office/attention/_word.html",
    section_template=STACKED_ROWS,
    decisions=Decisions(rows=_words, buttons=BUTTONS, token=by_key, name=_subject),
    in_badge=True,
    orders_in_trouble=NO_ORDER,
    alarm=Alarm(
        "message-circle-question-mark",
        ngettext_lazy(
            "DdD used %(count)s word that nobody knows",
            "DdD used %(count)s words that nobody knows",
            "count",
        ),
    ),
    silence=Silence.ALWAYS,
)
NOTICES: Final = Kind(
    key="notices",
    urgency=80,
    label=gettext_lazy("What DdD said and nobody understood"),
    open_rows=_open,
    source=PagedRows("last_seen", newest_first=True, of_shop=None),
    template="office/attention/_notice.html",
    section_template=STACKED_ROWS,
    decisions=Decisions(rows=_all, buttons=BUTTONS, token=by_key, name=_subject),
    in_badge=True,
    orders_in_trouble=NO_ORDER,
    alarm=Alarm(
        "message-circle-question-mark",
        ngettext_lazy(
            "DdD said %(count)s thing that nobody understood",
            "DdD said %(count)s things that nobody understood",
            "count",
        ),
    ),
    silence=Silence.ALWAYS,
)
DELIVERED_AGAIN: Final = Kind(
    key="delivered-again",
    urgency=47,
    label=gettext_lazy("Handed over here, and delivered at DdD"),
    open_rows=partial(_open_about_orders, Notice.Kind.DELIVERED_AGAIN),
    source=PagedRows("last_seen", newest_first=True, of_shop=None),
    template="office/attention/_notice_with_choices.html",
    section_template=STACKED_ROWS,
    decisions=Decisions(
        rows=partial(_about_orders, Notice.Kind.DELIVERED_AGAIN),
        buttons={
            "again": Decision(
                gettext_lazy("A till has delivered it again"),
                gettext_lazy("Seen to: %(rows)s"),
                lambda row, details: decisions.say_who_set_delivered(row, False, details.actor, details.now),
            ),
            "by itself": Decision(
                gettext_lazy("DdD does this after every sale"),
                gettext_lazy("Seen to: %(rows)s"),
                lambda row, details: decisions.say_who_set_delivered(row, True, details.actor, details.now),
            ),
        },
        token=by_key,
        name=_subject,
    ),
    in_badge=True,
    orders_in_trouble=partial(_orders_of, Notice.Kind.DELIVERED_AGAIN),
    alarm=Alarm(
        "message-circle-question-mark",
        ngettext_lazy(
            "%(count)s order was handed over here and is delivered at DdD too",
            "%(count)s orders were handed over here and are delivered at DdD too",
            "count",
        ),
    ),
    silence=Silence.NEVER,
)
CHANGED_AT_DDD: Final = Kind(
    key="changed-at-ddd",
    urgency=48,
    label=gettext_lazy("Changed at DdD, not here"),
    open_rows=partial(_open_about_orders, Notice.Kind.CHANGED_AT_DDD),
    source=PagedRows("last_seen", newest_first=True, of_shop=None),
    template="office/attention/_notice_with_choices.html",
    section_template=STACKED_ROWS,
    decisions=Decisions(
        rows=partial(_about_orders, Notice.Kind.CHANGED_AT_DDD),
        buttons={
            "keep": Decision(
                gettext_lazy("Keep what the web shop sent"),
                gettext_lazy("Stays as the web shop sent it: %(rows)s"),
                lambda row, details: decisions.close_notice(row, details.actor, details.now),
            ),
            "take over": Decision(
                gettext_lazy("Take over what DdD has"),
                gettext_lazy("Follows DdD from now on: %(rows)s"),
                lambda row, details: changes_at_ddd.take_over(row, details.actor, details.now),
            ),
        },
        token=by_key,
        name=_subject,
    ),
    in_badge=True,
    orders_in_trouble=partial(_orders_of, Notice.Kind.CHANGED_AT_DDD),
    alarm=Alarm(
        "message-circle-question-mark",
        ngettext_lazy(
            "DdD has %(count)s order with other prices, or otherwise paid",
            "DdD has %(count)s orders with other prices, or otherwise paid",
            "count",
        ),
    ),
    silence=Silence.NEVER,
)
