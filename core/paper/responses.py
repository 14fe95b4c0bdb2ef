"""Paper as an answer to a browser."""

import re

from django.http import HttpResponse
from django.utils.http import content_disposition_header


def pdf_answer(pdf: bytes, name: str) -> HttpResponse:
    """To be shown at once and kept by nobody."""
    answer = HttpResponse(pdf, content_type="application/pdf")
    safe = re.sub(r"[^\w.-]+", "-", name).strip(".-")
    answer["Content-Disposition"] = content_disposition_header(False, f"{safe}.pdf") or "inline"
    # An address is nobody else's to keep, and a copy from the cache would be a print that is not noted.
    answer["Cache-Control"] = "no-store, private"
    return answer
