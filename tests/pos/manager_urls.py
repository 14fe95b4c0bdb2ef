"""The portal's own addresses, and a screen that is the shop manager's alone."""

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_http_methods

from accounts.audience import Audience, for_audience
from accounts.requests import person
from config import urls

handler404, handler500 = urls.handler404, urls.handler500


@for_audience(Audience.MANAGER)
@require_http_methods(["GET", "POST"])
def staffing(request: HttpRequest) -> HttpResponse:
    """Says to whom it was shown, or who did something there."""
    return HttpResponse(person(request).name)


urlpatterns = [path("pos/staffing/", staffing, name="staffing"), *urls.urlpatterns]
