"""Head office's screens of returns: the policy, and what web shops owe their customers."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.audience import Audience, for_audience
from accounts.models import User
from accounts.requests import person, viewer_of
from office.returns.examples import examples_of, where_of
from office.returns.forms import PolicyPage
from orders.models import RefundDue
from returns import refunds as verbs
from returns.models import ReturnPolicy
from returns.refunds_listing import TABS, page_of


@for_audience(Audience.HEAD_OFFICE)
@require_http_methods(["GET", "POST"])
def policy(request: HttpRequest) -> HttpResponse:
    """What comes back where, until when, who pays, why, and how DdD is told."""
    user = person(request)
    page = PolicyPage(request.POST if request.method == "POST" else None, user.group)
    # After a dry run what was typed may come back to be changed once more.
    is_kept = request.method == "POST" and "again" not in request.POST
    if is_kept and page.is_valid() and page.keep(user, timezone.now()):
        messages.success(request, _("Saved. It counts from now on in every shop."))
        return redirect("return-policy")
    return policy_page(request, user, page)


def policy_page(request: HttpRequest, user: User, page: PolicyPage) -> HttpResponse:
    """The page of the policy, with what was typed."""
    kept = ReturnPolicy.of(user.group)  # the form may hold what was refused
    context = {
        "page": page,
        "examples": examples_of(kept, user.group),
        "where": where_of(kept),
        "here": "policies",
    }
    return render(request, "office/returns/policy.html", context, status=422 if page.has_faults else 200)


@for_audience(Audience.HEAD_OFFICE)
@require_GET
def refunds(request: HttpRequest) -> HttpResponse:
    """What web shops still owe their customers, the longest waiting first, and what is done."""
    viewer = viewer_of(request)
    tab = request.GET.get("tab", "")
    tab = tab if tab in TABS else TABS[0]
    context = {
        "page": page_of(viewer, tab, request.GET.get("after", "")),
        "tab": tab,
        "first_page": not request.GET.get("after"),
        "here": "refunds",
        "now": timezone.now(),
    }
    return render(request, "office/returns/refunds.html", context)


@for_audience(Audience.HEAD_OFFICE)
@require_POST
def close_refund(request: HttpRequest, pk: int) -> HttpResponse:
    """Head office has seen that the money was moved."""
    viewer = viewer_of(request)
    mine = RefundDue.objects.visible_to(viewer).select_related("order")
    refund = get_object_or_404(mine, pk=pk)
    verbs.close_refund(refund, request.POST.get("reference", ""), viewer.user, timezone.now())
    messages.success(request, _("Closed: %(order_no)s.") % {"order_no": refund.order.order_no})
    return redirect("refunds")
