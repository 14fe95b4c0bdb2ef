"""A shop's cash of one day on A4."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.safestring import mark_safe

from core.paper.pdf import render_pdf
from returns.cash_day import CashDay

STYLE = "returns/documents/cash_day.css"


def cash_paper(cash: CashDay, now: datetime) -> bytes:
    """PDF in the Group's language and time zone."""
    group = cash.shop.group
    context = {
        "cash": cash,
        "group": group,
        "currency": group.currency,
        "now": now,
        "this_page": mark_safe('<span class="this"></span>'),  # filled in by the style sheet
        "all_pages": mark_safe('<span class="all"></span>'),
    }
    with translation.override(group.language), timezone.override(ZoneInfo(group.time_zone)):
        return render_pdf(STYLE, [render_to_string("returns/documents/cash_day.html", context)])
