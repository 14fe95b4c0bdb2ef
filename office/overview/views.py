"""Head office's home."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.audience import Audience, for_audience
from accounts.requests import viewer_of
from office.overview.dashboard import dashboard_of


@for_audience(Audience.HEAD_OFFICE)
@require_GET
def dashboard(request: HttpRequest) -> HttpResponse:
    """What is wrong and what there is to do; htmx gets the fragment that renews itself."""
    viewer = viewer_of(request)
    context = {"board": dashboard_of(viewer, timezone.now()), "here": "dashboard"}
    if getattr(request, "htmx", False):
        return render(request, "office/overview/_dashboard.html", context)
    return render(request, "office/overview/page.html", context)
