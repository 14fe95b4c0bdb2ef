"""Who works at the tablet: the people of the shop, their PINs, and "Done"."""

from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import pins
from accounts.access import people_of
from accounts.audience import Audience, for_audience
from accounts.device import act_as_device_user, device, shop_needs_pin, sign_off, unlock
from accounts.requests import person
from accounts.viewer import Viewer
from core.params import number
from pos.middleware import anonymous_ok
from pos.shop_context import Workplace, workplace_or_none


@for_audience(Audience.SHOP)
@require_GET
def who(request: HttpRequest) -> HttpResponse:
    """ "Who is it?": the people of the shop by name."""
    here = _devices_workplace(request)
    if here is None:
        return render(request, "pos/no_shop.html")
    context = {"people": people_of(here.shop), "next": _back(request), "device": device(request)}
    return render(request, "pos/who.html", {**context, **here.context()})


@anonymous_ok
@for_audience(Audience.SHOP)
@require_http_methods(["GET", "POST"])
def who_pin(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks for their PIN; those who have none yet choose pin_owner."""
    here = _devices_workplace(request)
    if here is None:
        raise Http404
    pin_owner, now = get_object_or_404(people_of(here.shop).select_related("group"), pk=pk), timezone.now()
    own = device(request)
    needs_none = pin_owner.pk == own.pk and not pin_owner.pin and not shop_needs_pin(own)
    if request.method == "POST" and needs_none:
        act_as_device_user(request)
        return _go_back(request)
    if request.method == "POST":
        pins.check(pin_owner, request.POST.get("pin", "")[:50], now)
        unlock(request, pin_owner, now)
        return _go_back(request)
    if not pin_owner.pin and not needs_none:
        return redirect(f"{reverse('pos-pin')}?{urlencode({'who': pin_owner.pk, 'next': _back(request)})}")
    until = pins.locked_until(pin_owner, now)
    context = {
        "pin_owner": pin_owner,
        "needs_none": needs_none,
        "locked": pins.locked_words(until) if until else "",
        "next": _back(request),
    }
    return render(request, "pos/who_pin.html", {**context, **here.context()})


@anonymous_ok
@for_audience(Audience.SHOP)
@require_http_methods(["GET", "POST"])
def pin(request: HttpRequest) -> HttpResponse:
    """Sets their PIN, with their password. Afterwards they are the person at the tablet."""
    here = _devices_workplace(request)
    if here is None:
        return render(request, "pos/no_shop.html")
    asked, now = request.POST.get("who") or request.GET.get("who"), timezone.now()
    pin_owner = get_object_or_404(people_of(here.shop), pk=number(asked) or person(request).pk)
    if request.method == "POST":
        password, chosen, again = (request.POST.get(name, "")[:200] for name in ("password", "pin", "again"))
        pins.choose(pin_owner, password, chosen, again, now)
        unlock(request, pin_owner, now)
        return _go_back(request)
    until = pins.locked_until(pin_owner, now)
    context = {
        "pin_owner": pin_owner,
        "next": _back(request),
        "locked": pins.locked_words(until) if until else "",
    }
    return render(request, "pos/pin.html", {**context, **here.context()})


@anonymous_ok
@for_audience(Audience.SHOP)
@require_POST
def done(request: HttpRequest) -> HttpResponse:
    """ "Done": the person leaves the tablet."""
    sign_off(request)
    return redirect("pos-who")


def _devices_workplace(request: HttpRequest) -> Workplace | None:
    """The workplace of the user logged in at the device, not of the person at it."""
    return workplace_or_none(request, Viewer.of(device(request)))


def _back(request: HttpRequest) -> str:
    """The page that they came from, if it is one of the portal's."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure())
    circle = any(reverse(name) in wanted for name in ("pos-who", "pos-pin"))
    return wanted if ours and not circle else reverse("pos")


def _go_back(request: HttpRequest) -> HttpResponse:
    """Reloads the whole page, because another person may have another language and top bar."""
    if not getattr(request, "htmx", False):
        return HttpResponseRedirect(_back(request))
    answer = HttpResponse(status=204)
    answer["HX-Redirect"] = _back(request)
    return answer
