"""Log-in, log-out, the language, and the redirect to one's own home page."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import views as auth_views
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from accounts import logged_out
from accounts.access import sees_the_whole_group
from accounts.audience import Audience, for_audience
from accounts.device import device
from accounts.login import count_attempt, count_failure, log_in, reset_attempts
from accounts.models import User
from accounts.requests import person, viewer_of


class LoginForm(AuthenticationForm):
    """Mail address and password; the address in any case."""

    def clean_username(self) -> str:
        return str(self.cleaned_data["username"]).strip().lower()


class Login(auth_views.LoginView):
    """Redirects to the requested page, but never to itself: Django raises an error for such a loop."""

    def get_redirect_url(self) -> str:  # type: ignore[override]  # the types are those of Django 6
        url = super().get_redirect_url()
        return "" if urlsplit(url).path == self.request.path else url

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        is_unsaved = logged_out.UNSAVED in self.request.GET
        return super().get_context_data(
            why_out=logged_out.reason(self.request), is_unsaved=is_unsaved, **kwargs
        )

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        count_attempt(request, _typed(request))
        return super().post(request, *args, **kwargs)

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        count_failure(self.request, _typed(self.request))
        return super().form_invalid(form)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        reset_attempts(self.request, _typed(self.request))
        user = form.get_user()
        assert isinstance(user, User)  # noqa: S101 - the portal has no others
        return log_in(self.request, user, self.get_redirect_url() or reverse("home"))


class Logout(auth_views.LogoutView):
    """The browser forgets the pages that it has kept, but not what a tablet stores for itself."""

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        answer = super().post(request, *args, **kwargs)
        answer["Clear-Site-Data"] = '"cache"'
        return answer


def _typed(request: HttpRequest) -> str:
    return request.POST.get("username", "").strip().lower()


login = for_audience(Audience.EVERYBODY)(
    Login.as_view(
        template_name="accounts/login.html", authentication_form=LoginForm, redirect_authenticated_user=True
    )
)
logout = for_audience(Audience.EVERYBODY)(Logout.as_view())


@for_audience(Audience.LOGGED_IN)
def home(request: HttpRequest) -> HttpResponse:
    """Head office has its overview, a shop its queue, an operator Django's admin."""
    if device(request).is_operator:
        return redirect("admin:index")
    return redirect("dashboard" if sees_the_whole_group(viewer_of(request)) else "pos")


@for_audience(Audience.EVERYBODY)
@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Stores the language with the person, or in a cookie before they have logged in."""
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure()):
        back = "/"
    answer = redirect(back)
    language = request.POST.get("language", "")
    if language in dict(settings.LANGUAGES):
        if isinstance(request.user, User):
            person(request).set_language(language)
        answer.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=365 * 24 * 3600, samesite="Lax")
    return answer
