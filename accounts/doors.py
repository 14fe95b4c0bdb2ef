"""What the doors of every app share."""

from typing import cast

from django.http import HttpRequest

from accounts.models import User


def person(request: HttpRequest) -> User:
    """Who is logged in. The audience of the view has made sure that somebody is."""
    return cast(User, request.user)
