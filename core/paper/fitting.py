"""The largest font size at which a text fits its box. Widths are estimates on the safe side."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

POINT: Final = 0.352778  # mm
LEADING: Final = 1.2
STEP: Final = 0.5
MONO_WIDTH: Final = 0.603
# Widths of DejaVu Sans Bold in ems, rounded up. Only the first line is bold; the others are narrower.
REGULAR: Final = 0.92
NARROW: Final = dict.fromkeys(" ijlI.,:;'|!/\\·", 0.42)
SLIM: Final = dict.fromkeys("frtJ-()[]", 0.5)
BROAD: Final = dict.fromkeys("mwMWæœÆŒ@%&", 1.1)
KNOWN: Final = {**NARROW, **SLIM, **BROAD}


@dataclass(frozen=True)
class FittedText:
    """Lines of text and the size in points at which they fit; `cut` when even the smallest was too large."""

    lines: tuple[str, ...]
    size: float
    cut: bool = False


def fit(lines: Iterable[str], width: float, height: float, largest: float, smallest: float) -> FittedText:
    """The largest setting in a box of mm. Too many lines run on with commas; too much text ends in "…"."""
    given = tuple(lines)
    for wanted in (given, (", ".join(given),)):
        size = largest
        while size >= smallest:
            if _rows(wanted, width / (size * POINT)) * size * LEADING * POINT <= height:
                return FittedText(wanted, size)
            size -= STEP
    text = ", ".join(given)
    while _rows((f"{text}…",), width / (smallest * POINT)) * smallest * LEADING * POINT > height:
        text = text[: int(len(text) * 0.95)]
    return FittedText((f"{text}…",), smallest, cut=True)


def in_rows(text: str, width: float, largest: float, good: float, most_rows: int) -> tuple[list[str], float]:
    """A monospaced text in as few even rows as keep it at `good` mm or more; the rows and the size in mm."""
    cells = sum(2 if _is_broad(sign) else 1 for sign in text) or 1
    for rows in range(1, most_rows + 1):
        in_a_row = -(-cells // rows)
        size = min(largest, width / (in_a_row * MONO_WIDTH))
        if size >= good or rows == most_rows:
            break
    return _split(text, in_a_row), size


def _split(text: str, cells_in_a_row: int) -> list[str]:
    rows, filled = [""], 0
    for sign in text:
        cells = 2 if _is_broad(sign) else 1
        if filled + cells > cells_in_a_row and rows[-1]:
            rows.append("")
            filled = 0
        rows[-1] += sign
        filled += cells
    return rows


def _rows(lines: tuple[str, ...], ems: float) -> int:
    """How many rows the lines take when words wrap, and words that are too long break."""
    count, cut = 0, 1.0
    for line in lines:
        count, used = count + 1, 0.0
        for word in line.split():
            needed = sum(map(_width, word)) * cut
            if used and used + NARROW[" "] + needed > ems:
                count, used = count + 1, 0.0
            used += needed + (NARROW[" "] if used else 0)
            if used > ems:
                # A broken word leaves up to one letter's width free at the end of each row.
                more = int(used / max(ems - 1.1, 1.1))
                count, used = count + more, used - more * max(ems - 1.1, 1.1)
        cut = REGULAR
    return count


def _width(sign: str) -> float:
    if sign in KNOWN:
        return KNOWN[sign]
    if unicodedata.combining(sign):
        return 0
    if _is_broad(sign):
        return 1.4
    if ord(sign) > 0x24F:
        return 1.1
    return 0.86 if sign.isupper() else 0.74


def _is_broad(sign: str) -> bool:
    return unicodedata.east_asian_width(sign) in ("W", "F")
