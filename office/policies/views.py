"""Head office's screens of settings: what is decided, what it means, and who changed what when."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.audience import Audience, for_audience
from accounts.models import User
from accounts.requests import person
from ddd.sending import listing
from office.policies.ddd_form import DddForm
from office.policies.forms import PersonalDataForm, WorkForm
from office.policies.meaning import meaning_of_forgetting, meaning_of_work
from office.policies.setting_changes import page_of
from orders.models import Policy


@for_audience(Audience.HEAD_OFFICE)
@require_http_methods(["GET", "POST"])
def work(request: HttpRequest) -> HttpResponse:
    """How shops of the Group work: alert, picking, proof, promise and collecting."""
    user, now = person(request), timezone.now()
    form = WorkForm(request.POST if request.method == "POST" else None, user.group)
    # After a dry run what was typed may come back to be changed once more.
    is_kept = request.method == "POST" and "again" not in request.POST
    if is_kept and form.is_valid() and form.keep(user, now):
        messages.success(request, _("Saved. It counts from now on in every shop."))
        return redirect("policies")
    return work_page(request, user, form, now)


def work_page(request: HttpRequest, user: User, form: WorkForm, now: datetime) -> HttpResponse:
    """The page of the policy, with what was typed."""
    context = {
        "form": form,
        # The form may hold what was refused.
        "meaning": meaning_of_work(Policy.of(user.group), user.group, now),
        "here": "policies",
    }
    return render(request, "office/policies/page.html", context, status=422 if form.errors else 200)


@for_audience(Audience.HEAD_OFFICE)
@require_http_methods(["GET", "POST"])
def personal_data(request: HttpRequest) -> HttpResponse:
    """How long it is kept who a customer was."""
    user, now = person(request), timezone.now()
    form = PersonalDataForm(request.POST if request.method == "POST" else None, user.group)
    if request.method == "POST" and form.is_valid() and form.keep(user, now):
        messages.success(request, _("Saved. It counts from the coming night on."))
        return redirect("personal-data")
    context = {
        "form": form,
        "meaning": meaning_of_forgetting(Policy.of(user.group), now),
        "here": "policies",
    }
    return render(request, "office/policies/personal_data.html", context, status=422 if form.errors else 200)


@for_audience(Audience.HEAD_OFFICE)
@require_http_methods(["GET", "POST"])
@never_cache
def ddd(request: HttpRequest) -> HttpResponse:
    """How DdD is reached, and the words and numbers that are used there."""
    user, now = person(request), timezone.now()
    form = DddForm(request.POST if request.method == "POST" else None, user.group)
    if request.method == "POST" and form.is_valid() and form.keep(user, now):
        messages.success(request, _("Saved. It counts from the next call to DdD on."))
        return redirect("ddd-settings")
    context = {"form": form, "firsts": listing.measured(user.group_id), "here": "policies"}
    return render(request, "office/policies/ddd.html", context, status=422 if form.errors else 200)


@for_audience(Audience.HEAD_OFFICE)
@require_GET
def all_changes(request: HttpRequest, about: str = "") -> HttpResponse:
    """Who changed what when, of one setting or of all, the newest first."""
    user = person(request)
    context = {
        "page": page_of(user.group, about, request.GET.get("after", "")),
        "about": about,
        "first_page": not request.GET.get("after"),
        "here": "policies",
    }
    return render(request, "office/policies/setting_changes.html", context)
