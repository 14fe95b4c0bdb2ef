"""Renders HTML as one PDF with WeasyPrint, which may fetch neither files nor URLs."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.template.loader import render_to_string

# The id of an element at which its page is cut off: a receipt is as long as its content.
END_OF_PAPER = "end-of-paper"
# Pango's font map is not made for threads.
_one_at_a_time = threading.Lock()


@dataclass(frozen=True)
class _Renderer:
    """Made once per process: finding fonts is slow, and each fetcher sets up TLS that is never used."""

    fonts: Any
    fetcher: Any


def bind_sheets(title: str, sheets: Sequence[str]) -> str:
    """Sheets of one size as one HTML document: setting it up once for all of them saves most of the time."""
    return render_to_string("core/paper/bind_sheets.html", {"title": title, "sheets": sheets})


def render_pdf(style: str, pages: Sequence[str]) -> bytes:
    """One PDF of several HTML documents; each starts on a new page and has its own page numbers."""
    with _one_at_a_time:
        renderings = [_render(style, html) for html in pages]
        together = [page for rendering in renderings for page in rendering.pages]
        pdf: bytes = renderings[0].copy(together).write_pdf()
        return pdf


def _render(style: str, html: str) -> Any:
    renderer = _renderer()
    page = _weasyprint().HTML(string=html, url_fetcher=renderer.fetcher)
    rendering = page.render(font_config=renderer.fonts, stylesheets=[_style_sheet(style)])
    for sheet in rendering.pages:
        if END_OF_PAPER in sheet.anchors:
            sheet.height = sheet.anchors[END_OF_PAPER][1]
    return rendering


@cache
def _renderer() -> _Renderer:
    weasyprint = _weasyprint()
    return _Renderer(
        weasyprint.text.fonts.FontConfiguration(), weasyprint.URLFetcher(allowed_protocols={"data"})
    )


@cache
def _style_sheet(name: str) -> Any:
    text = render_to_string(name)
    return _weasyprint().CSS(string=text, font_config=_renderer().fonts, url_fetcher=_renderer().fetcher)


@cache
def _weasyprint() -> Any:
    """Imported with the first document: it takes a second, which would slow down every start."""
    import weasyprint.text.fonts  # noqa: PLC0415

    return weasyprint
