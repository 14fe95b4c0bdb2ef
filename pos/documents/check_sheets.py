"""The check sheet tests a printer before the first label: that it does not scale, and that scanners can read
it."""

from typing import Any, Final

from django.template.loader import render_to_string

from core.paper.codes import NARROW, code128, qr
from pos.documents.address_labels import QR_SIDE, WIDEST
from pos.documents.pick_lists import CODE_WIDTH as LIST_CODE_WIDTH
from pos.documents.pick_lists import WIDEST as LIST_WIDEST

A4: Final = (210, 297)
LABEL: Final = (100, 150)
MARGIN: Final = 12
SQUARES: Final = {A4: (10, 50, 100), LABEL: (10, 50)}
GREYS: Final = (0, 10, 25, 50, 75, 90, 100)
EXAMPLE: Final = "W-1023"
LONG: Final = "W-2026-00012345"


def check_sheet_pages() -> list[str]:
    """A4 for the office printer and the size of a label for the label printer, as pieces of HTML."""
    return [render_to_string("pos/documents/check_sheet.html", _context(*size)) for size in (A4, LABEL)]


def _context(width: int, height: int) -> dict[str, Any]:
    small = (width, height) == LABEL
    room, widest = (width - 2 * MARGIN, WIDEST) if small else (LIST_CODE_WIDTH, LIST_WIDEST)
    return {
        "name": "small" if small else "large",
        "size": f"{width} × {height} mm" if small else f"A4, {width} × {height} mm",
        "width": width,
        "height": height,
        "ruler": _ruler(width, height),
        "across": range(20, width - 10, 10),
        "down": range(20, height - 10, 10),
        "squares": SQUARES[(width, height)],
        # The widest bars on this paper, and the narrowest that every scanner reads.
        "codes": [(EXAMPLE, code128(EXAMPLE, room, 10, widest)), (LONG, code128(LONG, room, 10, NARROW))],
        "qr": qr(EXAMPLE, QR_SIDE),
        "example": EXAMPLE,
        "greys": [(percent, 255 - round(percent * 2.55)) for percent in GREYS],
    }


def _ruler(width: int, height: int) -> str:
    """A mark at each mm of all four sides, from the very edge inwards: missing parts are cut off by the
    printer."""
    sides = []
    for at in range(width + 1):
        sides.append(f"M{at} 0v{_long(at)}M{at} {height}v-{_long(at)}")
    for at in range(height + 1):
        sides.append(f"M0 {at}h{_long(at)}M{width} {at}h-{_long(at)}")
    return "".join(sides)


def _long(at: int) -> int:
    return 8 if at % 10 == 0 else 7 if at % 5 == 0 else 6
