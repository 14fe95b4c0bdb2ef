"""The contents of the pick list, sorted as on the shelves."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, Final
from zoneinfo import ZoneInfo

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.paper.codes import DOT, NARROW, QUIET_BARS, bar_dots, code128, fits_code128, qr
from core.paper.fitting import in_rows
from ddd.models import Variant
from orders.models import Line, WebOrder
from orders.states import Status

# All in mm, as in pick_list.css.
WIDTH: Final = 184
CODE_WIDTH, CODE_HEIGHT = 84, 15
WIDEST: Final = 3  # dots of a bar
FOUND: Final = (Status.PICKED, Status.DELIVERED, Status.RETURNED)
SIZES: Final = ("XXS", "XS", "S", "M", "L", "XL", "XXL", "XXXL")  # as they hang
FIGURE_SPACE, POINT_SPACE = "\u2007", "\u2008"  # as wide as a figure, and as a point


@dataclass(frozen=True)
class Columns:
    """The columns of numbers: each row is one right-aligned run of text, padded so that they line up."""

    EAN: ClassVar = 14
    GAP: ClassVar = 3
    FIGURE: ClassVar = 2.132  # mm, at the 9.5 points of the style sheet
    POINT: ClassVar = 1.066
    variant_digits: int
    widest_price: str

    @classmethod
    def of(cls, lines: Sequence[Line]) -> "Columns":
        """Columns wide enough for all of these pieces."""
        digits = max((len(str(line.variant.variant_id)) for line in lines), default=0)
        prices = [_amount(line.effective_sales_price) for line in lines]
        return cls(max(digits, len("VariantId") - 2), max(prices, key=len, default=""))

    @property
    def variant(self) -> float:
        """Where the VariantIds end, in mm from the right edge."""
        figures = sum(map(str.isdigit, self.widest_price))
        points = len(self.widest_price) - figures
        return (figures + self.GAP) * self.FIGURE + points * self.POINT

    @property
    def ean(self) -> float:
        """Where the Eans end."""
        return self.variant + (self.variant_digits + self.GAP) * self.FIGURE

    @property
    def left(self) -> float:
        """Where the columns begin; text on their left must end before."""
        return self.ean + (self.EAN + 1) * self.FIGURE

    def row(self, ean: str, variant_id: int, price: str) -> str:
        """The numbers of one piece, padded with spaces as wide as figures."""
        less = self.widest_price[: len(self.widest_price) - len(price)]
        room = "".join(FIGURE_SPACE if sign.isdigit() else POINT_SPACE for sign in less)
        gap = FIGURE_SPACE * self.GAP
        return f"{ean}{gap}{str(variant_id).rjust(self.variant_digits, FIGURE_SPACE)}{gap}{room}{price}"


def pick_list_page(order: WebOrder) -> str:
    """The list of one order as HTML, in the active language and the Group's time zone."""
    with timezone.override(ZoneInfo(order.group.time_zone)):
        return render_to_string("pos/documents/pick_list.html", _context(order))


def for_walking(lines: Sequence[Line]) -> list[Line]:
    """The pieces in the order of the shelves: item group, description, colour, size."""
    return sorted(lines, key=lambda line: (_place(line.variant), line.number))


def _context(order: WebOrder) -> dict[str, Any]:
    lines = for_walking(list(order.lines.all()))
    columns = Columns.of(lines)
    return {
        "order": order,
        **_code(order),
        "columns": columns,
        "room": columns.left,
        "pieces": [_piece(line, last, columns) for line, last in zip(lines, [None, *lines], strict=False)],
        "wanted": sum(1 for line in lines if line.is_wanted),
        "total": f"{_amount(order.total)} {order.group.currency}",
        "when": pgettext("date format of a pick list", "l j F, H:i"),
        "this_page": mark_safe('<span class="this"></span>'),  # filled in by the style sheet
        "all_pages": mark_safe('<span class="all"></span>'),
    }


def _code(order: WebOrder) -> dict[str, Any]:
    """The OrderNo as text and as a code, which is beside it, or below when it is long.

    Its quiet zones are in the page's margin, so that the bars begin or end where the text does.
    """
    number, size = in_rows(order.order_no, WIDTH - CODE_WIDTH - 6, 11, 6, 3)
    context: dict[str, Any] = {"number": "\n".join(number), "number_size": size, "code_beside": True}
    if not fits_code128(order.order_no):
        return {**context, "code": qr(order.order_no, 24), "quiet": 0}
    beside = bar_dots(order.order_no, CODE_WIDTH) >= NARROW
    width = CODE_WIDTH if beside else WIDTH
    context.update(code_beside=beside, quiet=QUIET_BARS * bar_dots(order.order_no, width, WIDEST) * DOT)
    return {**context, "code": code128(order.order_no, width, CODE_HEIGHT, WIDEST)}


def _piece(line: Line, last: Line | None, columns: Columns) -> dict[str, Any]:
    variant = line.variant
    ean, more = _eans(line)
    gone = "" if line.is_wanted else line.missing_words or line.get_status_display()
    new_group = last is None or last.variant.item_group != variant.item_group
    return {
        "heading": _item_group(variant) if new_group else "",
        "mark": "✕" if gone else "✓" if line.status in FOUND else "",
        "description": variant.description,
        "look": " · ".join(part for part in (variant.colour, variant.size) if part),
        "numbers": columns.row(ean, variant.variant_id, _amount(line.effective_sales_price)),
        "more": f"Ean {', '.join(more)}" if more else "",
        "gone": gone,
        "notes": line.notes,
    }


def _eans(line: Line) -> tuple[str, list[str]]:
    """The Ean of the column, and others that may be on the shelf. An ordered Ean is the only one."""
    eans = [line.ean] if line.ean else sorted(barcode.ean for barcode in line.variant.barcodes.all())
    if eans and len(eans[0]) <= Columns.EAN:
        return eans[0], eans[1:]
    return "", eans


def _item_group(variant: Variant) -> str:
    if variant.item_group is None:
        return _("No item group")
    return _("Item group %(number)d") % {"number": variant.item_group}


def _amount(amount: Decimal) -> str:
    return number_format(amount, 2, force_grouping=True)


def _place(variant: Variant) -> tuple[bool, int, str, str, tuple[int, float, str]]:
    group = variant.item_group
    return (
        group is None,
        group or 0,
        variant.description.casefold(),
        variant.colour.casefold(),
        _size(variant.size),
    )


def _size(size: str) -> tuple[int, float, str]:
    """36 before 104, S before M before XL, then all other words."""
    number = re.match(r"[0-9]+(?:[.,][0-9]+)?", size)
    if number:
        return (0, float(number[0].replace(",", ".")), size)
    word = size.strip().upper()
    return (1, SIZES.index(word), "") if word in SIZES else (2, 0, size.casefold())
