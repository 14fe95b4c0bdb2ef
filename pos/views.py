"""The shop's screens: the queue, one order, and a door for each tap."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.access import work_shops_of
from accounts.audience import Audience, for_audience
from accounts.doors import person
from accounts.models import Shop
from core.errors import Invalid
from orders import delivery, picking
from orders.models import Line, WebOrder
from orders.states import Status, Step, may_pick, next_step
from pos.queue import Tab, counts_of, orders_in

CHOSEN_SHOP = "shop"


class HandOverForm(forms.Form):
    """How an order leaves the shop."""

    way = forms.ChoiceField(choices=WebOrder.Way.choices, required=False)
    paid_by = forms.ChoiceField(choices=WebOrder.PaidBy.choices, required=False)
    delivery_no = forms.CharField(required=False)

    def facts(self) -> delivery.HandOver:
        """As the verb takes it; what is not said is a hand-over in the shop. Invalid for words it has not."""
        if not self.is_valid():
            raise Invalid(" ".join(str(text) for texts in self.errors.values() for text in texts))
        found = self.cleaned_data
        way = WebOrder.Way(found["way"] or WebOrder.Way.HAND_OVER)
        return delivery.HandOver(way, found["paid_by"], found["delivery_no"])


@for_audience(Audience.SHOP)
@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """The orders of the shop in which the person stands."""
    shops = list(work_shops_of(person(request)).select_related("group"))
    shop = _chosen(request, shops)
    if shop is None:
        return render(request, "pos/no_shop.html")
    now = timezone.now()
    asked = request.GET.get("tab", Tab.NEW)
    tab = Tab(asked) if asked in list(Tab) else Tab.NEW
    facts = {"tab": tab.value, "orders": orders_in(shop, tab, now), **_frame(shop, shops)}
    return render(request, "pos/queue.html", facts)


@for_audience(Audience.SHOP)
@require_POST
def choose_shop(request: HttpRequest) -> HttpResponse:
    """For who works in several shops."""
    shop = get_object_or_404(work_shops_of(person(request)), shop_id=_number(request.POST.get("shop")))
    request.session[CHOSEN_SHOP] = shop.pk
    return redirect("pos")


@for_audience(Audience.SHOP)
@require_GET
def order_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One order: its pieces, and the one next thing to do."""
    order = _order(request, pk)
    lines = list(order.lines.select_related("variant", "picked_by").prefetch_related("variant__barcodes"))
    step = next_step(order.status, order.taken_at is not None, [line.status for line in lines])
    shops = list(work_shops_of(person(request)))
    facts = {
        "order": order,
        "lines": [(line, may_pick(order.status, line.status)) for line in lines],
        "decided": sum(1 for line in lines if not line.is_open),
        "step": step,
        "scanning": order.status == Status.RESERVED and step != Step.ACCEPT,
        "total": sum((line.effective_sales_price for line in lines if line.is_wanted), 0),
        "missing_reasons": Line.MissingReason.choices,
        "pay_ways": [choice for choice in WebOrder.PaidBy.choices if choice[0] in delivery.AT_THE_REGISTER],
        **_frame(order.shop, shops),
    }
    return render(request, "pos/order.html", facts)


@for_audience(Audience.SHOP)
@require_POST
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """ "I have it"."""
    picking.accept(_order(request, pk), person(request), timezone.now())
    return redirect("pos-order", pk)


@for_audience(Audience.SHOP)
@require_POST
def pick(request: HttpRequest, pk: int, line: int) -> HttpResponse:
    """ "Pick", by tap."""
    picking.pick(_order(request, pk), line, person(request), timezone.now())
    return redirect("pos-order", pk)


@for_audience(Audience.SHOP)
@require_POST
def scan(request: HttpRequest, pk: int) -> HttpResponse:
    """Pick by a scanned or typed Ean or VariantId."""
    code = request.POST.get("code", "")[:100].replace("\0", "")  # PostgreSQL has no text with NUL
    picking.pick_by_code(_order(request, pk), code, person(request), timezone.now())
    return redirect("pos-order", pk)


@for_audience(Audience.SHOP)
@require_POST
def missing(request: HttpRequest, pk: int, line: int) -> HttpResponse:
    """ "Report missing"."""
    reason = request.POST.get("reason", "")
    picking.report_missing(_order(request, pk), line, reason, person(request), timezone.now())
    return redirect("pos-order", pk)


@for_audience(Audience.SHOP)
@require_POST
def finish(request: HttpRequest, pk: int) -> HttpResponse:
    """ "Order picked"."""
    picking.finish(_order(request, pk), person(request), timezone.now())
    return redirect("pos-order", pk)


@for_audience(Audience.SHOP)
@require_POST
def deliver(request: HttpRequest, pk: int) -> HttpResponse:
    """ "Deliver"."""
    hand_over = HandOverForm(request.POST).facts()
    delivery.deliver(_order(request, pk), hand_over, person(request), timezone.now())
    return redirect("pos-order", pk)


def _order(request: HttpRequest, pk: int) -> WebOrder:
    orders = WebOrder.objects.at_work_of(person(request))
    return get_object_or_404(
        orders.select_related("group", "shop", "web_shop", "taken_by", "delivered_by"), pk=pk
    )


def _chosen(request: HttpRequest, shops: list[Shop]) -> Shop | None:
    wanted = request.session.get(CHOSEN_SHOP)
    return next((shop for shop in shops if shop.pk == wanted), shops[0] if shops else None)


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0


def _frame(shop: Shop, shops: list[Shop]) -> dict[str, Any]:
    now = timezone.now()
    return {"shop": shop, "shops": shops, "counts": counts_of(shop, now), "now": now}
