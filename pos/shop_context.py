"""What every screen of a shop needs: the order on which somebody may work, their shop, and the top bar."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone

from accounts.access import work_shops_of
from accounts.models import Shop
from accounts.requests import person
from orders.models import WebOrder
from pos.workload import counts_of

CHOSEN_SHOP = "shop"


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


def shop_context(shop: Shop, shops: list[Shop]) -> dict[str, Any]:
    """The context of the top bar."""
    now = timezone.now()
    return {"shop": shop, "shops": shops, "counts": counts_of(shop, now), "now": now}
