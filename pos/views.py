"""The shop's screens: the queue, one order, and a view for each tap."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.access import work_shops_of
from accounts.audience import Audience, for_audience
from accounts.requests import person, viewer_of
from core.params import code_in, number
from orders import delivery, picking, selling, taps, trouble
from orders.models import Policy
from orders.states import Status, Step, next_step
from pos.finding import find
from pos.hand_over import hand_over_context
from pos.hand_over_form import HandOverForm
from pos.members import member_of
from pos.middleware import anonymous_ok, may_wait
from pos.next_actions import next_actions
from pos.old_labels import old_labels_of
from pos.pieces import pieces_of
from pos.queue import Tab, moved_away, orders_in
from pos.requests import page_after, tap_number
from pos.shop_context import CHOSEN_SHOP, order_at_work, shop_context, shops_at_work, workplace_or_none


@for_audience(Audience.SHOP)
@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """The orders of the person's shop, or the results of a search there."""
    here = workplace_or_none(request)
    if here is None:
        return render(request, "pos/no_shop.html")
    now, looked_for = timezone.now(), code_in(request.GET.get("q")).strip()
    if looked_for:
        found = find(here.shop, looked_for, now)
        if found.order is not None:
            return redirect("pos-order", found.order.pk)
        context = {"q": looked_for, "tab": "", "orders": found.matches.orders, "more": found.matches.more}
        return render(request, "pos/queue.html", {**context, **here.context()})
    requested = request.GET.get("tab", Tab.NEW)
    tab = Tab(requested) if requested in list(Tab) else Tab.NEW
    unpaid = request.GET.get("unpaid") == "1"
    part = orders_in(here.shop, tab, now, unpaid)
    context = {
        "tab": tab.value,
        "unpaid": unpaid,
        "moved": moved_away(here.shop, number(request.GET.get("moved"))),
        "orders": part.orders,
        "more": part.more,
        # Only in the part where labels are printed.
        "old_labels": old_labels_of(part.orders) if tab == Tab.READY else [],
    }
    return render(request, "pos/queue.html", {**context, **here.context()})


@anonymous_ok
@for_audience(Audience.SHOP)
@require_POST
def choose_shop(request: HttpRequest) -> HttpResponse:
    """For people who work in several shops."""
    shop = get_object_or_404(work_shops_of(viewer_of(request)), shop_id=number(request.POST.get("shop")))
    request.session[CHOSEN_SHOP] = shop.pk
    return redirect("pos")


@for_audience(Audience.SHOP)
@require_GET
def order_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One order: its pieces and the next step."""
    order, viewer, now = order_at_work(request, pk), viewer_of(request), timezone.now()
    lines = list(order.lines.select_related("variant", "picked_by").prefetch_related("variant__barcodes"))
    step = next_step(order.status, order.taken_at is not None, [line.status for line in lines])
    policy = Policy.of(order.group)
    can_scan = order.status == Status.RESERVED and policy.scanning != Policy.Scanning.OFF
    context = {
        "order": order,
        "lines": pieces_of(order, lines, policy),
        "decided": sum(1 for line in lines if not line.is_open),
        "step": step,
        "scanning": can_scan and step != Step.ACCEPT,
        "shop_in_ddd": trouble.shop_in_ddd(order),
        "sale_note": selling.sale_in_words(order),
        "total": sum((line.effective_sales_price for line in lines if line.is_wanted), 0),
        "missing_reasons": policy.reasons_for_missing.choices,
        "old_labels": old_labels_of([order]),
        **hand_over_context(order, policy, viewer.user, now),
        **next_actions(order, lines, request.GET.get("elsewhere") == "1", now),
        **member_of(order, now),
        **shop_context(order.shop, shops_at_work(viewer)),
    }
    return render(request, "pos/order.html", context)


@for_audience(Audience.SHOP)
@require_POST
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """ "I have it"."""
    picking.accept(order_at_work(request, pk), person(request), timezone.now())
    return redirect("pos-order", pk)


@may_wait
@for_audience(Audience.SHOP)
@require_POST
def pick(request: HttpRequest, pk: int, line: int) -> HttpResponse:
    """ "Pick", by tap."""
    order, now = order_at_work(request, pk), timezone.now()
    taps.apply_once(order, tap_number(request), now, lambda: picking.pick(order, line, person(request), now))
    return redirect(page_after(request, pk))


@may_wait
@for_audience(Audience.SHOP)
@require_POST
def scan(request: HttpRequest, pk: int) -> HttpResponse:
    """Pick by a scanned or typed Ean or VariantId."""
    code = code_in(request.POST.get("code"))
    order, now = order_at_work(request, pk), timezone.now()
    taps.apply_once(
        order, tap_number(request), now, lambda: picking.pick_by_code(order, code, person(request), now)
    )
    return redirect("pos-order", pk)


@for_audience(Audience.SHOP)
@require_POST
def missing(request: HttpRequest, pk: int, line: int) -> HttpResponse:
    """ "Report missing"."""
    reason = request.POST.get("reason", "")
    picking.report_missing(order_at_work(request, pk), line, reason, person(request), timezone.now())
    return redirect(page_after(request, pk))


@for_audience(Audience.SHOP)
@require_POST
def finish(request: HttpRequest, pk: int) -> HttpResponse:
    """ "Order picked"."""
    picking.finish(order_at_work(request, pk), person(request), timezone.now())
    return redirect("pos-order", pk)


@for_audience(Audience.SHOP)
@require_POST
def deliver(request: HttpRequest, pk: int) -> HttpResponse:
    """ "Deliver"."""
    hand_over = HandOverForm(request.POST).hand_over()
    delivery.deliver(order_at_work(request, pk), hand_over, person(request), timezone.now())
    return redirect("pos-order", pk)
