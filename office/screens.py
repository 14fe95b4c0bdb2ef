"""Head office's screens: one order with its timeline, and what waits for a person."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.audience import Audience, for_audience
from accounts.doors import person
from accounts.tablets import deaf_shops
from core.forms import refused
from ddd import desk, members
from ddd.models import Connection, Notice, Posting
from office import nightly
from office.forms import DecisionForm
from office.timeline import postings_of, timeline_of
from orders import mailing
from orders.escalation import not_taken_in
from orders.frame import frame
from orders.models import WebOrder

ROWS_SHOWN = 200


@for_audience(Audience.HEAD_OFFICE)
@require_GET
def order_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One order: its facts and pieces, its books at DdD, and everything that happened to it."""
    user = person(request)
    visible = WebOrder.objects.visible_to(user)
    order = get_object_or_404(
        visible.select_related("group", "shop", "web_shop", "taken_by", "delivered_by"), pk=pk
    )
    postings = postings_of(order)
    lines = list(order.lines.select_related("variant", "picked_by"))
    facts = {
        "order": order,
        "lines": lines,
        "total": sum(line.effective_sales_price for line in lines if line.is_wanted),
        "postings": postings,
        "timeline": timeline_of(order, postings),
        **_member_of(order),
        **frame(user),
    }
    return render(request, "office/page.html", facts)


def _member_of(order: WebOrder) -> dict[str, Any]:
    if not order.customer_number:
        return {}
    now = timezone.now()
    member = members.wanted(order.group, order.customer_number, now)
    return {"member": member, "knowledge": members.knowledge(member, now)}


@for_audience(Audience.HEAD_OFFICE)
@require_GET
def attention(request: HttpRequest) -> HttpResponse:
    """What the portal cannot settle by itself, and how DdD is."""
    user = person(request)
    group, now = user.group, timezone.now()
    facts = {
        "not_taken": not_taken_in(group, now),
        "deaf_shops": deaf_shops(group, now),
        "postings": Posting.objects.filter(group=group, for_a_person=True)
        .order_by("made_at")
        .select_related("sale__shop", "item_transfer__sender", "item_transfer__recipient")[:ROWS_SHOWN],
        "notices": group.notices.filter(closed_at=None).order_by("-last_seen")[:ROWS_SHOWN],
        "differences": nightly.open_differences(group)[:ROWS_SHOWN],
        "report": nightly.latest_report(group),
        "mails": mailing.to_be_known_of(group)[:ROWS_SHOWN],
        "here": "attention",
        "connection": Connection.objects.filter(group=group).first(),
        **frame(user),
    }
    return render(request, "office/attention.html", facts)


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
    return (
        redirect("order", order.pk) if order and form.cleaned_data["to_the_order"] else redirect("attention")
    )


@for_audience(Audience.HEAD_OFFICE)
@require_POST
def close_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody has seen to it; should it happen again, it stands there again."""
    user = person(request)
    desk.close_notice(get_object_or_404(Notice, group=user.group, pk=pk), user, timezone.now())
    return redirect("attention")
