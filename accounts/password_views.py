"""Choosing a password with the link of a mail, and asking for such a mail."""

from django.contrib.auth.forms import SetPasswordForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts import inviting, links
from accounts.audience import Audience, for_audience
from accounts.forms import ForgotForm
from accounts.login import count_mail, log_in
from accounts.models import User
from accounts.requests import kind_of_device


@for_audience(Audience.EVERYBODY)
@require_http_methods(["GET", "POST"])
def choose_password(request: HttpRequest, link: str) -> HttpResponse:
    """With a valid link a person chooses a password, and is logged in."""
    now = timezone.now()
    person = links.person_of(link, now)
    if person is None:
        return render(request, "accounts/link_over.html", status=410)
    form: SetPasswordForm[User] = SetPasswordForm(person, request.POST or None)
    if request.method == "POST" and form.is_valid():
        inviting.choose_password(person, form.cleaned_data["new_password1"], now, kind_of_device(request))
        return log_in(request, person)
    context = {"form": form, "who": person, "is_invited": person.invited_at is not None}
    return render(request, "accounts/choose_password.html", context, status=422 if form.errors else 200)


@for_audience(Audience.EVERYBODY)
@require_http_methods(["GET", "POST"])
def forgot_password(request: HttpRequest) -> HttpResponse:
    """A mail with a link, if the address is known; the answer is the same if it is not."""
    form = ForgotForm(request.POST or None)
    is_asked = request.method == "POST" and form.is_valid()
    if is_asked:
        count_mail(request, form.cleaned_data["email"].strip().lower())
        inviting.forgot(form.cleaned_data["email"], timezone.now())
    context = {"form": form, "is_asked": is_asked}
    return render(request, "accounts/forgot_password.html", context, status=422 if form.errors else 200)
