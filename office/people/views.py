"""Head office's screens about people: who there is, and what each may do."""

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import changes, links, mailing, people, pins, second_factor
from accounts.access import everybody_seen_by, shops_of
from accounts.audience import Audience, for_audience
from accounts.models import User
from accounts.requests import person as acting
from accounts.requests import viewer_of
from core.forms import refused
from office.people.forms import (
    WITH_THE_PASSWORD,
    WITHDRAW,
    ActionForm,
    EndLogInsForm,
    InviteForm,
    NameForm,
    PeopleFilterForm,
    RoleForm,
)


@for_audience(Audience.HEAD_OFFICE)
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """The people of the Group, by name; as many as a person can read, and a search for the others."""
    by, now = acting(request), timezone.now()
    form = PeopleFilterForm(request.GET, shops=shops_of(viewer_of(request)))
    everybody = second_factor.with_second_factor(form.people(by))
    found = list(everybody.prefetch_related("memberships__shop")[: people.SHOWN + 1])
    context = {
        "form": form,
        "people": found[: people.SHOWN],
        "more": len(found) > people.SHOWN,
        "filtered": any(request.GET.get(name) for name in form.fields),
        "now": now,
        "here": "people",
    }
    return render(request, "office/people/list.html", context)


@for_audience(Audience.HEAD_OFFICE)
@require_POST
def require_second_factor(request: HttpRequest) -> HttpResponse:
    """Whether everybody in head office needs one."""
    by = acting(request)
    raise_if_reauthentication_required(request, app="accounts")
    second_factor.require(by.group, request.POST.get("needed") == "yes", by, timezone.now())
    return redirect("people")


@for_audience(Audience.HEAD_OFFICE)
@require_http_methods(["GET", "POST"])
def invite(request: HttpRequest) -> HttpResponse:
    """Somebody is to come: a mail goes to them."""
    by = acting(request)
    form = InviteForm(request.POST if request.method == "POST" else None, shops=shops_of(viewer_of(request)))
    if request.method == "POST" and form.is_valid():
        invited = form.carry_out(by, timezone.now())
        if invited is not None:
            return redirect("person", invited.pk)
    context = {"form": form, "here": "people"}
    return render(request, "office/people/invite.html", context, status=422 if form.errors else 200)


@for_audience(Audience.HEAD_OFFICE)
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """One person: their name, their roles, their log-ins and their PIN."""
    by, now = acting(request), timezone.now()
    person = _person(request, pk)
    shown = {"name": person.name, "language": person.language}
    form = NameForm(request.POST if request.method == "POST" else None, initial=shown)
    if request.method == "POST" and form.is_valid():
        form.carry_out(person, by, now)
        messages.success(request, _("Saved."))
        return redirect("person", pk)
    context = {
        "person": person,
        "is_herself": person.pk == by.pk,
        "form": form,
        "roles": person.memberships.select_related("shop").order_by("shop__shop_id"),
        "role_form": RoleForm(shops=shops_of(viewer_of(request)).exclude(memberships__user=person)),
        "log_ins": people.log_ins_that_hold(person, now),
        "this_log_in": request.session.session_key,
        "has_second_factor": second_factor.has_second_factor(person),
        "mail": mailing.latest_to(person),
        "link_holds_until": person.invited_at and person.invited_at + links.INVITATION_HOLDS,
        "changes": changes.latest(by.group, people.about(person)),
        "about": people.about(person),
        "pin_locked_until": pins.locked_until(person, now),
        "here": "people",
    }
    return render(request, "office/people/person.html", context, status=422 if form.errors else 200)


@for_audience(Audience.HEAD_OFFICE)
@require_POST
def role(request: HttpRequest, pk: int) -> HttpResponse:
    """They are something else in one shop."""
    by = acting(request)
    person, form = _person(request, pk), RoleForm(request.POST, shops=shops_of(viewer_of(request)))
    if not form.is_valid():
        raise refused(form)
    form.carry_out(person, by, timezone.now())
    return redirect("person", pk)


@for_audience(Audience.HEAD_OFFICE)
@require_POST
def act_on(request: HttpRequest, pk: int) -> HttpResponse:
    """Head office yes or no, active yes or no, their PIN reset or unlocked."""
    by = acting(request)
    person, form = _person(request, pk), ActionForm(request.POST)
    if not form.is_valid():
        raise refused(form)
    if form.cleaned_data["do"] in WITH_THE_PASSWORD:
        raise_if_reauthentication_required(request, app="accounts")
    form.carry_out(person, by, timezone.now())
    return redirect("people") if form.cleaned_data["do"] == WITHDRAW else redirect("person", pk)


@for_audience(Audience.HEAD_OFFICE)
@require_POST
def end_log_ins(request: HttpRequest, pk: int) -> HttpResponse:
    """They have to log in again on one device, or on all."""
    by = acting(request)
    person, form = _person(request, pk), EndLogInsForm(request.POST)
    if not form.is_valid():
        raise refused(form)
    form.carry_out(person, by, timezone.now(), request.session.session_key)
    return redirect("person", pk)


def _person(request: HttpRequest, pk: int) -> User:
    return get_object_or_404(everybody_seen_by(viewer_of(request)), pk=pk)
