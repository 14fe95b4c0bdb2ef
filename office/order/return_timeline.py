"""What the timeline shows of a return, in words, from the data of its events, which `returns/` has stored."""

from collections.abc import Mapping
from itertools import zip_longest
from typing import Any

from django.utils.translation import gettext as _

from orders.models import WebOrder

EventData = Mapping[str, Any]


def return_details(data: EventData) -> list[str]:
    """Which return, what came back and why, who pays how, and whose decision it was."""
    details = [return_name(number)] if (number := data.get("return")) else []
    if shop := data.get("shop"):
        details.append(str(shop))
    details += _pieces(data)
    if amount := data.get("amount"):
        details.append(_("Amount %(amount)s") % {"amount": amount})
    details += rounded(data)
    details += _payment(data)
    if name := data.get("overruled_by"):
        details.append(
            _("Overruled by %(name)s: %(why)s") % {"name": name, "why": data.get("overrule_reason", "")}
        )
    if why := data.get("why"):
        details.append(str(why))
    if reference := data.get("reference"):
        details.append(_("Reference %(reference)s") % {"reference": reference})
    return details


def rounded(data: EventData) -> list[str]:
    """What changed hands, when cash was rounded."""
    paid = data.get("changed_hands")
    return [_("Changed hands, rounded: %(amount)s") % {"amount": paid}] if paid else []


def return_name(number: object) -> str:
    """ "Return 2": the second of its order."""
    return _("Return %(number)s") % {"number": number}


def _pieces(data: EventData) -> list[str]:
    """Each with its reason, and whether it is damaged."""
    every = zip_longest(data.get("pieces", []), data.get("reasons", []), data.get("conditions", []))
    return [_piece(str(piece), reason, condition) for piece, reason, condition in every]


def _piece(piece: str, reason: str | None, condition: str | None) -> str:
    more = [part for part in (reason, _("damaged") if condition == "damaged" else "") if part]
    return f"{piece} ({', '.join(more)})" if more else piece


def _payment(data: EventData) -> list[str]:
    outcome = data.get("outcome")
    if outcome == "web shop":
        return [_("The web shop refunds")]
    if outcome != "register":
        return []
    if data.get("paid_by") == WebOrder.PaidBy.TERMINAL:
        return [_("Paid out at the card terminal")]
    return [_("Paid out in cash")]
