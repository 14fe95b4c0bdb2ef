"""Reads text and codes from printed pages, at a label printer's resolution."""

from dataclasses import dataclass

import pypdfium2
import zxingcpp

from orders.models import WebOrder
from pos.documents import address_label, pick_list

INCH = 25.4
PRINTER_DPI = 203

# OrderNos of the longest length with all kinds of characters, and addresses that fill the space.
FIFTY = "99-NORDLYS-2026-w/0123456789.abcdefghij+KLMNO_pqrs"
LONGEST = "Villads Emil Rønne Østergaard-Kærgaard#c/o Nordjysk Bogbinderi og Papirhandel ApS"
ADDRESSES = {
    "five lines of 25": "#".join(["Nordre Strandvejens Allé 7"[:25]] * 5),
    "long lines": (f"{LONGEST}#Østerågade 3, 2. mellembygning til venstre#9000 Aalborg#Danmark#" * 2)[:255],
    "wide letters": "W" * 255,
    "one word": "Æ" * 100 + "#" + "æ" * 154,
    "many lines": "#".join("abcdefgh" * 16)[:255],
    "right to left": "שלום כהן#محمد الأحمد#رقم ٧#😀👩‍👩‍👧#日本",
    "line breaks only": "###",
    "nothing": "",
}


@dataclass(frozen=True)
class Page:
    """One printed page: its size in mm, its text, and the codes that a scanner finds on it."""

    size: tuple[float, float]
    text: str
    codes: dict[str, str]
    overflow: bool
    all_codes: frozenset[tuple[str, str]]
    letters: tuple[tuple[float, float], ...]  # from where to where each stands, in mm from the top
    squares: tuple[float, ...]  # sides in mm of the square outlines, the smallest first

    def crosses(self, height: float) -> bool:
        """Whether a letter stands on both sides of this height, in mm from the top."""
        return any(top < height < bottom for top, bottom in self.letters)


def pages_of(pdf: bytes, with_codes: bool = True) -> list[Page]:
    """Every page of a PDF; finding codes takes a tenth of a second for each."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [_page(page, with_codes) for page in document]
    finally:
        document.close()


def label_of(order: WebOrder) -> Page:
    (page,) = pages_of(address_label([order]))
    return page


def list_of(order: WebOrder, with_codes: bool = False) -> list[Page]:
    return pages_of(pick_list([order]), with_codes)


def _page(page: pypdfium2.PdfPage, with_codes: bool) -> Page:
    width, height = page.get_size()
    words = page.get_textpage()
    every = [words.get_charbox(index) for index in range(words.count_chars())]
    boxes = [box for box in every if box[0] < box[2]]  # line breaks have no width
    outside = any(
        left < 0 or bottom < 0 or right > width or top > height for left, bottom, right, top in boxes
    )
    codes = _codes(page) if with_codes else []
    return Page(
        size=(_mm(width), _mm(height)),
        text=" ".join(words.get_text_range().split()),
        codes=dict(codes),
        overflow=outside,
        all_codes=frozenset(codes),
        letters=tuple((_mm(height - top), _mm(height - bottom)) for _left, bottom, _right, top in boxes),
        squares=tuple(sorted(_squares(page))),
    )


def _mm(points: float) -> float:
    return round(points / 72 * INCH, 2)


def _squares(page: pypdfium2.PdfPage) -> set[float]:
    sides = set()
    for drawn in page.get_objects([pypdfium2.raw.FPDF_PAGEOBJ_PATH]):
        left, bottom, right, top = drawn.get_bounds()
        if abs((right - left) - (top - bottom)) < 0.1 and right - left > 20:
            sides.add(round(_mm(right - left), 1))
    return sides


def _codes(page: pypdfium2.PdfPage) -> list[tuple[str, str]]:
    picture = page.render(scale=PRINTER_DPI / 72, grayscale=True).to_pil()
    return [(str(code.format), code.text) for code in zxingcpp.read_barcodes(picture)]
