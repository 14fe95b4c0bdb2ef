"""Error pages (404, 429, 500, CSRF); they need no database."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from core.errors import DomainError, TooMany
from core.middleware import refusal


class StaleForm(DomainError):
    """The form was made before the last log-in, or by another site."""

    code = "stale-form"
    status = 403


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Also for what somebody may not see: it does not exist for them."""
    return render(request, "core/not_found.html", status=404)


def broken(request: HttpRequest) -> HttpResponse:
    """An error of the portal; the request id helps to find it in the logs."""
    return render(request, "core/broken.html", status=500)


def too_many(request: HttpRequest) -> HttpResponse:
    """Too many requests, as a page."""
    return refusal(request, TooMany(_("Too many tries. Wait 5 minutes, then try again.")))


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's CSRF check failed; mostly the page was open since before the last log-in."""
    sentence = _("This page was out of date, so nothing was stored. Open it anew and try once more.")
    return refusal(request, StaleForm(sentence))
