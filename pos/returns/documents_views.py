"""The customer's return slip. Each print is recorded on the order's timeline."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.audience import Audience, for_audience
from accounts.requests import viewer_of
from core.paper.responses import pdf_answer
from orders import events
from orders.models import Document
from returns.models import Return
from returns.slip import return_slip


@for_audience(Audience.PERSON)
@require_GET
def slip(request: HttpRequest, pk: int) -> HttpResponse:
    """ "Return slip": for staff of the shop that took the pieces, and for head office."""
    viewer = viewer_of(request)
    visible = Return.objects.visible_to(viewer).select_related(
        "group", "shop", "taken_by", "order__group", "order__shop", "order__web_shop"
    )
    taken_back = get_object_or_404(visible, pk=pk)
    pdf = return_slip(taken_back)
    events.record_print(
        taken_back.order, Document.RETURN_SLIP, viewer.user, timezone.now(), taken_back.number
    )
    return pdf_answer(pdf, f"{Document.RETURN_SLIP.value} {taken_back}")
