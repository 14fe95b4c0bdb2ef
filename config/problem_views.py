"""The pages behind the `type` of the Public API's problems."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.audience import Audience, for_audience
from core.problem_types import MEANINGS


@for_audience(Audience.EVERYBODY)
def problem_types(request: HttpRequest) -> HttpResponse:
    """Every type."""
    return render(request, "core/problem_types.html", {"meanings": dict(MEANINGS)})


@for_audience(Audience.EVERYBODY)
def problem_type(request: HttpRequest, code: str) -> HttpResponse:
    """One type; Http404 for a code that the API does not have."""
    if code not in MEANINGS:
        raise Http404
    context = {"code": code, "meanings": {code: MEANINGS[code]}}
    return render(request, "core/problem_types.html", context)
