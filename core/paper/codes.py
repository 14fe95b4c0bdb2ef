"""Barcodes as drawings: Code 128 and QR, each one SVG path on the dots of a label printer."""

import re
from typing import Final

import segno
from barcode.codex import Code128
from django.utils.html import format_html
from django.utils.safestring import SafeString

DOT: Final = 0.125  # mm: label printers have 203 dots to the inch, and a bar of half a dot cannot be read
NARROW: Final = 2  # dots of the thinnest bar that every hand scanner reads from such a printer
QUIET_BARS: Final = 10
QUIET_SQUARES: Final = 4
# A bar that touches the next dot is printed one dot too wide, so each ends this much before it.
HAIR: Final = 0.08
PRINTABLE: Final = re.compile(r"[ -~]+")
SWITCH_TO_C: Final = 99


class _Code128(Code128):  # type: ignore[misc]
    """python-barcode's encoder, which would swallow the digits 99 at the start of a code."""

    def _try_to_optimize(self, encoded: list[int]) -> list[int]:
        if encoded[1] == SWITCH_TO_C:  # always two digits here: a code that starts with digits starts in C
            return encoded
        optimized: list[int] = super()._try_to_optimize(encoded)
        return optimized


def fits_code128(text: str) -> bool:
    """Whether Code 128 can encode it: printable ASCII. The encoder takes four other letters for commands."""
    return PRINTABLE.fullmatch(text) is not None


def bar_dots(text: str, width: float, most: int = 4) -> int:
    """How many dots the thinnest bar gets in a code of at most `width` mm; below 2 many scanners fail."""
    return max(1, min(most, int(width / DOT) // _modules(_bits(text))))


def code_width(text: str, width: float, most: int = 4) -> float:
    """How many mm of those `width` the code really takes, with its quiet zones: whole dots."""
    return _modules(_bits(text)) * bar_dots(text, width, most) * DOT


def code128(text: str, width: float, height: float, most: int = 4) -> SafeString:
    """The code with its quiet zones, at most `width` mm wide (a text of 50 needs 76); see `fits_code128`."""
    bits, dots = _bits(text), bar_dots(text, width, most)
    path = "".join(
        f"M{(run.start() + QUIET_BARS) * dots + HAIR:.2f} 0h{len(run[0]) * dots - 2 * HAIR:.2f}v1h-"
        f"{len(run[0]) * dots - 2 * HAIR:.2f}"
        for run in re.finditer("1+", bits)
    )
    total = _modules(bits) * dots
    return _drawing("code128", path, (total, 1), (total * DOT, height))


def qr(text: str, side: float) -> SafeString:
    """The QR code with its quiet zone, in a square of at most `side` mm."""
    # Without a named encoding, Latin letters would be written in one that scanners guess differently.
    encoding = None if text.isascii() else "utf-8"
    rows = segno.make(text, error="m", micro=False, encoding=encoding).matrix
    squares = len(rows) + 2 * QUIET_SQUARES
    path = "".join(
        f"M{run.start() + QUIET_SQUARES} {y + QUIET_SQUARES}h{len(run[0])}v1h-{len(run[0])}"
        for y, row in enumerate(rows)
        for run in re.finditer("\x01+", row.decode())
    )
    measure = squares * max(1, int(side / DOT) // squares) * DOT
    return _drawing("qr", path, (squares, squares), (measure, measure))


def _bits(text: str) -> str:
    built: list[str] = _Code128(text).build()
    return built[0]


def _modules(bits: str) -> int:
    return len(bits) + 2 * QUIET_BARS


def _drawing(name: str, path: str, box: tuple[int, int], size: tuple[float, float]) -> SafeString:
    return format_html(
        '<svg class="{}" viewBox="0 0 {} {}" preserveAspectRatio="none" width="{}mm" height="{}mm">'
        '<path d="{}"/></svg>',
        name,
        *box,
        *(f"{length:.3f}" for length in size),
        path,
    )
