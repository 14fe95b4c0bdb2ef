"""Errors of the API as problem details (RFC 9457): in its views, and whatever goes wrong around them."""

import logging
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler

from core.errors import DomainError, Fault, Invalid, TryLater

log = logging.getLogger(__name__)
PROBLEM_TYPE = "application/problem+json"
# What Django raises when the database is away, or too busy to take a change.
DATABASE_AWAY = (OperationalError, InterfaceError)
DATABASE_BACK_AFTER = 10  # seconds


def problem(
    status_code: int, title: str, detail: str, code: str, faults: tuple[Fault, ...] = (), **data: Any
) -> Response:
    """One problem response; `errors` has an entry for every fault."""
    body = _body(status_code, title, detail, code, **data)
    if faults:
        body["errors"] = [
            {"pointer": fault.pointer, "detail": fault.detail, "code": fault.code, **fault.data}
            for fault in faults
        ]
    return Response(body, status=status_code, content_type=PROBLEM_TYPE)


def _body(status_code: int, title: str, detail: str, code: str, **data: Any) -> dict[str, Any]:
    """`type` is the address of the page that explains the code."""
    return {
        "type": f"/problems/{code}",
        "title": title,
        "status": status_code,
        "detail": detail,
        "code": code,
        **data,
    }


def faults_of(detail: Any, pointer: str = "") -> Iterator[Fault]:
    """DRF's nested error structure as flat faults with JSON pointers."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            step = "" if name == "non_field_errors" else f"/{name}"
            yield from faults_of(inner, pointer + step)
    elif isinstance(detail, list) and any(isinstance(inner, dict) for inner in detail):
        for number, inner in enumerate(detail):
            yield from faults_of(inner, f"{pointer}/{number}")
    elif isinstance(detail, list):
        for inner in detail:
            yield from faults_of(inner, pointer)
    else:
        yield Fault(pointer or "/", str(detail), getattr(detail, "code", "invalid"))


def problem_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: the one place where an error of the API becomes a response."""
    if isinstance(error, DomainError):
        faults = error.faults if isinstance(error, Invalid) else ()
        answer = problem(error.status, _title(error.status), error.sentence, error.code, faults, **error.data)
        if isinstance(error, TryLater):
            answer["Retry-After"] = str(error.retry_after_seconds)
        return answer
    if isinstance(error, exceptions.ValidationError):
        faults = tuple(faults_of(error.detail))
        detail = _("%(count)d things are wrong with what was sent.") % {"count": len(faults)}
        return problem(status.HTTP_422_UNPROCESSABLE_ENTITY, _title(422), detail, "invalid", faults)
    if isinstance(error, (Http404, PermissionDenied)):
        return problem(404, _title(404), _("There is nothing here that you may see."), "not-found")
    if isinstance(error, DATABASE_AWAY):
        log.error("the database does not answer: %s", error)
        answer = problem(503, _title(503), _database_away(), TryLater.code)
        answer["Retry-After"] = str(DATABASE_BACK_AFTER)
        return answer
    response = exception_handler(error, context)
    if response is None or not isinstance(error, exceptions.APIException):
        return None
    answer = problem(response.status_code, _title(response.status_code), str(error.detail), _code(error))
    for header in ("WWW-Authenticate", "Retry-After", "Allow"):
        if header in response:
            answer[header] = response[header]
    return answer


def _code(error: exceptions.APIException) -> str:
    codes = error.get_codes()
    return codes.replace("_", "-") if isinstance(codes, str) else "invalid"


def _title(status_code: int) -> str:
    titles = {
        400: _("Cannot be read"),
        401: _("A valid key is needed"),
        403: _("Not allowed"),
        404: _("Not found"),
        405: _("Not possible here"),
        409: _("Conflicts with what is stored"),
        415: _("Send JSON or XML"),
        422: _("Not accepted"),
        429: _("Too many requests"),
        500: _("Something broke on our side"),
        503: _("Try again later"),
    }
    return titles.get(status_code, _("Refused"))


def _database_away() -> str:
    return _("The portal's database does not answer now. Send the same again in a moment.")


def is_api(request: HttpRequest) -> bool:
    """Whether a program has asked, that reads no pages: everything under /api/, in any case."""
    return f"{request.path_info.lower()}/".startswith("/api/")


def json_problem(status_code: int, detail: str, code: str) -> JsonResponse:
    """A problem outside of the API's views."""
    body = _body(status_code, _title(status_code), detail, code)
    return JsonResponse(body, status=status_code, content_type=PROBLEM_TYPE)


@csrf_exempt
def no_such_route(request: HttpRequest) -> JsonResponse:
    """Every path under /api/ that is no route, whatever the method."""
    detail = _("There is no such route. Look at its spelling and at the slashes.")
    return json_problem(404, detail, "not-found")


def internal_error(request: HttpRequest, error: BaseException | None) -> JsonResponse:
    """What was raised around the API's views, or by a bug in one."""
    if isinstance(error, DATABASE_AWAY):
        answer = json_problem(503, _database_away(), TryLater.code)
        answer["Retry-After"] = str(DATABASE_BACK_AFTER)
        return answer
    detail = _("An error of the portal. If it happens again, tell head office this number: %(number)s.")
    number = request.META.get("HTTP_X_REQUEST_ID", "")
    return json_problem(500, detail % {"number": number}, "internal-error")
