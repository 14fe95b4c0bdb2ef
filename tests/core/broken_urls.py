"""The portal's URLs, and one whose view raises an exception."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from accounts.audience import Audience, for_audience
from config import urls

handler404, handler500 = urls.handler404, urls.handler500


@for_audience(Audience.EVERYBODY)
def breaks(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError("the secret of the house")


urlpatterns = [path("breaks/", breaks, name="breaks"), *urls.urlpatterns]
