"""Head office's views of pieces that were reported missing and sold soon after."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import shops_of
from accounts.audience import Audience, for_audience
from accounts.requests import person, viewer_of
from office.figures import missing_listing, missing_then_sold
from office.figures.words import percent
from office.models import MissingReport
from office.models.daily_figure import EVERY


class WhichShopForm(forms.Form):
    """Of one shop, or of all when there is no such."""

    shop = forms.IntegerField(required=False)


@for_audience(Audience.HEAD_OFFICE)
@require_GET
def missing_pieces(request: HttpRequest) -> HttpResponse:
    """The open reports, and each shop's share."""
    viewer, now = viewer_of(request), timezone.now()
    form = WhichShopForm(request.GET)
    number = form.cleaned_data["shop"] if form.is_valid() else None
    shop = shops_of(viewer).filter(shop_id=number).first() if number else None
    context = {
        "shop": shop,
        "reports": missing_listing.open_reports(viewer.group, shop.pk if shop else EVERY)[
            : missing_listing.ROWS_SHOWN
        ],
        "last_checked_on": missing_listing.last_checked_on(viewer.group),
        "shops": [(one, percent(one.share)) for one in missing_listing.by_shop(viewer.group, now)],
        "here": "figures",
    }
    return render(request, "office/figures/missing.html", context)


@for_audience(Audience.HEAD_OFFICE)
@require_POST
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Closes a report with what the shop answered."""
    user = person(request)
    report = get_object_or_404(MissingReport, group=user.group, pk=pk)
    missing_then_sold.close(report, request.POST.get("why", ""), user, timezone.now())
    messages.success(request, _("Closed. It still counts in the shop's share."))
    return redirect("missing-then-sold")
