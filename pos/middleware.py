"""Makes sure that it is known who works at the tablet before an action is recorded under their name."""

from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audience import OF_THE_SHOP, audience_of
from accounts.device import act_as, needs_pin
from accounts.models import User
from core.errors import Conflict
from core.middleware import previous_page, refusal

Answer = Callable[[HttpRequest], HttpResponse]
View = TypeVar("View", bound=Callable[..., object])


def anonymous_ok(view: View) -> View:
    """Marks a view of the shop that needs no person: the tablet's report, and saying who it is."""
    view.needs_no_name = True  # type: ignore[attr-defined]
    return view


def may_wait(view: View) -> View:
    """Marks a view whose taps may wait for the network: `as` says who tapped, who may have left since."""
    view.may_wait = True  # type: ignore[attr-defined]
    return view


class require_person:  # noqa: N801 - reads as a function in the list of middleware
    """Asks for a PIN before an action when nobody is at the tablet, or when the shop always wants to know."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., object], args: object, kwargs: object
    ) -> HttpResponse | None:
        """None lets the view run."""
        if request.method in ("GET", "HEAD") or audience_of(view) not in OF_THE_SHOP:
            return None
        if not isinstance(request.user, User):
            return None  # redirected to the log-in next
        if getattr(view, "needs_no_name", False):
            return None
        tapper = request.POST.get("as", "")
        if tapper and getattr(view, "may_wait", False):
            return None if _stands_in(request, tapper) else _not_known_here(request)
        return _ask(request) if needs_pin(request) else None


def _stands_in(request: HttpRequest, tapper: str) -> bool:
    known = tapper.isascii() and tapper.isdigit() and len(tapper) < 10
    return known and act_as(request, int(tapper), timezone.now())


def _not_known_here(request: HttpRequest) -> HttpResponse:
    sentence = _("Who tapped this is not known at this tablet: enter her PIN, or pick the piece anew.")
    return refusal(request, Conflict(sentence, code="not-known-here"))


def _ask(request: HttpRequest) -> HttpResponse:
    """409 that leads to the page of the shop's people, and from there back."""
    answer = refusal(request, Conflict(_("Who is it? Say so first, then tap again."), code="who-is-it"))
    where = f"{reverse('pos-who')}?{urlencode({'next': previous_page(request)})}"
    if getattr(request, "htmx", False):
        answer["HX-Redirect"] = where
    else:
        answer["Refresh"] = f"0; url={where}"
    return answer
