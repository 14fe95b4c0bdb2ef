"""The counter where customers bring pieces back: find the order, choose what came, take it back."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.audience import Audience, for_audience
from accounts.requests import for_manager_of, person
from accounts.viewer import Viewer
from core.params import code_in
from ddd.booking import outbox
from orders.models import WebOrder
from pos.returns import finding
from pos.returns.choosing import choose, piece_for_code
from pos.returns.forms import read_return_request, text_in, with_piece
from pos.shop_context import Workplace, shop_context, workplace, workplace_or_none
from returns import desk, sentences
from returns.ddd_progress import progress_of
from returns.models import Return, ReturnPolicy


def _taken_back(viewer: Viewer, pk: int) -> Return:
    visible = Return.objects.visible_to(viewer).select_related(
        "group", "shop", "taken_by", "overruled_by", "ended_by", "refund_due", "order__group", "order__shop"
    )
    return get_object_or_404(visible, pk=pk)


@for_audience(Audience.SHOP)
@require_GET
def find(request: HttpRequest) -> HttpResponse:
    """ "Returns": finds the customer's order, and shows the shop's latest returns."""
    here = workplace_or_none(request)
    if here is None:
        return render(request, "pos/no_shop.html")
    looked_for, policy = code_in(request.GET.get("q")).strip(), ReturnPolicy.of(here.shop.group)
    chosen_shops = finding.chosen_shops(policy)
    context: dict[str, Any] = {
        "q": looked_for,
        "chosen_shops": chosen_shops,
        "takes_no_returns": bool(chosen_shops) and here.shop not in chosen_shops,
        **here.context(),
    }
    if not looked_for:
        return render(
            request, "pos/returns/find.html", {**context, "recent_returns": finding.recent_returns(here.shop)}
        )
    found = finding.find(here.shop, policy, looked_for)
    if found.order is not None:
        return redirect("return-order", found.order.pk)
    return render(request, "pos/returns/find.html", {**context, "found": found, "policy": policy})


@for_audience(Audience.SHOP)
@require_GET
def order_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The choice of pieces and the policy's decision, before anything is taken back."""
    here = workplace(request)
    order, return_request = _order(here, pk), read_return_request(request.GET)
    if code := code_in(request.GET.get("code")).strip():
        return redirect(
            f"{request.path}?{with_piece(request.GET, piece_for_code(order, return_request, code))}"
        )
    choice = choose(order, here.shop, return_request, here.viewer.user, timezone.now())
    context = {
        "order": order,
        "return_request": return_request,
        "choice": choice,
        "is_own_shop": order.shop in here.shops,
        "pay_ways": [(way.value, way.label) for way in (WebOrder.PaidBy.CASH, WebOrder.PaidBy.TERMINAL)],
        **here.context(),
    }
    return render(request, "pos/returns/order.html", context)


@for_audience(Audience.SHOP)
@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """ "Take back"."""
    here = workplace(request)
    order, return_request = _order(here, pk), read_return_request(request.POST)
    made = desk.take_back(order, here.shop, return_request, here.viewer.user, timezone.now())
    return redirect("return", made.pk)


@for_audience(Audience.SHOP)
@require_GET
def taken_back(request: HttpRequest, pk: int) -> HttpResponse:
    """A return: its pieces, what the customer gets, and whether DdD has it."""
    here = workplace(request)
    found, user = _taken_back(here.viewer, pk), here.viewer.user
    context = {
        "taken_back": found,
        "pieces": found.pieces.select_related("line__variant").prefetch_related("line__variant__barcodes"),
        "why": sentences.sentences_of(found),
        "refund": getattr(found, "refund_due", None),
        "may_cancel": desk.may_cancel(found, user),
        "may_reverse": desk.may_reverse(found, user),
        "ddd_progress": progress_of(outbox.postings_of(found.group, _last_action_key(found))).value,
        **shop_context(found.shop if found.shop in here.shops else here.shop, here.shops),
    }
    return render(request, "pos/returns/taken_back.html", context)


@require_POST
@for_manager_of(_taken_back)
def cancel(request: HttpRequest, wrong: Return) -> HttpResponse:
    """ "Cancel the return"."""
    desk.cancel(wrong, text_in(request.POST, "why"), person(request), timezone.now())
    return redirect("return", wrong.pk)


@require_POST
@for_manager_of(_taken_back)
def reverse(request: HttpRequest, wrong: Return) -> HttpResponse:
    """ "Reverse the return"."""
    desk.reverse(wrong, text_in(request.POST, "why"), person(request), timezone.now())
    return redirect("return", wrong.pk)


def _order(here: Workplace, pk: int) -> WebOrder:
    order = finding.order_at_counter(here.shops, here.shop, pk)
    if order is None:
        raise Http404
    return order


def _last_action_key(taken_back: Return) -> str:
    return taken_back.reversal_key if taken_back.state == Return.State.REVERSED else taken_back.action_key
