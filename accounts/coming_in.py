"""How somebody who has shown that it is she gets her log-in."""

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from accounts.models import User
from accounts.standing import prolong


def come_in(request: HttpRequest, person: User) -> HttpResponse:
    """Logs her in, and leads her home."""
    login(request, person)
    prolong(request.session, timezone.now(), request.headers.get("User-Agent", ""))
    return redirect("home")
