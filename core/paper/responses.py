"""PDFs as HTTP responses."""

import re

from django.http import HttpResponse
from django.utils.http import content_disposition_header


def pdf_answer(pdf: bytes, name: str) -> HttpResponse:
    """Shown inline, and stored by no cache."""
    answer = HttpResponse(pdf, content_type="application/pdf")
    safe = re.sub(r"[^\w.-]+", "-", name).strip(".-")
    answer["Content-Disposition"] = content_disposition_header(False, f"{safe}.pdf") or "inline"
    # It may have a customer's address, and a copy from a cache would be a print that is not recorded.
    answer["Cache-Control"] = "no-store, private"
    return answer
