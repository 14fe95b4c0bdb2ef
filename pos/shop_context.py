"""What every screen of a shop needs: the workplace, the orders on which somebody may work, and the top
bar."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone

from accounts.access import work_shops_of
from accounts.device import IDLE
from accounts.models import Shop
from accounts.requests import viewer_of
from accounts.tablets import SILENT_AFTER
from accounts.viewer import Viewer
from orders.models import OrderQuerySet, WebOrder
from pos.live import Timing
from pos.workload import counts_of

CHOSEN_SHOP = "shop"
# For the scripts of the page. Strings, because templates localise numbers.
SECONDS = {
    "silence": f"{Timing.silence:.0f}",
    "idle": f"{IDLE.total_seconds():.0f}",
    "report": f"{SILENT_AFTER.total_seconds() / 3:.0f}",  # two reports in a row may be lost
    "sounds": f"{SILENT_AFTER.total_seconds() / 2:.0f}",  # a tab that can sound counts for a silent one
}


@dataclass(frozen=True)
class Workplace:
    """Who works, the shops where they may, and the one chosen at this device."""

    viewer: Viewer
    shops: list[Shop]
    shop: Shop

    def context(self) -> dict[str, Any]:
        """The context of the top bar."""
        return shop_context(self.shop, self.shops)


def workplace(request: HttpRequest) -> Workplace:
    """404 for a person who works in no shop."""
    found = workplace_or_none(request)
    if found is None:
        raise Http404
    return found


def workplace_or_none(request: HttpRequest, viewer: Viewer | None = None) -> Workplace | None:
    """None for a person who works in no shop. `viewer` when it is not the person at the device."""
    viewer = viewer or viewer_of(request)
    shops = shops_at_work(viewer)
    if not shops:
        return None
    wanted = request.session.get(CHOSEN_SHOP)
    return Workplace(viewer, shops, next((shop for shop in shops if shop.pk == wanted), shops[0]))


def shops_at_work(viewer: Viewer) -> list[Shop]:
    """The shops where somebody works."""
    return list(work_shops_of(viewer).select_related("group"))


def orders_at_work(request: HttpRequest) -> OrderQuerySet:
    """The orders of all shops where somebody works."""
    return WebOrder.objects.at_work_of(viewer_of(request))


def order_at_work(request: HttpRequest, pk: int) -> WebOrder:
    """One of these orders; 404 for any other."""
    orders = orders_at_work(request)
    return get_object_or_404(
        orders.select_related("group", "shop", "web_shop", "taken_by", "delivered_by"), pk=pk
    )


def shop_context(shop: Shop, shops: list[Shop]) -> dict[str, Any]:
    """The context of the top bar."""
    now = timezone.now()
    return {"shop": shop, "shops": shops, "counts": counts_of(shop, now), "now": now, "seconds": SECONDS}
