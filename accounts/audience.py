"""Every screen names its audience; everybody else gets 404."""

from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

from accounts.access import managed_shops_of
from accounts.models import User
from accounts.viewer import Viewer


class Audience(StrEnum):
    """Who may open a URL."""

    EVERYBODY = "everybody"
    PERSON = "person"
    SHOP = "shop"
    MANAGER = "shop manager"
    HEAD_OFFICE = "head office"
    WEB_SHOP = "web shop"
    MONITOR = "monitor"
    OPERATOR = "operator"
    HEAD_OFFICE_OR_OPERATOR = "head office or operator"
    LOGGED_IN = "logged in"


OF_THE_SHOP = (Audience.SHOP, Audience.MANAGER)
OF_AN_OPERATOR = (Audience.OPERATOR, Audience.HEAD_OFFICE_OR_OPERATOR, Audience.LOGGED_IN)

View = TypeVar("View", bound=Callable[..., object])


def for_audience(audience: Audience) -> Callable[[View], View]:
    """Marks a view with its audience, which `accounts.middleware.audience_of_the_view` checks."""

    def mark(view: View) -> View:
        view.audience = audience  # type: ignore[attr-defined]
        return view

    return mark


def audience_of(view: Callable[..., object]) -> Audience | None:
    """The audience that a view function, or the class behind it, was marked with; None admits nobody."""
    behind = getattr(view, "cls", None) or getattr(view, "view_class", None) or view
    return getattr(view, "audience", None) or getattr(behind, "audience", None)


def belongs_to(viewer: Viewer, audience: Audience) -> bool:
    """Whether a person is of this audience, and the device's own user is as well; web shops have a key and
    are no person. A shop manager may use any device of the shop."""
    if audience == Audience.MANAGER:
        return belongs_to(viewer, Audience.SHOP) and managed_shops_of(viewer).exists()
    if not _is_of(viewer.user, audience):
        return False
    return viewer.is_at_own_device or _is_of(viewer.device_user, audience)


def _is_of(user: User, audience: Audience) -> bool:
    if audience == Audience.EVERYBODY:
        return True
    if not user.is_active:
        return False
    if user.is_operator or audience == Audience.OPERATOR:
        # They run the portal and see nothing of what a Group does in it.
        return user.is_operator and audience in OF_AN_OPERATOR
    if audience in (Audience.HEAD_OFFICE, Audience.HEAD_OFFICE_OR_OPERATOR):
        return user.is_head_office
    if audience == Audience.SHOP:
        # Also people who are in no shop yet: the queue tells them so.
        return not user.is_head_office or user.memberships.exists()
    return audience in (Audience.PERSON, Audience.LOGGED_IN)
