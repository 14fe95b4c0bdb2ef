"""Head office's views of opening hours and holidays."""

from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts import changes
from accounts.access import shops_of
from accounts.audience import Audience, for_audience
from accounts.calendars import calendar_of
from accounts.models import ClosedDay
from accounts.opening_hours import ABOUT, about_week, open_on
from accounts.requests import person, viewer_of
from office.shops.holidays import holidays_of
from office.shops.hours_forms import HolidaysPage, WeekForm
from office.shops.opening_words import open_minutes_in_words, today_in_words


@for_audience(Audience.HEAD_OFFICE)
@require_http_methods(["GET", "POST"])
def week(request: HttpRequest, pk: int) -> HttpResponse:
    """When a shop is open, day by day."""
    user, now = person(request), timezone.now()
    shop = get_object_or_404(shops_of(viewer_of(request)).select_related("group"), pk=pk)
    form = WeekForm(request.POST if request.method == "POST" else None, shop)
    if request.method == "POST" and form.is_valid() and form.keep(user, now):
        messages.success(request, _("Saved. The alert and the promise count by it from now on."))
        return redirect("shop-hours", pk)
    calendar = calendar_of(shop)
    context = {
        "form": form,
        "shop": shop,
        "today": today_in_words(calendar, now),
        "open_minutes": open_minutes_in_words(calendar, now),
        "holidays": holidays_of(user.group, now, shop),
        "changes": form.changes,
        "about": about_week(shop),
        "here": "shops",
        "tab": "shops",
    }
    return render(request, "office/shops/hours.html", context, status=422 if form.errors else 200)


@for_audience(Audience.HEAD_OFFICE)
@require_http_methods(["GET", "POST"])
def holidays(request: HttpRequest) -> HttpResponse:
    """On which days to come shops are closed."""
    user, now = person(request), timezone.now()
    today = now.astimezone(ZoneInfo(user.group.time_zone)).date()
    form = HolidaysPage(request.POST if request.method == "POST" else None, user.group, today)
    if request.method == "POST" and form.is_valid():
        count = form.keep(user, now)
        new = ngettext("%(count)s day is new.", "%(count)s days are new.", count) % {"count": count}
        messages.success(request, new if count else _("These days stood there already."))
        return redirect("holidays")
    context = {
        "form": form,
        "holidays": holidays_of(user.group, now),
        "changes": changes.latest(user.group, ABOUT),
        "about": ABOUT,
        "here": "shops",
        "tab": "holidays",
    }
    return render(request, "office/shops/holidays.html", context, status=422 if form.errors else 200)


@for_audience(Audience.HEAD_OFFICE)
@require_POST
def open_again(request: HttpRequest, pk: int) -> HttpResponse:
    """A holiday that is none."""
    user = person(request)
    holiday = get_object_or_404(ClosedDay, group=user.group, pk=pk)
    open_on(holiday, user, timezone.now())
    messages.success(request, _("%(name)s is an open day again.") % {"name": holiday.name or holiday.day})
    return redirect("holidays")
