"""Middleware for every request: an id, static files, compression, a content security policy, refusals."""

import re
import time
import uuid
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import render
from django.urls import is_valid_path
from django.utils.http import url_has_allowed_host_and_scheme
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile

from core import headers, logs, measures
from core.errors import DomainError, TooMany

GetResponse = Callable[[HttpRequest], HttpResponse]
TEXT = re.compile(r"text/.+|.+[/+](?:json|xml|javascript)")
GOOD_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


def measured(get_response: GetResponse) -> GetResponse:
    """Counts answers and how long they took, for `/metrics`. Files of style and scripts are not counted."""

    def handle(request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = get_response(request)
        route = request.resolver_match
        if route or not request.path_info.startswith(settings.STATIC_URL):
            name = route.view_name if route else "nothing"
            measures.count(name, request.method or "", response.status_code, time.perf_counter() - began)
        return response

    return handle


def request_id(get_response: GetResponse) -> GetResponse:
    """Echoes the caller's X-Request-ID, or makes one, so that a support call can name it. All lines of the
    request's log have it."""

    def handle(request: HttpRequest) -> HttpResponse:
        received = request.headers.get("X-Request-ID", "")
        name = received if GOOD_ID.fullmatch(received) else uuid.uuid4().hex
        request.META["HTTP_X_REQUEST_ID"] = name
        logs.begin(request_id=name, client=request.META.get("REMOTE_ADDR", ""))
        response = get_response(request)
        response["X-Request-ID"] = name
        return response

    return handle


def safe_headers(get_response: GetResponse) -> GetResponse:
    """What a browser may do with an answer."""

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        for name, value in headers.EVERYWHERE.items():
            response.setdefault(name, value)
        return response

    return handle


class static_files(WhiteNoiseMiddleware):  # type: ignore[misc]  # noqa: N801 - reads as a function in the list of middleware
    """Before all other middleware: these files are everybody's."""

    def add_files(self, root: str, prefix: str | None = None) -> None:
        """Nothing is collected for a demo."""
        if Path(root).is_dir():
            super().add_files(root, prefix)

    @staticmethod
    def serve(static_file: StaticFile, request: HttpRequest) -> HttpResponse:
        """Whole, as none is large: one that is read while it is sent needs a thread for each piece."""
        found = static_file.get_response(request.method, request.META)
        answer = HttpResponse(found.file.read() if found.file else b"", status=int(found.status))
        if found.file:
            found.file.close()
        del answer["Content-Type"]
        for name, value in found.headers:
            answer[name] = value
        return answer


class compressed(GZipMiddleware):  # noqa: N801 - likewise
    """Pages and answers of the API. Files are streamed, so that a browser sees how much is to come, or are
    compressed already."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Adds random bytes, so that the length tells nothing of what is in a page (BREACH)."""
        kind = response.get("Content-Type", "").partition(";")[0]
        if response.streaming or not TEXT.fullmatch(kind):
            return response
        return super().process_response(request, response)


def redirect_get_of_post_urls(get_response: GetResponse) -> GetResponse:
    """A browser that opens the URL of an action by GET is redirected to the page above it."""

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        is_a_page = "text/html" in request.headers.get("Accept", "")  # scripts get the 405
        if isinstance(response, HttpResponseNotAllowed) and request.method == "GET" and is_a_page:
            return HttpResponseRedirect(_above(request.path))
        return response

    return handle


def _above(path: str) -> str:
    above = path.rstrip("/").rpartition("/")[0] + "/"
    return above if is_valid_path(above) else _above(above)


class domain_errors:  # noqa: N801 - reads as a function in the list of middleware
    """A refusal becomes a page that says what happened and what to do; htmx gets the fragment only."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answers DomainErrors; every other exception goes on to Django."""
        if not isinstance(error, DomainError):
            return None
        return refusal(request, error)


def refusal(request: HttpRequest, error: DomainError) -> HttpResponse:
    """The page of a refusal, or its fragment when htmx asked."""
    fragment = bool(getattr(request, "htmx", False))
    template = "core/_refusal.html" if fragment else "core/refusal.html"
    context = {"error": error, "back": previous_page(request)}
    response = render(request, template, context, status=error.status)
    response["X-Refusal"] = error.code
    if isinstance(error, TooMany):
        response["Retry-After"] = str(error.retry_after_seconds)
    if fragment:
        response["HX-Retarget"] = "#refusal"
        response["HX-Reselect"] = "#refusal-text"
        response["HX-Reswap"] = "innerHTML"
        # The page may be out of date: it fetches itself anew below the sentence.
        response["HX-Trigger"] = "portal:changed"
    return response


def previous_page(request: HttpRequest) -> str:
    """The page of this site that they came from, else the start page."""
    referer = request.headers.get("Referer", "")
    known = url_has_allowed_host_and_scheme(referer, {request.get_host()}, request.is_secure())
    return referer if known else "/"
