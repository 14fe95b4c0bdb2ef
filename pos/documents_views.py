"""The doors of the shop's paper. What is printed is noted on the order's timeline, each time."""

import re
from collections.abc import Callable, Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from accounts.audience import Audience, for_audience
from accounts.doors import person
from orders import events
from orders.models import Document, WebOrder
from pos import documents


@for_audience(Audience.SHOP)
@require_GET
def pick_list(request: HttpRequest, pk: int) -> HttpResponse:
    """ "Pick list", A4."""
    return _printed(request, pk, Document.PICK_LIST, documents.pick_list)


@for_audience(Audience.SHOP)
@require_GET
def address_label(request: HttpRequest, pk: int) -> HttpResponse:
    """ "Address label", 100 x 150 mm."""
    return _printed(request, pk, Document.ADDRESS_LABEL, documents.address_label)


def _printed(
    request: HttpRequest, pk: int, document: Document, draw: Callable[[Sequence[WebOrder]], bytes]
) -> HttpResponse:
    orders = WebOrder.objects.at_work_of(person(request)).select_related("group", "shop", "taken_by")
    order = get_object_or_404(orders, pk=pk)
    pdf = draw([order])
    events.note_print(order, document, person(request), timezone.now())
    return pdf_answer(pdf, f"{document.value} {order.order_no}")


def pdf_answer(pdf: bytes, name: str) -> HttpResponse:
    """Paper, to be shown at once and kept by nobody."""
    answer = HttpResponse(pdf, content_type="application/pdf")
    safe = re.sub(r"[^\w.-]+", "-", name).strip(".-")
    answer["Content-Disposition"] = content_disposition_header(False, f"{safe}.pdf") or "inline"
    # An address is nobody else's to keep, and a copy from the cache would be a print that is not noted.
    answer["Cache-Control"] = "no-store, private"
    return answer
