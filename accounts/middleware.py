"""Middleware for access, the session of a device, and the language."""

import logging
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation.trans_real import parse_accept_lang_header

from accounts import logged_out
from accounts.audience import Audience, audience_of, belongs_to
from accounts.device import extend_session, identity, record_tap
from accounts.models import User
from accounts.requests import tells_who_manages, viewer_of
from accounts.second_factor import must_set_up
from accounts.sessions import record_use
from core import logs
from core.middleware import previous_page

log = logging.getLogger(__name__)
SECOND_FACTOR_PAGES = ("mfa_activate_totp", "account_reauthenticate")

GetResponse = Callable[[HttpRequest], HttpResponse]


def device_stays_logged_in(get_response: GetResponse) -> GetResponse:
    """A device in use stays logged in, and the person who uses it stays signed on while they tap."""

    def handle(request: HttpRequest) -> HttpResponse:
        was_in = isinstance(request.user, User)
        if was_in:
            now = timezone.now()
            extend_session(request.session, now, request.headers.get("User-Agent", ""))
            record_use(request.session, now)
            record_tap(request, now)
        answer = get_response(request)
        if isinstance(request.user, User) and request.session.modified:
            logged_out.remember(answer, request.user)
        elif was_in and not isinstance(request.user, User):
            logged_out.forget(answer)
        return answer

    return handle


def language_of_the_person(get_response: GetResponse) -> GetResponse:
    """Their own choice, else the browser's, else the Group's; times are those of the Group."""

    def handle(request: HttpRequest) -> HttpResponse:
        user = identity(request).person if isinstance(request.user, User) else None
        chosen = (user.language if user else "") or _the_browsers(request)
        if not chosen:
            chosen = user.group.language if user else "en"
        zone = user.group.time_zone if user else timezone.get_default_timezone()
        with translation.override(chosen), timezone.override(zone):
            response = get_response(request)
            response.setdefault("Content-Language", translation.get_language() or "en")
        return response

    return handle


def _the_browsers(request: HttpRequest) -> str:
    """What was chosen before the log-in, else the browser's first language that the portal has, else ""."""
    cookie = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    accepted = parse_accept_lang_header(request.headers.get("Accept-Language", "").lower())
    for code in (cookie, *(language for language, _weight in accepted)):
        try:
            return translation.get_supported_language_variant(code)
        except LookupError:
            continue
    return ""


class audience_of_the_view:  # noqa: N801 - reads as a function in the list of middleware
    """Admits to a view only its audience; a view without an audience admits nobody."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., object], args: object, kwargs: object
    ) -> HttpResponse | None:
        """None lets the request go on; others are redirected to the log-in or get 404."""
        return refused_access(request, view)


def refused_access(request: HttpRequest, view: Callable[..., object]) -> HttpResponse | None:
    """None when they belong to the view's audience; else where they have to go first. 404 for all others."""
    audience = audience_of(view)
    if audience in (Audience.EVERYBODY, Audience.WEB_SHOP, Audience.MONITOR):
        return None  # the API checks the key of a web shop itself, and /metrics its token
    if audience == Audience.MANAGER and tells_who_manages(view):
        audience = Audience.SHOP
    if audience is not None and _belongs(request, audience):
        return _to_the_second_factor(request)
    if audience is None or isinstance(request.user, User):
        log.warning("refused access to a view", extra={"view": _name_of(request)})
        raise Http404
    return _to_the_login(request)


def not_kept(get_response: GetResponse) -> GetResponse:
    """No browser and no proxy keeps what only some may see: on a shared tablet Back would show it after the
    log-out."""

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        match = request.resolver_match
        if match is not None and audience_of(match.func) != Audience.EVERYBODY:
            response.setdefault("Cache-Control", "private, no-store")
        return response

    return handle


def _belongs(request: HttpRequest, audience: Audience) -> bool:
    if not isinstance(request.user, User):
        return False
    viewer = viewer_of(request)
    logs.bind(group=viewer.group_id, person=viewer.user.pk)
    return belongs_to(viewer, audience)


def _name_of(request: HttpRequest) -> str:
    return request.resolver_match.view_name if request.resolver_match else ""


def _to_the_second_factor(request: HttpRequest) -> HttpResponse | None:
    """Redirects people whose Group requires a second factor until they have set one up."""
    match, user = request.resolver_match, request.user
    if not isinstance(user, User) or (match and match.url_name in SECOND_FACTOR_PAGES):
        return None
    return _whole_page(request, reverse("mfa_activate_totp")) if must_set_up(user) else None


def _to_the_login(request: HttpRequest) -> HttpResponse:
    is_read = request.method in ("GET", "HEAD")
    if getattr(request, "htmx", False):
        back = request.headers.get("HX-Current-URL", "/")
    else:
        # The log-in redirects by GET, and the URL of an action has no page.
        back = request.get_full_path() if is_read else previous_page(request)
    login = redirect_to_login(back)["Location"]
    # The whole browser goes to the log-in, not only the fragment.
    return _whole_page(request, login if is_read else f"{login}&{logged_out.UNSAVED}=1")


def _whole_page(request: HttpRequest, to: str) -> HttpResponse:
    """Redirects the whole browser, also when htmx has asked for a fragment."""
    if not getattr(request, "htmx", False):
        return redirect(to)
    answer = HttpResponse(status=204)
    answer["HX-Redirect"] = to
    return answer
