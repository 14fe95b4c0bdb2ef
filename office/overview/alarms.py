"""What is wrong, each with a link; nothing is wrong when the list is empty."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from office.attention.kind import NotApplicable
from office.attention.kinds import KINDS
from office.overview.ddd_health import Health

# The order of the alarms, the most urgent first; others come at the end.
ORDER: Final = (
    "standstill",
    *("overdue", "at-risk", "not-taken", "deaf"),
    *(
        "not-connected",
        "not-live",
        "in-trouble",
        "not-read",
        "told-late",
        "rejected",
        "first",
        "uncertain",
        "held-up",
        *("delivered-again", "changed-at-ddd"),
    ),
    *("not-compared", "differences", "words", "eans", "notices", "mails"),
)


@dataclass(frozen=True)
class Alarm:
    """One line; `name` is that of its element."""

    name: str
    icon: str
    address: str
    sentence: str
    style: str = "wrong"


@dataclass(frozen=True)
class LateOrders:
    """How many orders are overdue or soon will be, and the queries of their lists."""

    overdue: int
    in_shops: int
    overdue_query: str
    at_risk: int
    at_risk_query: str


def alarms_of(late: LateOrders, waiting: Mapping[str, int], health: Health) -> list[Alarm]:
    """`waiting` is how many rows of each kind are on the work list."""
    found = [*_of_orders(late), *_of_kinds(waiting), *_of_ddd(health)]
    return sorted(found, key=lambda one: ORDER.index(one.name) if one.name in ORDER else len(ORDER))


def _of_orders(late: LateOrders) -> Iterator[Alarm]:
    if late.overdue:
        orders = ngettext("%(count)s order is overdue", "%(count)s orders are overdue", late.overdue)
        shops = ngettext("in %(shops)s shop", "in %(shops)s shops", late.in_shops)
        sentence = f"{orders} {shops}" % {"count": late.overdue, "shops": late.in_shops}
        yield Alarm("overdue", "alarm-clock", f"{reverse('orders')}?{late.overdue_query}", sentence)
    if late.at_risk:
        orders = ngettext(
            "%(count)s order will be overdue within 15 minutes",
            "%(count)s orders will be overdue within 15 minutes",
            late.at_risk,
        )
        at_risk_list = f"{reverse('orders')}?{late.at_risk_query}"
        yield Alarm("at-risk", "hourglass", at_risk_list, orders % {"count": late.at_risk}, "soon")


def _of_kinds(waiting: Mapping[str, int]) -> Iterator[Alarm]:
    for key, kind in KINDS.items():
        count = waiting.get(key, 0)
        if count and not isinstance(kind.alarm, NotApplicable):
            sentence = kind.alarm.sentence % {"count": count}
            yield Alarm(key, kind.alarm.icon, f"{reverse('attention')}#{key}", sentence)


def _of_ddd(health: Health) -> Iterator[Alarm]:
    if health.stood_still_since:
        yield Alarm("standstill", "octagon-x", "#ddd", health.words_of_standstill)
    elif health.connection is None:
        yield Alarm("not-connected", "octagon-x", "#ddd", _("This Group has no connection to DdD yet."))
    elif health.connection.live_at is None:
        sentence = _("DdD is not set up to its end: nothing is read from it yet")
        yield Alarm("not-live", "octagon-x", reverse("ddd-setup"), sentence)
    elif health.is_unread_long:
        sentence = _("DdD's orders have not been read for more than 15 minutes: %(cause)s")
        yield Alarm("not-read", "octagon-x", "#ddd", sentence % {"cause": health.connection.unread_words})
    elif health.connection.trouble:
        yield Alarm("in-trouble", "octagon-x", "#ddd", _("DdD does not answer as it should"))
    elif not health.is_read:
        yield Alarm("not-read", "octagon-x", "#ddd", _("DdD has not been read for more than 10 minutes"))
    if health.is_sending_late and not health.stood_still_since:
        sentence = _("Something has waited for DdD for more than 15 minutes")
        yield Alarm("told-late", "clock", f"{reverse('orders')}?only=unsent&sort=oldest", sentence)
    if not health.is_compared:
        sentence = _("The last comparison with DdD is not complete")
        yield Alarm("not-compared", "scale", reverse("comparison"), sentence)
