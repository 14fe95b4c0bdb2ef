"""The shop's printed documents. Each print is recorded on the order's timeline."""

from collections.abc import Callable, Sequence

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.audience import Audience, for_audience
from accounts.requests import person
from core.errors import Invalid
from core.paper.responses import pdf_answer
from core.params import number
from orders import events
from orders.models import Document, WebOrder
from pos import documents
from pos.shop_context import orders_at_work

MOST_LABELS = 200


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


@for_audience(Audience.SHOP)
@require_GET
def bag_slip(request: HttpRequest, pk: int) -> HttpResponse:
    """ "Bag slip", 100 x 150 mm."""
    return _printed(request, pk, Document.BAG_SLIP, documents.bag_slip)


@for_audience(Audience.SHOP)
@require_GET
def labels(request: HttpRequest) -> HttpResponse:
    """The address labels of many orders in one PDF, in the order of the query string."""
    keys = list(dict.fromkeys(number(key) for key in request.GET.getlist("order")))
    if not keys:
        raise Invalid(_("Choose the orders first."))
    if len(keys) > MOST_LABELS:
        raise Invalid(_("At most %(count)d labels are printed at once.") % {"count": MOST_LABELS})
    # Before the orders are read, so that a change while they are drawn counts as newer than the labels.
    now = timezone.now()
    found = _orders(request).in_bulk(keys)
    if len(found) != len(keys):
        raise Http404
    orders = [found[key] for key in keys]
    pdf = documents.address_label(orders)
    events.record_prints(orders, Document.ADDRESS_LABEL, person(request), now)
    return pdf_answer(pdf, f"{Document.ADDRESS_LABEL.value} {orders[0].order_no} {len(orders)}")


@for_audience(Audience.SHOP)
@require_GET
def check_sheet(request: HttpRequest) -> HttpResponse:
    """ "Check sheet", A4 and 100 x 150 mm; tests a printer and belongs to no order."""
    return pdf_answer(documents.check_sheet(), "check sheet")


def _orders(request: HttpRequest) -> QuerySet[WebOrder]:
    return orders_at_work(request).select_related("group", "shop", "taken_by")


def _printed(
    request: HttpRequest, pk: int, document: Document, draw: Callable[[Sequence[WebOrder]], bytes]
) -> HttpResponse:
    now = timezone.now()
    order = get_object_or_404(_orders(request), pk=pk)
    pdf = draw([order])
    events.record_print(order, document, person(request), now)
    return pdf_answer(pdf, f"{document.value} {order.order_no}")
