"""Head office's views of the nightly comparison: the report of a day, and what is done about a difference."""

from datetime import date, timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.audience import Audience, for_audience
from accounts.requests import person
from core.forms import refused
from ddd.models import Connection, Difference
from ddd.nightly import reconciling
from office.attention import nightly
from office.attention.decision_forms import DifferenceForm
from office.attention.evidence import names_for
from office.attention.views import work_list_url

ROWS_SHOWN = 200


@for_audience(Audience.HEAD_OFFICE)
@require_GET
def report(request: HttpRequest, day: str = "") -> HttpResponse:
    """What the comparison of one day found: today's when no day is named, else the newest before."""
    user, now = person(request), timezone.now()
    until = request.GET.get("until", "")
    reports = nightly.latest_reports(user.group, _day(until) if until else None)
    if day:
        chosen, shown = nightly.report_of(user.group, _day(day)), _day(day)
    else:
        chosen = reports[0] if reports else None
        shown = chosen.day if chosen else reconciling.day_of(user.group, now)
    differences = list(nightly.differences_of(chosen)[:ROWS_SHOWN]) if chosen else []
    before, after = nightly.adjacent_days(user.group, shown)
    context = {
        "before": before,
        "after": after,
        "older": reports[-1].day - timedelta(days=1) if len(reports) == nightly.REPORTS_SHOWN else None,
        "report": chosen,
        "day": shown,
        "reports": reports,
        "differences": differences,
        "is_cut": len(differences) == ROWS_SHOWN,
        "names": names_for(user.group, differences),
        "is_running": nightly.is_running(chosen, now),
        "is_connected": Connection.objects.filter(group=user.group).exists(),
        "here": "attention",
    }
    return render(request, "office/attention/comparison.html", context)


@for_audience(Audience.HEAD_OFFICE)
@require_POST
def look_again(request: HttpRequest) -> HttpResponse:
    """A worker compares now, and the report of today says what it found."""
    user = person(request)
    reconciling.look_again(user.group, timezone.now())
    return redirect("comparison")


@for_audience(Audience.HEAD_OFFICE)
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """It is seen to, or what is missing goes out once more."""
    user = person(request)
    difference = get_object_or_404(Difference, group=user.group, pk=pk)
    form = DifferenceForm(request.POST)
    if not form.is_valid():
        raise refused(form)
    form.carry_out(difference, user, timezone.now())
    if form.cleaned_data["decision"] == "mend":
        messages.success(request, _("A worker looks in DdD once more, and sends what is not there."))
    of_day = form.cleaned_data["of_day"]
    if of_day:
        return redirect("comparison-of-day", of_day.isoformat())
    return redirect(work_list_url(form.cleaned_data["here"]))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Http404(text) from error
