"""Helpers for the views of all apps."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol, TypeVar

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from accounts.access import must_manage
from accounts.audience import Audience, for_audience
from accounts.device import device, identity
from accounts.models import Shop, User
from accounts.second_factor import security_notices
from accounts.sessions import describe_device
from accounts.viewer import Viewer


class HasShop(Protocol):
    """A row that belongs to a shop."""

    @property
    def shop(self) -> Shop: ...


Row = TypeVar("Row", bound=HasShop)


def person(request: HttpRequest) -> User:
    """Who acts in this request: the person signed on at the device, else who is logged in on it. The audience
    of the view has made sure that there is one."""
    return identity(request).person


def viewer_of(request: HttpRequest) -> Viewer:
    """The same person with the user of the device: every access rule takes this."""
    return identity(request).viewer


def viewer_context(request: HttpRequest) -> dict[str, object]:
    """For templates of pages where somebody is logged in: `identity`. Lazy, because the page for errors
    must not need the database."""
    return {"identity": SimpleLazyObject(lambda: identity(request))}


def kind_of_device(request: HttpRequest) -> str:
    """ "Chrome, Android", from the User-Agent; empty when neither is known."""
    return describe_device(request.headers.get("User-Agent", ""))


def for_manager_of(
    find: Callable[[Viewer, int], Row],
) -> Callable[[Callable[[HttpRequest, Row], HttpResponse]], Callable[[HttpRequest, int], HttpResponse]]:
    """Marks a view in which the manager of its shop does something with one row. `find` gives the row that
    the URL names, or 404 when the viewer may not see it. People who may see it but do not manage its shop
    get a 409 that says who may do it."""

    def mark(view: Callable[[HttpRequest, Row], HttpResponse]) -> Callable[[HttpRequest, int], HttpResponse]:
        @wraps(view)
        def handle(request: HttpRequest, pk: int) -> HttpResponse:
            viewer = viewer_of(request)
            row = find(viewer, pk)
            must_manage(viewer.user, row.shop)
            return view(request, row)

        handle.tells_who_manages = True  # type: ignore[attr-defined]
        return for_audience(Audience.MANAGER)(handle)

    return mark


def tells_who_manages(view: Callable[..., object]) -> bool:
    """Whether a view for managers admits everybody of the shop, and answers them with its own 409."""
    return getattr(view, "tells_who_manages", False)


def notifies_user(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Wraps a library's view that changes how they log in: in one transaction with the mail about it."""

    @wraps(view)
    def handle(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST":
            return view(request, *args, **kwargs)
        with security_notices(device(request), kind_of_device(request), timezone.now()):
            return view(request, *args, **kwargs)

    return handle
