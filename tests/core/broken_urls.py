"""The portal's URLs, and some whose views raise an exception or are meant for forms."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import path

from accounts.audience import Audience, for_audience
from config import urls

handler400, handler403 = urls.handler400, urls.handler403
handler404, handler500 = urls.handler404, urls.handler500


@for_audience(Audience.EVERYBODY)
def breaks(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError("the secret of the house")


@for_audience(Audience.EVERYBODY)
def forbids(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied("the secret of the house")


@for_audience(Audience.EVERYBODY)
def form(request: HttpRequest) -> HttpResponse:
    return HttpResponse("stored")


urlpatterns = [
    path("breaks/", breaks, name="breaks"),
    path("api/breaks", breaks, name="api-breaks"),
    path("api/forbids", forbids, name="api-forbids"),
    path("api/form", form, name="api-form"),
    *urls.urlpatterns,
]
