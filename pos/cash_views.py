"""The shop's cash of one day, to lay beside its till."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.audience import Audience, for_audience
from core.paper.responses import pdf_answer
from pos.shop_context import workplace, workplace_or_none
from returns.cash_day import cash_day, day_named
from returns.cash_paper import cash_paper


@for_audience(Audience.SHOP)
@require_GET
def cash(request: HttpRequest) -> HttpResponse:
    """Cash and cards of the chosen shop, today or on another day."""
    here = workplace_or_none(request)
    if here is None:
        return render(request, "pos/no_shop.html")
    now = timezone.now()
    day = day_named(request.GET.get("day", ""), here.shop.group, now)
    context = {"cash": cash_day(here.shop, day, now), "currency": here.shop.group.currency, "tab": "cash"}
    return render(request, "pos/cash.html", {**context, **here.context()})


@for_audience(Audience.SHOP)
@require_GET
def paper(request: HttpRequest) -> HttpResponse:
    """The same on A4."""
    shop, now = workplace(request).shop, timezone.now()
    found = cash_day(shop, day_named(request.GET.get("day", ""), shop.group, now), now)
    return pdf_answer(cash_paper(found, now), f"cash {shop.shop_id} {found.day:%Y-%m-%d}")
