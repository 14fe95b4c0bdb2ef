"""What the timeline says of a return, in words: the facts of its events, which `returns/` has written."""

from collections.abc import Mapping
from itertools import zip_longest
from typing import Any

from django.utils.translation import gettext as _

from orders.models import WebOrder

Facts = Mapping[str, Any]


def of_return(facts: Facts) -> list[str]:
    """Which return, what came back and why, who pays how, and whose decision it was."""
    told = [return_named(number)] if (number := facts.get("return")) else []
    if shop := facts.get("shop"):
        told.append(str(shop))
    told += _pieces(facts)
    if amount := facts.get("amount"):
        told.append(_("Amount %(amount)s") % {"amount": amount})
    told += _payment(facts)
    if name := facts.get("overruled_by"):
        told.append(
            _("Overruled by %(name)s: %(why)s") % {"name": name, "why": facts.get("overrule_reason", "")}
        )
    if why := facts.get("why"):
        told.append(str(why))
    if reference := facts.get("reference"):
        told.append(_("Reference %(reference)s") % {"reference": reference})
    return told


def return_named(number: object) -> str:
    """ "Return 2": the second of its order."""
    return _("Return %(number)s") % {"number": number}


def _pieces(facts: Facts) -> list[str]:
    """Each with its reason, and whether it is damaged."""
    every = zip_longest(facts.get("pieces", []), facts.get("reasons", []), facts.get("conditions", []))
    return [_piece(str(piece), reason, condition) for piece, reason, condition in every]


def _piece(piece: str, reason: str | None, condition: str | None) -> str:
    more = [part for part in (reason, _("damaged") if condition == "damaged" else "") if part]
    return f"{piece} ({', '.join(more)})" if more else piece


def _payment(facts: Facts) -> list[str]:
    outcome = facts.get("outcome")
    if outcome == "web shop":
        return [_("The web shop refunds")]
    if outcome != "register":
        return []
    if facts.get("paid_by") == WebOrder.PaidBy.TERMINAL:
        return [_("Paid out at the card terminal")]
    return [_("Paid out in cash")]
