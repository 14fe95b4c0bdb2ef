"""What a tablet shows when the network is gone: one page and the worker in the browser that keeps it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.audience import Audience, for_audience


@for_audience(Audience.EVERYBODY)
@require_GET
def offline(request: HttpRequest) -> HttpResponse:
    """Kept by the browser, so it says nothing of any order; its script adds the picks that wait there."""
    return render(request, "pos/offline.html")


@for_audience(Audience.EVERYBODY)
@require_GET
def service_worker(request: HttpRequest) -> HttpResponse:
    """From here, and not from /static/, for it serves the pages below its own address only."""
    answer = render(request, "pos/sw.js", content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = "no-cache"
    return answer
