"""What every door of the shop needs: the order on which she may work, her shop, and what stands around."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import work_shops_of
from accounts.doors import person
from accounts.models import Shop
from core.errors import Invalid
from orders.models import WebOrder
from orders.workload import counts_of

CHOSEN_SHOP = "shop"
LONGEST_CODE = 100


class TapForm(forms.Form):
    """The number that a tap brings along, so that it is done once however often it is sent."""

    tap = forms.UUIDField(required=False)


def order_at_work(request: HttpRequest, pk: int) -> WebOrder:
    """An order of a shop where she stands; 404 for every other."""
    orders = WebOrder.objects.at_work_of(person(request))
    return get_object_or_404(
        orders.select_related("group", "shop", "web_shop", "taken_by", "delivered_by"), pk=pk
    )


def shops_at_work(request: HttpRequest) -> list[Shop]:
    """The shops where she stands."""
    return list(work_shops_of(person(request)).select_related("group"))


def chosen_shop(request: HttpRequest, shops: list[Shop]) -> Shop | None:
    """The one of them whose queue she sees."""
    wanted = request.session.get(CHOSEN_SHOP)
    return next((shop for shop in shops if shop.pk == wanted), shops[0] if shops else None)


def around(shop: Shop, shops: list[Shop]) -> dict[str, Any]:
    """The facts of the top bar."""
    now = timezone.now()
    return {"shop": shop, "shops": shops, "counts": counts_of(shop, now), "now": now}


def number(text: str | None) -> int:
    """A number as a form sends it; 0 for everything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0


def code_in(text: str | None) -> str:
    """What was scanned or typed. PostgreSQL has no text with NUL."""
    return (text or "")[:LONGEST_CODE].replace("\0", "")


def tap_number(request: HttpRequest) -> UUID | None:
    """None for a tap that brings no number. Invalid when it is none."""
    form = TapForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("The number of this tap is no number: open the page anew and tap again."))
    number: UUID | None = form.cleaned_data["tap"]
    return number
