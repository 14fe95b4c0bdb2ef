"""Head office begins a rehearsal, in which nothing is posted to DdD, or switches over."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.audience import Audience, for_audience
from accounts.requests import person
from core.forms import refused
from orders import rehearsal


class RehearsalForm(forms.Form):
    """What is to happen, by name, so that two people who press at once do the same."""

    decision = forms.ChoiceField(choices=[("begin", ""), ("switch over", "")])
    password = forms.CharField(max_length=200, strip=False)


@for_audience(Audience.HEAD_OFFICE)
@require_http_methods(["GET", "POST"])
def rehearse(request: HttpRequest) -> HttpResponse:
    """What will happen when the Group switches over, and the button that does it."""
    user, now = person(request), timezone.now()
    if request.method == "POST":
        form = RehearsalForm(request.POST)
        if not form.is_valid():
            raise refused(form)
        if form.cleaned_data["decision"] == "begin":
            rehearsal.begin(user.group, form.cleaned_data["password"], user, now)
            messages.success(request, _("The rehearsal has begun: nothing is posted to DdD."))
        else:
            rehearsal.switch_over(user.group, form.cleaned_data["password"], user, now)
            messages.success(request, _("Switched over: from now on the portal books in DdD."))
        return redirect("rehearsal")
    context = {"prospect": rehearsal.prospect(user.group), "here": "policies"}
    return render(request, "office/policies/rehearsal.html", context)
