"""The shops of a Group for head office: the list, and what blocks a change."""

from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import shops_of
from accounts.calendars import calendars_of
from accounts.models import Group, Shop, WebShop
from accounts.models.group import SHOP_IDS
from accounts.tablets import AlertReach, alert_reach_of
from accounts.viewer import Viewer
from core.errors import Conflict
from ddd.models import Notice, ReceiptSeries, Reconciliation
from office.order_queries import pieces_to_put_back
from office.shops.opening_words import today_in_words
from orders.models import WebOrder

SHOPS_ON_A_PAGE = 50
NAMED, LOOKED_AT = 5, 200


@dataclass(frozen=True)
class ShopRow:
    """A shop, when it is open today, what its tablets hear, which web shops sell through it, and what is
    wrong with its number at DdD."""

    shop: Shop
    today: str
    reach: AlertReach | None
    web_shops: list[WebShop]
    shop_id_problem: str


@dataclass(frozen=True)
class ShopPage:
    """Some shops by their ShopId, and behind which the next page begins; None when there is none."""

    rows: list[ShopRow]
    after: int | None


def page_of(viewer: Viewer, text: str, after: int, now: datetime) -> ShopPage:
    """50 shops whose name or ShopId holds the text; 7 queries."""
    found = shops_of(viewer).filter(shop_id__gt=after).order_by("shop_id").select_related("group")
    if text:
        found = found.filter(Q(name__icontains=text) | Q(shop_id__startswith=text))
    shops = list(found.prefetch_related("web_shops")[: SHOPS_ON_A_PAGE + 1])
    shown = shops[:SHOPS_ON_A_PAGE]
    calendars = calendars_of(shown)
    reach = alert_reach_of([shop for shop in shown if shop.takes_orders], now)
    everywhere = unrestricted_web_shops(viewer.group)
    report = last_shop_comparison(viewer.group)
    rows = [
        ShopRow(
            shop,
            today_in_words(calendars[shop.pk], now),
            reach.get(shop.pk),
            _sold_by(shop, everywhere),
            shop_id_problem(report, shop) if report else "",
        )
        for shop in shown
    ]
    return ShopPage(rows, shown[-1].shop_id if len(shops) > SHOPS_ON_A_PAGE else None)


def unrestricted_web_shops(group: Group) -> list[WebShop]:
    """The web shops that name no shop: they sell through every shop that takes web orders."""
    return list(group.web_shops.filter(shops=None).order_by("name", "pk"))


def web_shops_of(shop: Shop) -> list[WebShop]:
    """The web shops that sell through this shop; 2 queries."""
    return _sold_by(shop, unrestricted_web_shops(shop.group))


def turnover_for(shop: Shop) -> list[WebShop]:
    """The web shops whose turnover is booked in this shop."""
    return list(WebShop.objects.filter(turnover_shop=shop).order_by("name", "pk"))


def about(shop: Shop) -> str:
    """Under which name the changes of a shop are kept."""
    return f"shop {shop.pk}"


def why_not_change(shop: Shop, takes: bool) -> str:
    """Why the shop may not begin, or stop, to take web orders; "" when it may, or does so already."""
    was = Shop.objects.filter(pk=shop.pk).values_list("takes_orders", flat=True).first()
    if was is None or was == takes:
        return ""
    return why_not_take(shop) if takes else why_not_stop(shop)


def refuse_to_change(shop: Shop, takes: bool) -> None:
    """Conflict when it may not."""
    if sentence := why_not_change(shop, takes):
        raise Conflict(sentence)


def why_not_stop(shop: Shop) -> str:
    """Why the shop cannot stop taking web orders; "" when it can."""
    numbers = WebOrder.objects.filter(shop=shop).open().order_by("promised_at")
    if open_orders := list(numbers.values_list("order_no", flat=True)[: LOOKED_AT + 1]):
        return _still_open(open_orders)
    lying = pieces_to_put_back(shop.group_id).filter(
        Q(put_back_shop=None, order__shop=shop) | Q(put_back_shop=shop)
    )
    if lying.exists():
        return _("Pieces are still to be put back here: have that done first.")
    for web_shop in shop.web_shops.prefetch_related("shops"):
        if not any(other.takes_orders for other in web_shop.shops.all() if other != shop):
            sentence = _(
                "It is the only shop of %(web_shop)s that takes web orders: give that another one first."
            )
            return sentence % {"web_shop": web_shop.name}
    return ""


def why_not_take(shop: Shop) -> str:
    """Why the shop cannot take web orders; "" when it can."""
    if collects := turnover_for(shop):
        sentence = _(
            "It is the turnover shop of %(web_shops)s, and a turnover shop takes no web orders itself."
        )
        return sentence % {"web_shops": ", ".join(web_shop.name for web_shop in collects)}
    return ""


def has_fixed_shop_id(shop: Shop) -> bool:
    """Whether orders or books name its ShopId, so that it is another shop's no more."""
    return (
        WebOrder.objects.filter(shop=shop).exists()
        or ReceiptSeries.objects.filter(shop=shop).exists()
        or bool(turnover_for(shop))
    )


def last_shop_comparison(group: Group) -> Reconciliation | None:
    """The last comparison that read the Group's shops at DdD."""
    ended = Reconciliation.objects.filter(group=group, ended_at__isnull=False, trouble={})
    return ended.order_by("-day").first()


def shop_id_problem(report: Reconciliation | None, shop: Shop) -> str:
    """What is wrong with the shop's number, as DdD was read last; "" when DdD has answered for it."""
    if report and any(one.shop_id == shop.shop_id for one in report.refused):
        sentence = _("DdD refuses the shop number %(shop_id)s. It may be none of yours there.")
        return sentence % {"shop_id": shop.shop_id}
    # Comparisons of long ago did not keep which shops they read.
    if report is None or shop.shop_id not in report.data.get("read", [shop.shop_id]):
        return _("DdD has not answered for this shop yet.")
    return ""


def shop_ids_only_in_ddd(group: Group) -> list[int]:
    """The ShopIds for which DdD has orders, and that are no shop of the portal yet."""
    notices = group.notices.filter(kind=Notice.Kind.UNKNOWN_SHOP).order_by("-last_seen")[:LOOKED_AT]
    seen = {notice.shop_id for notice in notices if notice.shop_id and notice.shop_id in SHOP_IDS}
    return sorted(seen - set(group.shops.filter(shop_id__in=seen).values_list("shop_id", flat=True)))


def _sold_by(shop: Shop, everywhere: list[WebShop]) -> list[WebShop]:
    if not shop.takes_orders:
        return []
    return sorted(chain(shop.web_shops.all(), everywhere), key=lambda web_shop: web_shop.name)


def _still_open(order_nos: list[str]) -> str:
    count, more = len(order_nos), len(order_nos) > LOOKED_AT
    return ngettext(
        "%(count)s order is still open here: %(orders)s. Have it delivered, moved or cancelled first.",
        "%(count)s orders are still open here: %(orders)s. Have them delivered, moved or cancelled first.",
        count,
    ) % {
        "count": f"{LOOKED_AT}+" if more else count,
        "orders": ", ".join(order_nos[:NAMED]) + (" …" if count > NAMED else ""),
    }
