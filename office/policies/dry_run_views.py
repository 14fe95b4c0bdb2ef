"""Head office's views of dry runs of a policy."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from accounts import changes
from accounts.audience import Audience, for_audience
from accounts.models import Group
from accounts.requests import person
from accounts.save_setting import preview
from core.choices import label_of
from office.models import DryRun
from office.policies import dry_run as verbs
from office.policies.forms import WorkForm
from office.policies.simulate_returns import REFUSED
from office.policies.views import work_page
from office.returns.forms import PolicyPage
from office.returns.views import policy_page
from orders.escalation import Level
from returns.policy import Outcome

NOT_OF_THE_POLICY = ("csrfmiddlewaretoken", "again")
LEVEL_WORDS = {
    0: gettext_lazy("nobody is told"),
    Level.REMINDED.value: gettext_lazy("the shop is reminded"),
    Level.MANAGER.value: gettext_lazy("the shop manager is told"),
    Level.HEAD_OFFICE.value: gettext_lazy("head office is told"),
}
OUTCOMES = [*Outcome.choices, (REFUSED, gettext_lazy("Not taken back"))]
LOOKS: dict[str, Callable[[Group], changes.Values]] = {
    DryRun.Policy.ALERT: lambda group: WorkForm(None, group).current_values(),
    DryRun.Policy.RETURNS: lambda group: PolicyPage(None, group).current_values(),
}
TABS = {DryRun.Policy.ALERT: ("work", "policies"), DryRun.Policy.RETURNS: ("returns", "return-policy")}


@for_audience(Audience.HEAD_OFFICE)
@require_POST
def try_alert(request: HttpRequest) -> HttpResponse:
    """A dry run of other minutes."""
    user, now = person(request), timezone.now()
    form = WorkForm(request.POST, user.group)
    if form.is_valid():
        wanted, fields = form.for_dry_run()
        if fields:
            fields = _all_of(preview(form.setting(user, now)), fields)
            return redirect("dry-run", verbs.begin("alert", user, wanted, fields, _typed(request), now).pk)
        form.add_error("head_office_minutes", _("Change one of these minutes first, then try it."))
    return work_page(request, user, form, now)


@for_audience(Audience.HEAD_OFFICE)
@require_POST
def try_returns(request: HttpRequest) -> HttpResponse:
    """A dry run of another return policy."""
    user, now = person(request), timezone.now()
    page = PolicyPage(request.POST, user.group)
    if page.is_valid():
        wanted, fields = page.policy.for_dry_run()
        if fields:
            fields = _all_of(preview(page.setting(user, now)), fields)
            return redirect("dry-run", verbs.begin("returns", user, wanted, fields, _typed(request), now).pk)
        page.policy.add_error("days", _("Change who pays, what comes back, or where, then try it."))
    return policy_page(request, user, page)


@for_audience(Audience.HEAD_OFFICE)
@require_GET
def dry_run(request: HttpRequest, pk: int) -> HttpResponse:
    """What was tried, and what it would have done; while a worker looks, how far it is."""
    user = person(request)
    run = get_object_or_404(DryRun.objects.select_related("by", "group"), group=user.group, pk=pk)
    tab, keep_at = TABS[DryRun.Policy(run.policy)]
    context = {
        "run": run,
        "tab": tab,
        "keep_at": keep_at,
        "days": verbs.DAYS,
        "here": "policies",
        **_compared_with_current(run),
        **(_result_of(run) if run.done_at else {}),
    }
    return render(request, "office/policies/dry_run.html", context)


def _typed(request: HttpRequest) -> dict[str, list[str]]:
    typed = request.POST.lists()
    return {name: [str(one) for one in values] for name, values in typed if name not in NOT_OF_THE_POLICY}


def _all_of(kept: list[dict[str, Any]], tried: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What saving keeps: what is tried, and what was typed beside it on the same page."""
    labels = [field["label"] for field in tried]
    return [field if field["label"] in labels else {**field, "beside": True} for field in kept]


def _compared_with_current(run: DryRun) -> dict[str, Any]:
    """Each field that is saved with the try, and what holds now where that is neither old nor new."""
    holds = changes.current_values_of(LOOKS[DryRun.Policy(run.policy)](run.group), run.fields)
    fields = [{**field, "now": now} for field, now in zip(run.fields, holds, strict=True)]
    stored_words = changes.in_words(fields)
    now = changes.in_words({**field, "after": field["now"]} for field in fields)
    pairs = [
        (one, current.after if field["now"] not in (field["before"], field["after"]) else "")
        for field, one, current in zip(fields, stored_words, now, strict=True)
    ]
    beside = ["beside" in field for field in fields]
    return {
        "tried_changes": [pair for pair, is_beside in zip(pairs, beside, strict=True) if not is_beside],
        "other_changes": [pair for pair, is_beside in zip(pairs, beside, strict=True) if is_beside],
        "is_saved": bool(fields) and all(field["now"] == field["after"] for field in fields),
        "is_as_before": all(field["now"] == field["before"] for field in fields),
    }


def _result_of(run: DryRun) -> dict[str, Any]:
    if run.policy == DryRun.Policy.ALERT:
        return {"result": _with_pairs(run.result), "examples": _examples(run.result["examples"])}
    parts = [
        (_("Returns that were made"), run.result["made"]),
        (_("Delivered orders, if all were brought back today"), run.result["could come"]),
    ]
    return {
        "currency": run.result["currency"],
        "parts": [_part(title, part) for title, part in parts],
    }


def _with_pairs(result: dict[str, Any]) -> dict[str, Any]:
    """Today's number and the tried one, side by side for each step."""
    shops = [{**shop, "steps": list(zip(shop["old"], shop["new"], strict=True))} for shop in result["shops"]]
    steps = list(zip(result["old"], result["new"], strict=True))
    return {**result, "shops": shops, "steps": steps}


def _examples(examples: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            **one,
            "at": parse_datetime(one["at"]),
            "old": LEVEL_WORDS[one["old"]],
            "new": LEVEL_WORDS[one["new"]],
        }
        for one in examples
    ]


def _part(title: str, part: dict[str, Any]) -> dict[str, Any]:
    outcomes = [
        {
            "words": label_of(OUTCOMES, one["outcome"]),
            "old": (one["old"][0], Decimal(one["old"][1])),
            "new": (one["new"][0], Decimal(one["new"][1])),
        }
        for one in part["outcomes"]
    ]
    examples = [
        {
            **one,
            "amount": Decimal(one["amount"]),
            "old": label_of(OUTCOMES, one["old"]),
            "new": label_of(OUTCOMES, one["new"]),
        }
        for one in part["examples"]
    ]
    return {"title": title, "outcomes": outcomes, "changed": part["changed"], "examples": examples}
