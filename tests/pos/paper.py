"""Reads the shop's paper as a scanner and a person do: from the page, at a label printer's resolution."""

from dataclasses import dataclass

import pypdfium2
import zxingcpp

INCH = 25.4
PRINTER_DPI = 203


@dataclass(frozen=True)
class Page:
    """One printed page: its size in mm, its text, and the codes that a scanner finds on it."""

    size: tuple[float, float]
    text: str
    codes: dict[str, str]
    overflow: bool


def pages_of(pdf: bytes, with_codes: bool = True) -> list[Page]:
    """Every page of a PDF; finding codes takes a tenth of a second for each."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [_page(page, with_codes) for page in document]
    finally:
        document.close()


def _page(page: pypdfium2.PdfPage, with_codes: bool) -> Page:
    width, height = page.get_size()
    words = page.get_textpage()
    boxes = [words.get_charbox(index) for index in range(words.count_chars())]
    outside = any(
        left < 0 or bottom < 0 or right > width or top > height for left, bottom, right, top in boxes
    )
    text = " ".join(words.get_text_range().split())
    size = (round(width / 72 * INCH, 2), round(height / 72 * INCH, 2))
    return Page(size, text, _codes(page) if with_codes else {}, outside)


def _codes(page: pypdfium2.PdfPage) -> dict[str, str]:
    picture = page.render(scale=PRINTER_DPI / 72, grayscale=True).to_pil()
    found = zxingcpp.read_barcodes(picture)
    return {str(code.format): code.text for code in found}
