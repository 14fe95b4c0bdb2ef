"""Error pages (400, 403, 404, 429, 500, CSRF); they need no database.

Under /api/ programs ask, so there each of them is a problem in JSON.
"""

import sys

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views import defaults

from core.errors import DomainError, TooMany
from core.middleware import refusal
from core.problems import internal_error, is_api, json_problem


class StaleForm(DomainError):
    """The form was made before the last log-in, or by another site."""

    code = "stale-form"
    status = 403


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Its host, cookies or size are not what Django takes."""
    if is_api(request):
        detail = _("This request cannot be read. Look at its address and its headers.")
        return json_problem(400, detail, "bad-request")
    return defaults.bad_request(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's PermissionDenied; the portal itself answers 404."""
    if is_api(request):
        return json_problem(403, _("This key may not do this."), "forbidden")
    return defaults.permission_denied(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Also for what somebody may not see: it does not exist for them."""
    if is_api(request):
        return json_problem(404, _("There is nothing here that you may see."), "not-found")
    return render(request, "core/not_found.html", status=404)


def broken(request: HttpRequest) -> HttpResponse:
    """An error of the portal; the request id helps to find it in the logs."""
    if is_api(request):
        return internal_error(request, sys.exc_info()[1])
    return render(request, "core/broken.html", status=500)


def too_many(request: HttpRequest) -> HttpResponse:
    """Too many requests, as a page."""
    return refusal(request, TooMany(_("Too many tries. Wait 5 minutes, then try again.")))


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's CSRF check failed; mostly the page was open since before the last log-in."""
    sentence = _("This page was out of date, so nothing was stored. Open it anew and try once more.")
    if is_api(request):
        return json_problem(403, sentence, StaleForm.code)
    return refusal(request, StaleForm(sentence))
