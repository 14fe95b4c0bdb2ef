"""Pages for what is not there and for what broke; they need no database."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Also for what somebody may not see: it does not exist for her."""
    return render(request, "core/not_found.html", status=404)


def broken(request: HttpRequest) -> HttpResponse:
    """A fault of the portal's own; the request id helps to find it."""
    return render(request, "core/broken.html", status=500)
