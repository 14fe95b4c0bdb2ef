"""Views for problems with picking: undo, another shop, cancel."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.audience import Audience, for_audience
from accounts.requests import person
from core.params import number
from orders import picking, trouble
from pos.next_actions import elsewhere
from pos.requests import page_after
from pos.shop_context import order_at_work


@for_audience(Audience.SHOP)
@require_POST
def undo(request: HttpRequest, pk: int, line: int) -> HttpResponse:
    """ "Undo" of a pick, or of a piece reported missing."""
    picking.undo_pick(order_at_work(request, pk), line, person(request), timezone.now())
    return redirect(page_after(request, pk))


@for_audience(Audience.SHOP)
@require_GET
def stock_elsewhere(request: HttpRequest, pk: int) -> HttpResponse:
    """Which other shops have the pieces, as far as that is known from DdD."""
    order = order_at_work(request, pk)
    context = {"order": order, **elsewhere(order, timezone.now())}
    return render(request, "pos/order/_elsewhere.html", context)


@for_audience(Audience.SHOP)
@require_POST
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """ "Move": another shop takes the order over."""
    order = order_at_work(request, pk)
    shop = get_object_or_404(order.group.shops, shop_id=number(request.POST.get("shop")))
    trouble.move_to_shop(order, shop, person(request), timezone.now())
    return redirect(f"{reverse('pos')}?moved={order.pk}")


@for_audience(Audience.SHOP)
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """ "Cancel the order"."""
    order, reason = order_at_work(request, pk), request.POST.get("reason", "")
    trouble.cancel(order, reason, person(request), timezone.now())
    return redirect("pos-order", pk)
