"""Logging in and out, the language, and the way to one's own home."""

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import views as auth_views
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from accounts.access import sees_the_whole_group
from accounts.audience import Audience, for_audience
from accounts.doors import person
from accounts.models import User
from accounts.standing import prolong


class LoginForm(AuthenticationForm):
    """Mail address and password; the address in any case."""

    def clean_username(self) -> str:
        return str(self.cleaned_data["username"]).strip().lower()


class Login(auth_views.LoginView):
    """Leads to where she wanted, never back to itself: Django gives up on such a circle."""

    def get_redirect_url(self) -> str:  # type: ignore[override]  # the types are those of Django 6
        wanted = super().get_redirect_url()
        return "" if urlsplit(wanted).path == self.request.path else wanted

    def get_default_redirect_url(self) -> str:
        user = self.request.user
        is_operator = isinstance(user, User) and user.is_operator
        return reverse("admin:index") if is_operator else super().get_default_redirect_url()

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        answer = super().form_valid(form)
        # It has just begun.
        prolong(self.request.session, timezone.now(), self.request.headers.get("User-Agent", ""))
        return answer


login = for_audience(Audience.EVERYBODY)(
    Login.as_view(
        template_name="accounts/login.html", authentication_form=LoginForm, redirect_authenticated_user=True
    )
)
logout = for_audience(Audience.EVERYBODY)(auth_views.LogoutView.as_view())


@for_audience(Audience.PERSON)
def home(request: HttpRequest) -> HttpResponse:
    """Head office has its overview, a shop its queue."""
    return redirect("dashboard" if sees_the_whole_group(person(request)) else "pos")


@for_audience(Audience.EVERYBODY)
@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Keeps the language with the person, or in a cookie before she has logged in."""
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure()):
        back = "/"
    answer = redirect(back)
    language = request.POST.get("language", "")
    if language in dict(settings.LANGUAGES):
        if isinstance(request.user, User):
            person(request).speak(language)
        answer.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=365 * 24 * 3600, samesite="Lax")
    return answer
