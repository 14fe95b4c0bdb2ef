"""The customer's return slip: what they gave back and how they get their money, on A5 or receipt paper."""

from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.paper.codes import DOT, NARROW, QUIET_BARS, bar_dots, code128, fits_code128, qr
from core.paper.fitting import fit, in_rows
from core.paper.pdf import render_pdf
from core.words import money, rounded_money
from orders.models import WebOrder
from returns.models import Return, ReturnedPiece, ReturnPolicy
from returns.policy import Outcome

QR_SIDE: Final = 27
CODE_HEIGHT: Final = 12
WIDEST: Final = 3  # dots of a bar
GOOD: Final = 4.5  # letters of an OrderNo of this size are read at arm's length


@dataclass(frozen=True)
class Paper:
    """Widths in mm, as in its style sheet: of the printed area, and of the text beside the QR code."""

    style: str
    inside: float
    beside_the_code: float
    as_long_as_needed: bool = False


PAPERS: Final = {
    ReturnPolicy.Paper.A5: Paper("returns/documents/slip_a5.css", 124, 94),
    ReturnPolicy.Paper.RECEIPT: Paper("returns/documents/slip_receipt.css", 72, 72, as_long_as_needed=True),
}


def return_slip(taken_back: Return) -> bytes:
    """PDF in the Group's language, time zone and paper.

    2 queries (policy, pieces) when it comes with its group, shop, taken_by and its order's web shop.
    """
    group = taken_back.group
    paper = PAPERS[ReturnPolicy.Paper(ReturnPolicy.of(group).slip_paper)]
    with translation.override(group.language), timezone.override(ZoneInfo(group.time_zone)):
        html = render_to_string("returns/documents/return_slip.html", _context(taken_back, paper))
    return render_pdf(paper.style, [html])


def _context(taken_back: Return, paper: Paper) -> dict[str, Any]:
    order, amount = taken_back.order, money(taken_back.changed_hands, taken_back.currency)
    number, size = in_rows(order.order_no, paper.beside_the_code, 7, GOOD, 3)
    return {
        "taken_back": taken_back,
        "cut": paper.as_long_as_needed,
        "order": order,
        "group": fit([taken_back.group.name], paper.inside, 14, 16, 9),
        "address": _address_of_the_shop(taken_back),
        "ended": _why_it_is_void(taken_back),
        "number": "\n".join(number),
        "number_size": f"{size:.2f}",
        "taken_by": _first_name(taken_back.taken_by.name),
        "pieces": [_piece(piece) for piece in taken_back.pieces.select_related("line__variant")],
        "amount": fit([amount], paper.inside, 12, 28, 12),
        "how": how_it_is_paid(taken_back),
        "ask": _whom_to_ask(order) if taken_back.outcome == Outcome.WEB_SHOP else "",
        "when": pgettext("date format of a return slip", "l j F Y, H:i"),
        "qr": qr(order.order_no, QR_SIDE),
        **_bars(order.order_no, paper.inside),
        "this_page": mark_safe('<span class="this"></span>'),  # filled in by the style sheet
        "all_pages": mark_safe('<span class="all"></span>'),
    }


def how_it_is_paid(taken_back: Return) -> str:
    """Who gives the customer their money, and how."""
    if taken_back.outcome == Outcome.WEB_SHOP:
        return _("The web shop refunds the money.")
    if taken_back.paid_by == WebOrder.PaidBy.TERMINAL:
        return _("Paid out at the card terminal")
    if not taken_back.cash_rounding:
        return _("Paid out in cash")
    paid = rounded_money(taken_back.changed_hands, taken_back.amount, taken_back.currency)
    return _("Paid out in cash: %(amount)s") % {"amount": paid}


def _whom_to_ask(order: WebOrder) -> str:
    name = order.web_shop.name if order.web_shop else order.group.name
    return _("Expect it in your account. Questions? Ask %(name)s and say %(order_no)s.") % {
        "name": name,
        "order_no": order.order_no,
    }


def _why_it_is_void(taken_back: Return) -> str:
    if taken_back.state == Return.State.BOOKED:
        return ""
    sentence = (
        _("This return was cancelled on %(day)s.")
        if taken_back.state == Return.State.CANCELLED
        else _("This return was reversed on %(day)s.")
    )
    ended_at = taken_back.ended_at or taken_back.made_at
    return sentence % {
        "day": date_format(timezone.localtime(ended_at), pgettext("day on a return slip", "j F Y"))
    }


def _address_of_the_shop(taken_back: Return) -> list[str]:
    shop = taken_back.shop
    lines = [line.strip() for line in shop.address.split("#")]
    return [line for line in lines if line and line != shop.name]


def _first_name(name: str) -> str:
    return (name.split() or [""])[0]


def _piece(piece: ReturnedPiece) -> dict[str, Any]:
    variant = piece.line.variant
    look = " · ".join(part for part in (variant.colour, variant.size) if part)
    return {"description": variant.description, "look": look, "reason": piece.reason, "amount": piece.amount}


def _bars(order_no: str, width: float) -> dict[str, Any]:
    """A barcode for scanners that read no QR; left out when its bars would be too thin.

    Its quiet zone is in the margin of the paper, so that the bars begin where the text does.
    """
    if not fits_code128(order_no) or bar_dots(order_no, width) < NARROW:
        return {}
    quiet = QUIET_BARS * bar_dots(order_no, width, WIDEST) * DOT
    return {"code": code128(order_no, width, CODE_HEIGHT, WIDEST), "quiet": quiet}
