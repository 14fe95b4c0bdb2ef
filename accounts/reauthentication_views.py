"""The password once more, before what others could misuse at somebody's desk."""

import json
from typing import Any

from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY
from allauth.account.views import ReauthenticateView
from django.http import HttpResponse
from django.urls import resolve

from accounts.middleware import refused_access


class PasswordAgain(ReauthenticateView):  # type: ignore[misc]  # it has no types
    """The library does the suspended action as soon as the password is right, past all middleware: only for
    whoever still belongs to its audience."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Goes on with the action, or answers as the middleware would."""
        suspended = self.request.session.get(STATE_SESSION_KEY, {}).get("request")
        if suspended:
            self.request.resolver_match = action = resolve(json.loads(suspended)["path"])
            if refusal := refused_access(self.request, action.func):
                return refusal
        answer: HttpResponse = super().form_valid(form)
        return answer
