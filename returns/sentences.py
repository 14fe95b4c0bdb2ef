"""The return policy's reasons as sentences that staff can read out, in the reader's language.

Decisions are stored as codes and numbers; here these are loaded and put into words.
"""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Group
from core.words import money
from returns.models import Return
from returns.policy import DecisionReason, ReasonCode

Details = dict[str, str]


def words_of(why: Iterable[DecisionReason], group: Group) -> list[str]:
    """One sentence for each reason: "Day 17 of 30.", "Paid online."."""
    return _words(why, group.name, group.currency)


def sentences_of(taken_back: Return) -> list[str]:
    """The same for a stored return, in its own currency."""
    return _words(read(taken_back.why), taken_back.group.name, taken_back.currency)


def stored(why: Iterable[DecisionReason]) -> list[dict[str, Any]]:
    """As `Return.why` keeps it."""
    return [{"because": one.code.value, "facts": one.data} for one in why]


def read(kept: Iterable[Mapping[str, Any]]) -> tuple[DecisionReason, ...]:
    """Back from what `stored` gave."""
    return tuple(DecisionReason(ReasonCode(one["because"]), dict(one["facts"])) for one in kept)


def _words(why: Iterable[DecisionReason], group: str, currency: str) -> list[str]:
    return [SENTENCES[one.code](_as_said(one.data, group, currency)) for one in why]


def _as_said(data: Mapping[str, str], group: str, currency: str) -> Details:
    amounts = {name: money(Decimal(data[name]), currency) for name in ("amount", "limit") if name in data}
    return {**data, **amounts, "group": group}


def _back_already(data: Details) -> str:
    count = int(data["pieces"])
    sentence = ngettext(
        "%(count)d of these pieces is back already.", "%(count)d of these pieces are back already.", count
    )
    return sentence % {"count": count}


def _in_time(data: Details) -> str:
    if data["days"] == "0":
        return _("Delivered on the same day.")
    return _("Day %(day)s of %(days)s.") % data


def _too_late(data: Details) -> str:
    days = int(data["days"])
    if not days:
        return _("Day %(day)s: %(group)s takes pieces back only on the day of the delivery.") % data
    sentence = ngettext(
        "Day %(day)s: %(group)s takes pieces back for %(days)s day.",
        "Day %(day)s: %(group)s takes pieces back for %(days)s days.",
        days,
    )
    return sentence % data


def _over_the_limit(data: Details) -> str:
    sentence = _("%(group)s lets the register pay up to %(limit)s, and this is %(amount)s.")
    return sentence % data


def _may_not_overrule(data: Details) -> str:
    if data.get("may") == "manager":
        return _("Only the shop manager may overrule this.")
    return _("Nobody may overrule this.")


SENTENCES: Mapping[ReasonCode, Callable[[Details], str]] = {
    ReasonCode.NOT_DELIVERED: lambda data: _("Only what was delivered can come back."),
    ReasonCode.SOLD_ELSEWHERE: lambda data: _(
        "The portal has not booked the sale of this order, so it books no return of it: take it back at "
        "DdD's till."
    ),
    ReasonCode.SALE_UNDECIDED: lambda data: _(
        "Head office has not decided yet who books the sale of this order. Ask them first: nothing of it can "
        "be paid back before."
    ),
    ReasonCode.NOTHING_CHOSEN: lambda data: _("No piece is chosen."),
    ReasonCode.BACK_ALREADY: _back_already,
    ReasonCode.NOT_TAKEN_HERE: lambda data: _("This shop does not take this order back."),
    ReasonCode.IN_TIME: _in_time,
    ReasonCode.NO_TIME_LIMIT: lambda data: _("Day %(day)s; %(group)s has no time limit.") % data,
    ReasonCode.TOO_LATE: _too_late,
    ReasonCode.PAID_ONLINE: lambda data: _("Paid online."),
    ReasonCode.PAID_AT_THE_REGISTER: lambda data: _("Paid at the register."),
    ReasonCode.REGISTER_PAYS: lambda data: _("%(group)s lets the register pay.") % data,
    ReasonCode.REGISTER_PAYS_UP_TO: lambda data: _("%(group)s lets the register pay up to %(limit)s.") % data,
    ReasonCode.REGISTER_DOES_NOT_PAY: lambda data: _("%(group)s does not let the register pay.") % data,
    ReasonCode.ONLY_THE_REGISTER_CAN: lambda data: _("So only the register can pay it back."),
    ReasonCode.OVER_THE_LIMIT: _over_the_limit,
    ReasonCode.OVERRULED: lambda data: _("Overruled by the shop manager."),
    ReasonCode.MAY_NOT_OVERRULE: _may_not_overrule,
}
