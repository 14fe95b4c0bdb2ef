"""What a tablet shows without a network: one page, and the service worker that keeps it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.audience import Audience, for_audience


@for_audience(Audience.EVERYBODY)
@require_GET
def offline(request: HttpRequest) -> HttpResponse:
    """Cached by the browser, so it contains no order data; its script adds the picks that wait in the
    browser."""
    return render(request, "pos/offline.html")


@for_audience(Audience.EVERYBODY)
@require_GET
def service_worker(request: HttpRequest) -> HttpResponse:
    """Not under /static/, because a service worker only controls pages below its own path."""
    answer = render(request, "pos/sw.js", content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = "no-cache"
    return answer
