"""What DdD said and the portal did not understand: words that a person can explain, and everything else."""

from typing import Final

from django.db.models import QuerySet
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


def _words(group_id: int) -> QuerySet[Notice]:
    return Notice.objects.filter(group=group_id, kind__in=decisions.TABLES)


def _open_words(group_id: int) -> QuerySet[Notice]:
    return _words(group_id).filter(closed_at=None)


def _all(group_id: int) -> QuerySet[Notice]:
    return Notice.objects.filter(group=group_id)


def _open(group_id: int) -> QuerySet[Notice]:
    return _all(group_id).filter(closed_at=None).exclude(kind__in=decisions.TABLES)


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
