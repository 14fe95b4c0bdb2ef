"""The views of head office's list of orders, and of its saved views."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from accounts.audience import Audience, for_audience
from accounts.requests import viewer_of
from accounts.viewer import Viewer
from core.forms import refused
from office.listing.columns import Column
from office.listing.filter_form import FilterForm
from office.listing.filters import Filters
from office.listing.orders import page_of, shops_with_orders
from office.listing.view_store import ViewData, change_view, create_view, delete_view
from office.models import SavedView
from orders.models import WebOrder


class ViewForm(forms.Form):
    """A name for what the list shows."""

    name = forms.CharField(label=gettext_lazy("Name of the view"), max_length=60, strip=True)
    is_shared = forms.BooleanField(label=gettext_lazy("for everybody at head office"), required=False)


@for_audience(Audience.HEAD_OFFICE)
@require_GET
def order_list(request: HttpRequest) -> HttpResponse:
    """All orders of the Group, searched, filtered and sorted."""
    viewer, now = viewer_of(request), timezone.now()
    form = _form(request.GET, viewer)
    filters = form.filters(now)
    after, before = request.GET.get("after", ""), request.GET.get("before", "")
    page = page_of(viewer, filters, now, after, before, form.sort_by)
    views = _views(request, viewer, form)
    context = {
        "form": form,
        "page": page,
        "query": form.query(),
        "query_with_view": _in_view(form.query(), views["opened"]),
        "filters": filters,
        "filtered": filters != Filters(),
        "columns": [_head(column, form, views["opened"]) for column in form.columns],
        "rows": _rows(page.orders, form.columns, now),
        "here": "orders",
        "now": now,
        "first_page": not (after or page.before),
        **views,
    }
    return render(request, "office/listing/page.html", context)


@for_audience(Audience.HEAD_OFFICE)
@require_POST
def save_view(request: HttpRequest) -> HttpResponse:
    """Keeps what the list shows under a new name."""
    viewer = viewer_of(request)
    saved = create_view(viewer.user, _view(request, viewer))
    messages.success(request, _("The view is saved."))
    return _shown(saved)


@for_audience(Audience.HEAD_OFFICE)
@require_POST
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Gives a view of theirs another name or another list, shares it, or deletes it."""
    viewer = viewer_of(request)
    saved = get_object_or_404(SavedView.objects.made_by(viewer), pk=pk)
    if request.POST.get("do") == "delete":
        delete_view(saved)
        messages.success(request, _("The view is deleted."))
        return redirect("orders")
    change_view(saved, _view(request, viewer))
    saved.refresh_from_db()
    messages.success(request, _("The view is saved."))
    return _shown(saved)


def _form(asked: QueryDict, viewer: Viewer) -> FilterForm:
    return FilterForm(asked, viewer.group, shops_with_orders(viewer))


def _view(request: HttpRequest, viewer: Viewer) -> ViewData:
    """What is to be kept; Invalid when it has no name, or shows what does not exist."""
    form = ViewForm(request.POST)
    if not form.is_valid():
        raise refused(form)
    shown = _form(QueryDict(request.POST.get("query", "")), viewer)
    if not shown.is_valid():
        raise shown.refusal()
    return ViewData(form.cleaned_data["name"], shown.query(), form.cleaned_data["is_shared"])


def _shown(saved: SavedView) -> HttpResponse:
    return redirect(f"{reverse('orders')}?{_in_view(saved.query, saved)}")


def _in_view(query: str, opened: SavedView | None) -> str:
    """The address of a list that says which view is opened."""
    return "&".join(part for part in (query, f"view={opened.pk}" if opened else "") if part)


def _views(request: HttpRequest, viewer: Viewer, form: FilterForm) -> dict[str, Any]:
    """Those that they may open, and the one that they have opened; 1 query."""
    views = list(SavedView.objects.visible_to(viewer).select_related("maker").order_by("name", "pk"))
    opened = next((view for view in views if str(view.pk) == request.GET.get("view")), None)
    return {
        "views": views,
        "opened": opened,
        "is_changed": opened is not None and opened.query != form.query(),
        "is_mine": opened is not None and opened.maker_id == viewer.user.pk,
    }


def _head(column: Column[Any], form: FilterForm, opened: SavedView | None) -> dict[str, Any]:
    """A column, how the list is sorted by it, and the address that sorts by it or the other way round."""
    way = form.sort_by if form.sort_by in column.sorts else None
    others = [sort for sort in column.sorts if sort != way]
    return {
        "column": column,
        "way": way and ("descending" if way.newest_first else "ascending"),
        "query": _in_view(form.query(sort=others[0].key), opened) if others else "",
        "sorts": str(others[0].label) if others else "",
    }


def _rows(
    orders: list[WebOrder], columns: list[Column[Any]], now: datetime
) -> list[tuple[WebOrder, list[SafeString]]]:
    """Each order with its cells."""
    return [(order, [column.cell(order, now) for column in columns]) for order in orders]
