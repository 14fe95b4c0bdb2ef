"""The contents of the slip of a bag that waits for its customer: nothing that others may not read.

No address, and never the pick-up code, which is the customer's proof.
"""

from typing import Final
from zoneinfo import ZoneInfo

from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.paper.codes import qr
from core.paper.fitting import fit, in_rows
from orders.models import WebOrder

# All in mm, as in bag_slip.css; the paper is that of the labels.
WIDTH, HEIGHT = 100, 150
INSIDE: Final = 92
NUMBER_HEIGHT: Final = 52
THREE_METRES: Final = 14  # letters of this size are read from a few steps away
MOST_ROWS: Final = 4
NAME: Final = (INSIDE, 22)
QR_SIDE: Final = 40


def slip(order: WebOrder) -> SafeString:
    """One slip as a piece of HTML, in the language and the time zone of the order's Group."""
    rows, size = in_rows(order.order_no, INSIDE, 26, THREE_METRES, MOST_ROWS)
    wanted = sum(line.is_wanted for line in order.lines.all())
    zone = ZoneInfo(order.group.time_zone)
    with translation.override(order.group.language), timezone.override(zone):
        context = {
            "order": order,
            "number": "\n".join(rows),
            "number_size": min(size, NUMBER_HEIGHT / (len(rows) * 1.1)),
            "name": fit([order.receiver or _("Collected in the shop")], *NAME, 30, 8),
            "shop": fit([order.shop.name], INSIDE, 5, 10, 6),
            "wanted": wanted,
            "ordered": len(order.lines.all()),
            "when": pgettext("date format of a bag slip", "D j M"),
            "qr": qr(order.order_no, QR_SIDE),
        }
        return render_to_string("pos/documents/bag_slip.html", context)
