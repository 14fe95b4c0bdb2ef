"""Head office's views of its work list."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import shops_of
from accounts.audience import Audience, for_audience
from accounts.requests import person, viewer_of
from core.forms import refused
from ddd.models import Notice, Posting
from ddd.sending import decisions
from ddd.sending.order_of_sending import behind
from office.attention import nightly
from office.attention.decision_forms import DecisionForm
from office.attention.evidence import names_for
from office.attention.forms import DecideForm, ListForm, WordForm
from office.attention.kinds import KINDS
from office.attention.kinds.differences import DIFFERENCES
from office.attention.work_list import WorkList, work_list
from office.ddd_state import state_of
from orders.models import WebOrder


@for_audience(Audience.HEAD_OFFICE)
@require_GET
def attention(request: HttpRequest) -> HttpResponse:
    """What the portal cannot settle by itself, and how DdD is."""
    viewer, now = viewer_of(request), timezone.now()
    form = ListForm(request.GET, shops=shops_of(viewer))
    filters = form.filters()
    found = work_list(viewer.group, filters, now, request.GET.get("after", ""))
    report, rows, ddd = nightly.latest_report(viewer.group), _rows(found), state_of(viewer.group, now)
    context = {
        "form": form,
        "filters": filters,
        "query": form.query,
        "work": found,
        "receivers": shops_of(viewer).filter(takes_orders=True).order_by("name"),
        "names": names_for(viewer.group, rows),
        "held_up": behind(viewer.group.pk, (row for row in rows if isinstance(row, Posting))),
        "all_seen_to": filters.shop is None and not found.count(DIFFERENCES),
        "report": report,
        "empty": found.empty(is_compared=report is not None and report.is_complete),
        "here": "attention",
        "ddd": ddd,
        "connection": ddd.connection,
    }
    return render(request, "office/attention/page.html", context)


def _rows(found: WorkList) -> list[Any]:
    return [row for section in found.shown for row in section.rows]


@for_audience(Audience.HEAD_OFFICE)
@require_POST
def decide_rows(request: HttpRequest, kind: str) -> HttpResponse:
    """One decision about the chosen rows of one kind; messages give the result of each."""
    viewer = viewer_of(request)
    if kind not in KINDS:
        raise Http404(kind)
    form = DecideForm(request.POST, kind=KINDS[kind], shops=shops_of(viewer))
    if not form.is_valid():
        raise refused(form)
    outcome = form.carry_out(viewer.user, timezone.now())
    if len(form.chosen) == 1 and outcome.refused:
        raise outcome.refused[0][1]
    if outcome.done:
        messages.success(request, form.done_words % {"rows": ", ".join(outcome.done)})
    for row, refusal in outcome.refused:
        messages.warning(request, f"{row}: {refusal.sentence}")
    if form.cleaned_data["order"]:
        return redirect("order", form.cleaned_data["order"])
    return redirect(work_list_url(form.cleaned_data["here"]))


def work_list_url(here: str) -> str:
    """The list at this query; a malformed query is the whole list."""
    query = QueryDict(here).urlencode()
    return reverse("attention") + (f"?{query}" if query else "")


@for_audience(Audience.HEAD_OFFICE)
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Send it again, it did arrive, or give it up."""
    user = person(request)
    posting = get_object_or_404(Posting, group=user.group, pk=pk)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        raise refused(form)
    form.carry_out(posting, user, timezone.now())
    order = WebOrder.objects.filter(group=user.group, order_no=posting.order_no).first()
    if order and form.cleaned_data["to_the_order"]:
        return redirect("order", order.pk)
    return redirect(work_list_url(form.cleaned_data["here"]))


@for_audience(Audience.HEAD_OFFICE)
@require_POST
def close_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Closes the notice; it opens again if it happens again."""
    user = person(request)
    decisions.close_notice(get_object_or_404(Notice, group=user.group, pk=pk), user, timezone.now())
    return redirect("attention")


@for_audience(Audience.HEAD_OFFICE)
@require_POST
def map_word(request: HttpRequest, pk: int) -> HttpResponse:
    """A word of DdD gets its meaning, and the orders that have it are read once more."""
    user = person(request)
    notice = get_object_or_404(Notice, group=user.group, pk=pk, kind__in=decisions.TABLES)
    form = WordForm(request.POST, notice)
    if not form.is_valid():
        raise refused(form)
    data = {"word": notice.subject, "status": form.carry_out(user, timezone.now())}
    messages.success(request, _("%(word)s means %(status)s from now on; its orders are read again.") % data)
    return redirect("attention")
