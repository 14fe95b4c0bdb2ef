"""The contents and sizes of the address label."""

import re
from typing import Final

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.paper.codes import DOT, code128, code_width, fits_code128, qr
from core.paper.fitting import FittedText, fit, in_rows
from orders.models import WebOrder

# All in mm, as in address_label.css; sizes of letters in points.
WIDTH, HEIGHT = 100, 150
EDGE: Final = 4
INSIDE: Final = WIDTH - 2 * EDGE
SENDER: Final = (60, 20)
QR_SIDE: Final = 31
RECEIVER_TOP: Final = 36
CAPTION: Final = 7  # a rule, its space, and the small caption under it
CODE_WIDTH: Final = WIDTH - 2
CODE_HEIGHT: Final = 18.5
WIDEST: Final = 5  # dots of a bar
TWO_METRES: Final = 9.5  # letters of this size are read from two metres
MOST_NUMBERS: Final = 3


def label(order: WebOrder) -> SafeString:
    """One label as a piece of HTML, in the language of the order's Group."""
    number, size = in_rows(order.order_no, INSIDE, 17, TWO_METRES, 3)
    delivery = _delivery_numbers(order)
    below = CAPTION + len(delivery.lines) * 5 + len(number) * size * 1.1 + CODE_HEIGHT + EDGE
    code = fits_code128(order.order_no)
    with translation.override(order.group.language):
        receiver = address_lines(order.receive_address) or [_("Collected in the shop")]
        context = {
            "order": order,
            "shop": fit([order.shop.name], SENDER[0], 6, 13, 6),
            "sender": _sender(order),
            "receiver": fit(receiver, INSIDE, HEIGHT - RECEIVER_TOP - CAPTION - below - 3, 28, 6),
            "delivery": delivery,
            "number": "\n".join(number),
            "number_size": size,
            "qr": qr(order.order_no, QR_SIDE),
            "code": code128(order.order_no, CODE_WIDTH, 17, WIDEST) if code else "",
            "code_left": _on_a_dot(order.order_no) if code else 0,
        }
        return render_to_string("pos/documents/address_label.html", context)


def address_lines(text: str) -> list[str]:
    """The lines of an address as DdD writes it: # is a line break."""
    return [line for line in (re.sub(r"\s+", " ", part).strip() for part in text.split("#")) if line]


def _on_a_dot(order_no: str) -> float:
    """The left edge of a centred code, on a dot of the printer: else its thinnest bars would merge."""
    free = WIDTH - code_width(order_no, CODE_WIDTH, WIDEST)
    return int(free / 2 / DOT) * DOT


def _sender(order: WebOrder) -> FittedText:
    lines = address_lines(order.return_address) or address_lines(order.shop.address)
    return fit([line for line in lines if line != order.shop.name], *SENDER, 10, 5)


def _delivery_numbers(order: WebOrder) -> FittedText:
    given = list(dict.fromkeys(line.delivery_no for line in order.lines.all() if line.delivery_no))
    more = f" + {len(given) - MOST_NUMBERS}" if len(given) > MOST_NUMBERS else ""
    return fit([", ".join(given[:MOST_NUMBERS]) + more] if given else [], INSIDE - 24, 5, 10, 4)
