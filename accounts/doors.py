"""What the doors of every app share."""

from django.http import HttpRequest

from accounts.models import User
from accounts.standing import standing


def person(request: HttpRequest) -> User:
    """Who does what is asked here: who stands at the device, else who is logged in on it. The audience of the
    view has made sure that somebody is."""
    return standing(request).person


def who_is_there(request: HttpRequest) -> dict[str, object]:
    """For every template: `standing`, where somebody is logged in."""
    return {"standing": standing(request) if isinstance(getattr(request, "user", None), User) else None}
