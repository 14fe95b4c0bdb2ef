"""WeasyPrint: HTML goes in, one PDF comes out. It may fetch nothing, neither files nor addresses."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.template.loader import render_to_string

# The id of an element at which its page is cut off: a receipt is as long as what stands on it.
END_OF_PAPER = "end-of-paper"
# Pango's font map is not made for threads.
_one_at_a_time = threading.Lock()


@dataclass(frozen=True)
class _Press:
    """Made once in a process: fonts are slow to find, and each fetcher sets up TLS for nothing."""

    fonts: Any
    fetcher: Any


def bound(title: str, sheets: Sequence[str]) -> str:
    """Sheets of the same size as one HTML page: what is set up once for all of them is most of the time."""
    return render_to_string("core/paper/bound.html", {"title": title, "sheets": sheets})


def printed(style: str, pages: Sequence[str]) -> bytes:
    """Each of the HTML pages starts a new page of the PDF and counts its pages for itself."""
    with _one_at_a_time:
        renderings = [_render(style, html) for html in pages]
        together = [page for rendering in renderings for page in rendering.pages]
        pdf: bytes = renderings[0].copy(together).write_pdf()
        return pdf


def _render(style: str, html: str) -> Any:
    press = _press()
    page = _weasyprint().HTML(string=html, url_fetcher=press.fetcher)
    rendering = page.render(font_config=press.fonts, stylesheets=[_style_sheet(style)])
    for sheet in rendering.pages:
        if END_OF_PAPER in sheet.anchors:
            sheet.height = sheet.anchors[END_OF_PAPER][1]
    return rendering


@cache
def _press() -> _Press:
    weasyprint = _weasyprint()
    return _Press(
        weasyprint.text.fonts.FontConfiguration(), weasyprint.URLFetcher(allowed_protocols={"data"})
    )


@cache
def _style_sheet(name: str) -> Any:
    text = render_to_string(name)
    return _weasyprint().CSS(string=text, font_config=_press().fonts, url_fetcher=_press().fetcher)


@cache
def _weasyprint() -> Any:
    """Imported with the first document: it takes a second, for which no start should wait."""
    import weasyprint.text.fonts  # noqa: PLC0415

    return weasyprint
