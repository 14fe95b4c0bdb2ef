"""Head office's views of its web shops and their keys."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import keyring
from accounts.audience import Audience, for_audience
from accounts.keyring import NewKey, about
from accounts.models import ApiKey, User, WebShop
from accounts.requests import person
from core.params import number
from office.shops.web_shop_forms import KeyForm, RotationForm, WebShopForm
from office.shops.web_shops import booked_in_words, keys_of, rows_of, under_way_in_words


@for_audience(Audience.HEAD_OFFICE)
@require_GET
def web_shop_list(request: HttpRequest) -> HttpResponse:
    """The Group's web shops."""
    user = person(request)
    rows = rows_of(user.group, timezone.now())
    context = {"rows": rows, "here": "shops", "tab": "web shops"}
    return render(request, "office/web_shops/list.html", context)


@for_audience(Audience.HEAD_OFFICE)
@require_http_methods(["GET", "POST"])
def new_web_shop(request: HttpRequest) -> HttpResponse:
    """A web shop; its keys come afterwards."""
    user = person(request)
    form = WebShopForm(request.POST if request.method == "POST" else None, group=user.group)
    form.initial["webshop_id"] = number(request.GET.get("webshop_id")) or None
    if request.method == "POST" and form.is_valid():
        made = form.make(user, timezone.now())
        messages.success(request, _("%(web_shop)s is there now. It needs a key.") % {"web_shop": made.name})
        return redirect("ddd-setup") if "setup" in request.GET else redirect("web-shop", made.pk)
    context = {"form": form, "here": "shops", "tab": "web shops"}
    return render(request, "office/web_shops/new.html", context, status=422 if form.errors else 200)


@for_audience(Audience.HEAD_OFFICE)
@require_http_methods(["GET", "POST"])
def web_shop_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One web shop: where it sells, how that is booked, and its keys."""
    user = person(request)
    form = WebShopForm(
        request.POST if request.method == "POST" else None, group=user.group, web_shop=_mine(user, pk)
    )
    if request.method == "POST" and form.is_valid() and form.keep(user, timezone.now()):
        messages.success(request, _("Saved. It counts for what is delivered from now on."))
        return redirect("web-shop", pk)
    return _page(request, user, pk, form)


@for_audience(Audience.HEAD_OFFICE)
@require_POST
@never_cache
def make_key(request: HttpRequest, pk: int) -> HttpResponse:
    """A new key, which is shown on the page that answers; asked for twice, for a minute."""
    user, now = person(request), timezone.now()
    web_shop, form = _mine(user, pk), KeyForm(request.POST)
    if not form.is_valid():
        return _page(request, user, pk, key_form=form)
    made = keyring.make(web_shop, form.cleaned_data["name"], form.cleaned_data["form"], user, now)
    return _page(request, user, pk, made=made)


@for_audience(Audience.HEAD_OFFICE)
@require_http_methods(["GET", "POST"])
@never_cache
def rotate_key(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks until when the old key is good; then makes the one that takes its place."""
    user, now = person(request), timezone.now()
    key = _key(user, pk)
    form = RotationForm(request.POST if request.method == "POST" else None, now)
    if request.method == "POST" and form.is_valid():
        made = keyring.rotate(key, form.cleaned_data["until"], form.cleaned_data["form"], user, now)
        return _page(request, user, key.web_shop_id, made=made)
    context = {"form": form, "key": key, "here": "shops", "tab": "web shops"}
    return render(request, "office/web_shops/rotate.html", context, status=422 if form.errors else 200)


@for_audience(Audience.HEAD_OFFICE)
@require_http_methods(["GET", "POST"])
def revoke_key(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks first: it opens nothing from then on, and its web shop stops."""
    user = person(request)
    key = _key(user, pk)
    if request.method == "GET":
        context = {"key": key, "here": "shops", "tab": "web shops"}
        return render(request, "office/web_shops/revoke.html", context)
    keyring.revoke(key, user, timezone.now())
    messages.success(request, _("The key %(key)s opens nothing any more.") % {"key": key})
    return redirect("web-shop", key.web_shop_id)


@for_audience(Audience.HEAD_OFFICE)
@require_POST
def unknown_fields(request: HttpRequest, pk: int) -> HttpResponse:
    """What the API does with fields that the portal does not know, for this key."""
    user = person(request)
    key, wanted = _key(user, pk), request.POST.get("pass_over") == "yes"
    if keyring.pass_over_unknown_fields(key, wanted, user, timezone.now()):
        said = (
            _("%(key)s passes unknown fields over now.")
            if wanted
            else _("%(key)s refuses unknown fields now.")
        )
        messages.success(request, said % {"key": key})
    return redirect("web-shop", key.web_shop_id)


def _page(
    request: HttpRequest,
    user: User,
    pk: int,
    form: WebShopForm | None = None,
    made: NewKey | None = None,
    key_form: KeyForm | None = None,
) -> HttpResponse:
    kept = _mine(user, pk)  # the form may hold what was refused
    form = form or WebShopForm(None, group=user.group, web_shop=kept)
    context = {
        "form": form,
        "web_shop": kept,
        "booked": booked_in_words(kept),
        "under_way": under_way_in_words(kept),
        "keys": keys_of(kept),
        "key_form": key_form or KeyForm(),
        "made": made,
        "now": timezone.now(),
        "changes": form.changes,
        "about": about(kept),
        "here": "shops",
        "tab": "web shops",
    }
    wrong = form.errors or (key_form and key_form.errors)
    return render(request, "office/web_shops/page.html", context, status=422 if wrong else 200)


def _mine(user: User, pk: int) -> WebShop:
    web_shops = WebShop.objects.select_related("group", "turnover_shop").prefetch_related("shops")
    return get_object_or_404(web_shops, group=user.group, pk=pk)


def _key(user: User, pk: int) -> ApiKey:
    return get_object_or_404(ApiKey.objects.select_related("web_shop"), web_shop__group=user.group, pk=pk)
