"""What the doors of every app share."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.models import User
from accounts.standing import standing


def person(request: HttpRequest) -> User:
    """Who does what is asked here: who stands at the device, else who is logged in on it. The audience of the
    view has made sure that somebody is."""
    return standing(request).person


def who_is_there(request: HttpRequest) -> dict[str, object]:
    """For templates of pages where somebody is logged in: `standing`. Asked only where it is shown, for the
    page that says that something broke has no database."""
    return {"standing": SimpleLazyObject(lambda: standing(request))}
