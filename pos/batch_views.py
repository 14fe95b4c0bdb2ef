"""Views for several orders that are picked in one walk; the query string names them."""

from operator import attrgetter

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.audience import Audience, for_audience
from accounts.requests import person, viewer_of
from core.paper.responses import pdf_answer
from core.params import code_in, number
from orders import events, picking, taps
from orders.models import Document, Line, Policy, WebOrder
from pos import documents
from pos.batch import PIECES, keys_in, query_of, walk_of
from pos.middleware import may_wait
from pos.requests import tap_number
from pos.shop_context import orders_at_work, shop_context, shops_at_work


@for_audience(Audience.SHOP)
@require_GET
def batch(request: HttpRequest) -> HttpResponse:
    """All pieces of the chosen orders, sorted as on the shelves, each with its basket."""
    keys, orders = _orders(request, *PIECES)
    policy = Policy.of(orders[0].group)
    walk = walk_of(keys, orders, policy)
    context = {
        "walk": walk,
        "keys": keys,
        "query": query_of(keys),
        "last": walk.stop_of(number(request.GET.get("last"))),
        "scanning": walk.is_open and not walk.is_new and policy.scanning != Policy.Scanning.OFF,
        "missing_reasons": policy.reasons_for_missing.choices,
        **shop_context(orders[0].shop, shops_at_work(viewer_of(request))),
    }
    return render(request, "pos/batch.html", context)


@for_audience(Audience.SHOP)
@require_POST
def batch_accept(request: HttpRequest) -> HttpResponse:
    """ "I have them"."""
    keys, orders = _orders(request)
    picking.accept_together(orders, person(request), timezone.now())
    return redirect(_page(keys))


@may_wait
@for_audience(Audience.SHOP)
@require_POST
def batch_scan(request: HttpRequest) -> HttpResponse:
    """Pick by a scanned or typed code, which finds its order."""
    keys, orders = _orders(request)
    code, now, picked = code_in(request.POST.get("code")), timezone.now(), list[Line]()

    def pick() -> None:
        picked.append(picking.pick_together(orders, code, person(request), now))

    # Locks the order that the action locks first, so that two people cannot deadlock.
    taps.apply_once(min(orders, key=attrgetter("pk")), tap_number(request), now, pick)
    last = "".join(f"&last={line.pk}" for line in picked)
    return redirect(f"{_page(keys)}{last}")


@for_audience(Audience.SHOP)
@require_POST
def batch_finish(request: HttpRequest) -> HttpResponse:
    """ "Orders picked"."""
    keys, orders = _orders(request)
    picking.finish_together(orders, person(request), timezone.now())
    return redirect(_page(keys))


@for_audience(Audience.SHOP)
@require_GET
def batch_pick_list(request: HttpRequest) -> HttpResponse:
    """ "Pick list" of all orders of the walk."""
    _keys, orders = _orders(request)
    pdf = documents.pick_list(orders)
    events.record_prints(orders, Document.PICK_LIST, person(request), timezone.now())
    return pdf_answer(pdf, f"{Document.PICK_LIST.value} {orders[0].order_no} {len(orders)}")


def _page(keys: list[int]) -> str:
    return f"{reverse('pos-batch')}?{query_of(keys)}"


def _orders(request: HttpRequest, *prefetch: str) -> tuple[list[int], list[WebOrder]]:
    """The keys in the query string, and those of the orders on which the person may work, all of one shop."""
    keys = keys_in(request.GET.getlist("order"))
    at_work = orders_at_work(request).filter(pk__in=keys)
    found = at_work.select_related("group", "shop", "taken_by").prefetch_related(*prefetch)
    by_key = {order.pk: order for order in found}
    orders = [by_key[key] for key in keys if key in by_key]
    if not orders:
        raise Http404
    return keys, [order for order in orders if order.shop_id == orders[0].shop_id]
