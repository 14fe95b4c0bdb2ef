"""Head office's views of its shops."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import shops_of
from accounts.audience import Audience, for_audience
from accounts.calendars import calendar_of
from accounts.requests import person, viewer_of
from accounts.tablets import tablets_of
from core.params import number
from office.shops.forms import ShopForm
from office.shops.holidays import holidays_of
from office.shops.opening_words import open_minutes_in_words, today_in_words
from office.shops.removal import references_to, remove_shop
from office.shops.shops import (
    about,
    last_shop_comparison,
    page_of,
    shop_id_problem,
    shop_ids_only_in_ddd,
    turnover_for,
    web_shops_of,
)


@for_audience(Audience.HEAD_OFFICE)
@require_GET
def shop_list(request: HttpRequest) -> HttpResponse:
    """The Group's shops, and the ShopIds that only DdD knows."""
    user, now = person(request), timezone.now()
    text, after = request.GET.get("q", "").strip()[:100], number(request.GET.get("after"))
    context = {
        "page": page_of(viewer_of(request), text, after, now),
        "q": text,
        "first_page": not after,
        "unknown": shop_ids_only_in_ddd(user.group),
        "here": "shops",
        "tab": "shops",
    }
    return render(request, "office/shops/list.html", context)


@for_audience(Audience.HEAD_OFFICE)
@require_http_methods(["GET", "POST"])
def new_shop(request: HttpRequest) -> HttpResponse:
    """A shop that is typed, or one of which DdD has shown the ShopId."""
    user = person(request)
    form = ShopForm(
        request.POST if request.method == "POST" else None,
        group=user.group,
        initial={"shop_id": number(request.GET.get("shop_id")) or None},
    )
    if request.method == "POST" and form.is_valid():
        shop = form.make(user, timezone.now())
        messages.success(request, _("%(shop)s is there now.") % {"shop": shop.name})
        return redirect("ddd-setup") if "setup" in request.GET else redirect("shop", shop.pk)
    context = {"form": form, "here": "shops", "tab": "shops"}
    return render(request, "office/shops/new.html", context, status=422 if form.errors else 200)


@for_audience(Audience.HEAD_OFFICE)
@require_http_methods(["GET", "POST"])
def shop_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One shop: what it is, when it is open, its alerts, and which web shops sell through it."""
    user, now = person(request), timezone.now()
    shop = get_object_or_404(shops_of(viewer_of(request)).select_related("group"), pk=pk)
    form = ShopForm(request.POST if request.method == "POST" else None, group=user.group, shop=shop)
    if request.method == "POST" and form.is_valid() and form.keep(user, now):
        messages.success(request, _("Saved."))
        return redirect("shop", pk)
    kept = form.stored()  # the form may hold what was refused
    kept.group = user.group
    calendar = calendar_of(kept)
    context = {
        "form": form,
        "shop": kept,
        "today": today_in_words(calendar, now),
        "open_minutes": open_minutes_in_words(calendar, now),
        "holidays": holidays_of(user.group, now, kept),
        "web_shops": web_shops_of(kept),
        "collects_for": turnover_for(kept),
        "tablets": tablets_of(kept, now),
        "shop_id_problem": shop_id_problem(last_shop_comparison(user.group), kept),
        "referring": references_to(kept),
        "changes": form.changes,
        "about": about(kept),
        "here": "shops",
        "tab": "shops",
    }
    return render(request, "office/shops/page.html", context, status=422 if form.errors else 200)


@for_audience(Audience.HEAD_OFFICE)
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """A shop that was made by mistake."""
    user = person(request)
    shop = get_object_or_404(shops_of(viewer_of(request)), pk=pk)
    remove_shop(shop, user, timezone.now())
    messages.success(request, _("%(shop)s is taken away.") % {"shop": shop.name})
    return redirect("shops")
