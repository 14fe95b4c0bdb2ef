"""Views to undo a delivery, and for pieces that go back to the shelf."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.audience import Audience, for_audience
from accounts.requests import person
from core.params import code_in, number
from orders import delivery, putting_back
from orders.models import Line
from pos.documents.pick_lists import for_walking
from pos.shop_context import order_at_work, workplace, workplace_or_none

PIECES_SHOWN = 500


@for_audience(Audience.SHOP)
@require_POST
def undo_delivery(request: HttpRequest, pk: int) -> HttpResponse:
    """ "Undo" of a delivery."""
    delivery.undo(order_at_work(request, pk), person(request), timezone.now())
    return redirect("pos-order", pk)


@for_audience(Audience.SHOP)
@require_GET
def put_back_list(request: HttpRequest) -> HttpResponse:
    """The put-back list, sorted as on the shelves, and the piece that was put back last."""
    here = workplace_or_none(request)
    if here is None:
        return render(request, "pos/no_shop.html")
    lying = putting_back.pieces_to_put_back(here.shop).prefetch_related("variant__barcodes")
    context = {
        "tab": "put back",
        "lines": for_walking(list(lying.order_by("order", "number")[:PIECES_SHOWN])),
        "done": putting_back.pieces_put_back(here.shop).filter(pk=number(request.GET.get("done"))).first(),
    }
    return render(request, "pos/put_back.html", {**context, **here.context()})


@for_audience(Audience.SHOP)
@require_POST
def put_back(request: HttpRequest, line: int) -> HttpResponse:
    """ "Put back", by tap."""
    shop, user = workplace(request).shop, person(request)
    return _done(putting_back.put_back(shop, line, user, timezone.now()))


@for_audience(Audience.SHOP)
@require_POST
def put_back_scan(request: HttpRequest) -> HttpResponse:
    """Put back by a scanned or typed Ean or VariantId."""
    shop, user, code = workplace(request).shop, person(request), code_in(request.POST.get("code"))
    return _done(putting_back.put_back_by_code(shop, code, user, timezone.now()))


def _done(line: Line) -> HttpResponse:
    return redirect(f"{reverse('pos-put-back')}?done={line.pk}")
