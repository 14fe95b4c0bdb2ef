"""Head office's screen of one order: its facts, its books and its timeline."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from accounts.audience import Audience, for_audience
from accounts.requests import viewer_of
from ddd.lookup import members
from ddd.sending.order_of_sending import behind
from office.attention.evidence import names_for
from office.attention.kinds.undecided_sales import kind_asking_about
from office.order.next_steps import blockers, held_back, note_on_sent
from office.order.support import support_text
from office.order.timeline import postings_of, timeline_of
from orders import selling
from orders.models import WebOrder


@for_audience(Audience.HEAD_OFFICE)
@require_GET
def order_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One order: its facts and pieces, its books at DdD, and everything that happened to it."""
    viewer = viewer_of(request)
    visible = WebOrder.objects.visible_to(viewer)
    order = get_object_or_404(
        visible.select_related("group", "shop", "web_shop", "taken_by", "delivered_by"), pk=pk
    )
    postings = postings_of(order)
    mails = list(order.mails.order_by("pk"))
    lines = list(order.lines.select_related("variant", "picked_by"))
    context = {
        "order": order,
        "lines": lines,
        "total": sum(line.effective_sales_price for line in lines if line.is_wanted),
        "postings": postings,
        "sale_note": selling.sale_in_words(order),
        "asked": kind_asking_about(order),
        "names": names_for(viewer.group, [one for one in postings if one.needs_attention]),
        "blockers": blockers(order, postings),
        "held_back": held_back(order, postings),
        "held_up": behind(viewer.group.pk, postings),
        "note_on_sent": note_on_sent(postings),
        "mails": mails,
        "timeline": timeline_of(order, postings, mails),
        **_member_of(order),
    }
    return render(request, "office/order/page.html", context)


@for_audience(Audience.HEAD_OFFICE)
@require_GET
def support_file(request: HttpRequest, pk: int) -> HttpResponse:
    """All that is known of the order, for support."""
    visible = WebOrder.objects.visible_to(viewer_of(request))
    order = get_object_or_404(visible.select_related("group", "shop", "web_shop"), pk=pk)
    headers = {
        "Content-Disposition": content_disposition_header(True, f"{order.order_no}.json") or "attachment"
    }
    text = support_text(order, timezone.now())
    return HttpResponse(text, content_type="application/json; charset=utf-8", headers=headers)


def _member_of(order: WebOrder) -> dict[str, Any]:
    if not order.customer_number:
        return {}
    now = timezone.now()
    member = members.request_member(order.group, order.customer_number, now)
    return {"member": member, "knowledge": members.member_status(member, now)}
