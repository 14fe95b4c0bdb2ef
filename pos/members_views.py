"""The part of the order's page that comes from DdD."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.audience import Audience, for_audience
from pos.members import member_of
from pos.shop_context import orders_at_work


@for_audience(Audience.SHOP)
@require_GET
def member(request: HttpRequest, pk: int) -> HttpResponse:
    """The page reloads it until a worker has DdD's answer."""
    order = get_object_or_404(orders_at_work(request).select_related("group"), pk=pk)
    context = {"order": order, **member_of(order, timezone.now())}
    return render(request, "pos/order/_member.html", context)
