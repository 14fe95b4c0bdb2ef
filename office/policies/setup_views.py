"""Head office connects its Group to DdD: how it is reached, what it says, and when it is live."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.audience import Audience, for_audience
from accounts.models import Shop, User
from accounts.requests import person
from core.errors import Conflict
from ddd.lookup import first_look
from ddd.models import Connection, FirstLook
from ddd.sending import listing
from office.policies.reach_form import ReachForm
from office.policies.setup_form import GO_LIVE, AnswersForm


@dataclass(frozen=True)
class Seen:
    """A number that orders named, how often, and what it is here; None when the portal does not know it."""

    number: int
    count: int
    known: Any


@for_audience(Audience.HEAD_OFFICE)
@require_http_methods(["GET", "POST"])
@never_cache
def setup(request: HttpRequest) -> HttpResponse:
    """The page; what is posted is the address and the token, which are tried before they are kept."""
    user, now = person(request), timezone.now()
    form = ReachForm(request.POST if request.method == "POST" else None, user.group)
    if request.method == "POST" and form.is_valid() and form.keep(user, now):
        first_look.request(user.group, now)
        messages.success(request, _("DdD answers. It is being read now."))
        return redirect("ddd-setup")
    return _page(request, user, reach=form)


@for_audience(Audience.HEAD_OFFICE)
@require_POST
def answer(request: HttpRequest) -> HttpResponse:
    """What the words and numbers mean; with the button that says so, the Group is live then."""
    user, now = person(request), timezone.now()
    look = FirstLook.objects.filter(group=user.group, read_at__isnull=False).first()
    if look is None or not Connection.objects.filter(group=user.group).exists():
        raise Conflict(_("DdD has to be read first."), code="not-read-yet")
    form = AnswersForm(request.POST, user.group, look)
    if not (form.is_valid() and form.keep(user, now)):
        return _page(request, user, answers=form)
    if GO_LIVE in request.POST:
        first_look.go_live(user.group, user, now)
        messages.success(request, _("DdD is live: its new orders come to the shops from now on."))
    else:
        messages.success(request, _("Saved. It counts from the next call to DdD on."))
    return redirect("ddd-setup")


@for_audience(Audience.HEAD_OFFICE)
@require_POST
def read_again(request: HttpRequest) -> HttpResponse:
    """A worker reads the last 30 days once more."""
    user = person(request)
    if Connection.objects.filter(group=user.group).exists():
        first_look.request(user.group, timezone.now())
    return redirect("ddd-setup")


def _page(
    request: HttpRequest, user: User, reach: ReachForm | None = None, answers: AnswersForm | None = None
) -> HttpResponse:
    connection = Connection.objects.filter(group=user.group).first()
    look = FirstLook.objects.filter(group=user.group).first()
    is_read = look is not None and look.read_at is not None and connection is not None
    if look is not None and is_read and answers is None:
        answers = AnswersForm(None, user.group, look)
    statuses, types = (
        first_look.unanswered(connection, look) if look is not None and connection is not None else ([], [])
    )
    context = {
        "reach": reach or ReachForm(None, user.group),
        "connection": connection,
        "look": look,
        "is_reading": look is not None and look.wanted_at is not None,
        "answers": answers,
        "open_questions": len(statuses) + len(types),
        "firsts": listing.measured(user.group_id),
        "here": "policies",
        **(_seen(user, look.found, answers) if look is not None and answers is not None else {}),
    }
    is_wrong = bool((reach and reach.errors) or (answers and answers.errors))
    return render(request, "office/policies/setup.html", context, status=422 if is_wrong else 200)


def _seen(user: User, found: dict[str, Any], answers: AnswersForm) -> dict[str, Any]:
    """The shops and web shops that orders name, and what is asked of each web shop; 1 query."""
    shops = {shop.shop_id: shop for shop in Shop.objects.filter(group=user.group)}
    web_shops = {one.webshop_id: one for one in answers.web_shops.values()}
    counts = dict(found["web_shops"])
    return {
        "shops": [Seen(number, count, shops.get(number)) for number, count in found["shops"]],
        "web_shops": [Seen(number, count, web_shops.get(number)) for number, count in found["web_shops"]],
        "asked_web_shops": [
            {"web_shop": web_shop, "field": field, "count": counts.get(web_shop.webshop_id, 0)}
            for web_shop, field in answers.sold_by
        ],
        "days": first_look.DAYS,
    }
