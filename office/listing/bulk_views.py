"""The views of what is done with many orders at once."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.audience import Audience, for_audience
from accounts.models import Shop, User
from accounts.requests import viewer_of
from accounts.viewer import Viewer
from core.forms import refused
from core.paper.responses import pdf_answer
from core.params import number
from office.listing import bulk
from office.listing.filter_form import FilterForm
from office.listing.orders import orders_of, shops_with_orders
from office.listing.papers import PAPERS, parts_of, print_orders, print_part
from office.models import BulkAction, BulkOrder
from orders.cancel_reasons import CANCEL_REASONS
from orders.models import OrderQuerySet, WebOrder

Action = BulkAction.Action
SHOWN_BEFORE = 50


class ChoiceForm(forms.Form):
    """Which orders of the list are meant, and what is to be done with them."""

    which = forms.ChoiceField(choices=[(name, name) for name in ("chosen", "page", "all")])
    do = forms.ChoiceField(choices=Action.choices)


class TargetShopForm(forms.Form):
    """The shop that takes the orders over."""

    shop = forms.ModelChoiceField(
        Shop.objects.none(),
        label=gettext_lazy("To the shop"),
        empty_label=gettext_lazy("Choose a shop"),
        to_field_name="shop_id",
        error_messages={
            "required": gettext_lazy("Choose the shop."),
            "invalid_choice": gettext_lazy("Choose the shop."),
        },
    )


class CancelReasonForm(forms.Form):
    """Why the orders are cancelled."""

    reason = forms.ChoiceField(
        label=gettext_lazy("Why"),
        choices=CANCEL_REASONS.choices,
        error_messages={"required": gettext_lazy("Say why: choose one of the reasons.")},
    )


@for_audience(Audience.HEAD_OFFICE)
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Prepares an action for the chosen orders; papers of a few are printed at once."""
    viewer, now = viewer_of(request), timezone.now()
    user, form = viewer.user, ChoiceForm(request.POST)
    if not form.is_valid():
        raise refused(form)
    orders = _chosen(request, viewer, form.cleaned_data["which"])
    action = Action(form.cleaned_data["do"])
    few = _few(orders, PAPERS[action].at_once) if action in PAPERS else []
    if few:
        return pdf_answer(*print_orders(PAPERS[action], few, user, now))
    made = bulk.prepare(user, action, orders, now)
    return redirect("bulk-papers" if action in PAPERS else "bulk-action", made.pk)


@for_audience(Audience.HEAD_OFFICE)
@require_http_methods(["GET", "POST"])
def bulk_action(request: HttpRequest, pk: int) -> HttpResponse:
    """What is to be done, how far it is, and what became of it; a POST starts it."""
    viewer = viewer_of(request)
    action = get_object_or_404(_mine(viewer.user).exclude(action__in=PAPERS), pk=pk)
    form = _form_of(action, viewer, request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if not form.is_valid():
            raise refused(form)
        if bulk.start(action, timezone.now(), **form.cleaned_data):
            bulk.carry_out_soon(action, timezone.now)
        return redirect("bulk-action", pk)
    counts = bulk.count_by_outcome(action)
    rows = action.orders.select_related("order__shop")
    if action.started_at:
        rows = rows.filter(outcome=BulkOrder.Outcome.REFUSED)
    context: dict[str, Any] = {
        "action": action,
        "form": form,
        "rows": rows[: bulk.MOST_ORDERS if action.started_at else SHOWN_BEFORE],
        "count": sum(counts.values()),
        "done": counts[BulkOrder.Outcome.DONE],
        "refused": counts[BulkOrder.Outcome.REFUSED],
        "handled": sum(counts.values()) - counts[BulkOrder.Outcome.WAITING],
        "more": max(0, counts[BulkOrder.Outcome.WAITING] - SHOWN_BEFORE),
        "here": "orders",
    }
    return render(request, "office/listing/bulk.html", context)


@for_audience(Audience.HEAD_OFFICE)
@require_http_methods(["GET", "POST"])
def bulk_papers(request: HttpRequest, pk: int) -> HttpResponse:
    """Papers of many orders in parts; a POST prints one."""
    viewer = viewer_of(request)
    action = get_object_or_404(_mine(viewer.user).filter(action__in=PAPERS), pk=pk)
    if request.method == "POST":
        printed = print_part(action, number(request.POST.get("first")), viewer, timezone.now())
        if printed is None:
            raise Http404
        return pdf_answer(*printed)
    parts = parts_of(action)
    context: dict[str, Any] = {
        "action": action,
        "parts": parts,
        "count": max((part.last for part in parts), default=0),
        "next": next((part for part in parts if not part.printed), None),
        "here": "orders",
    }
    return render(request, "office/listing/papers.html", context)


def _mine(user: User) -> QuerySet[BulkAction]:
    return BulkAction.objects.filter(maker=user, group_id=user.group_id).select_related(
        "maker__group", "shop"
    )


def _chosen(request: HttpRequest, viewer: Viewer, which: str) -> OrderQuerySet:
    """The ticked ones, those on the page, or all that fit its filters."""
    form = FilterForm(QueryDict(request.POST.get("query", "")), viewer.group, shops_with_orders(viewer))
    if which != "chosen" and not form.is_valid():
        raise form.refusal()
    if which == "all":
        return orders_of(viewer, form.filters(timezone.now()), timezone.now())
    keys = request.POST.getlist("order" if which == "chosen" else "on_page")
    return WebOrder.objects.visible_to(viewer).filter(
        pk__in=[number(key) for key in keys[: bulk.MOST_ORDERS + 1]]
    )


def _form_of(action: BulkAction, viewer: Viewer, asked: QueryDict | None) -> forms.Form:
    if action.action == Action.MOVE:
        form = TargetShopForm(asked)
        shop: forms.ModelChoiceField = form.fields["shop"]  # type: ignore[assignment,type-arg]
        shop.queryset = bulk.shops_to_move_to(viewer)
        return form
    return CancelReasonForm(asked) if action.action == Action.CANCEL else forms.Form(asked)


def _few(chosen: OrderQuerySet, most: int) -> list[WebOrder]:
    """All of them, shop by shop, or none when there are more."""
    # Found first and sorted then: what fits may be a million.
    keys = list(chosen.order_by("-created_at", "-pk").values_list("pk", flat=True)[: most + 1])
    full = WebOrder.objects.filter(pk__in=keys).select_related("group", "shop", "taken_by")
    return [] if len(keys) > most else list(full.order_by("shop__name", "created_at", "pk"))
