"""What head office reads of a web shop: how a sale of it is booked, its keys, and what is under way."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import ApiKey, Group, Shop, WebShop
from core.errors import Conflict
from core.words import money
from ddd.booking.bookkeeping import turnover_of
from orders.models import WebOrder

KEYS_SHOWN, COUNTED_TO = 50, 200
EXAMPLE = Decimal("399.95")


@dataclass(frozen=True)
class WebShopRow:
    """A web shop, where it sells, and how many of its keys are good."""

    web_shop: WebShop
    shops: int
    keys: int


def rows_of(group: Group, now: datetime) -> list[WebShopRow]:
    """Every web shop of the Group, which has few; 3 queries."""
    web_shops = (
        group.web_shops.select_related("turnover_shop").prefetch_related("shops").order_by("name", "pk")
    )
    good = list(ApiKey.objects.good_at(now).filter(web_shop__group=group).values_list("web_shop", flat=True))
    return [WebShopRow(one, len(one.shops.all()), good.count(one.pk)) for one in web_shops]


def keys_of(web_shop: WebShop) -> list[ApiKey]:
    """The newest first; 1 query."""
    return list(
        web_shop.keys.select_related("made_by", "revoked_by").order_by("-made_at", "-pk")[:KEYS_SHOWN]
    )


def refuse_turnover_shop(shop: Shop | None) -> None:
    """Conflict when it takes web orders."""
    if shop is not None and Shop.objects.filter(pk=shop.pk, takes_orders=True).exists():
        raise Conflict(_("%(shop)s takes web orders now: it cannot collect turnover.") % {"shop": shop})


def booked_in_words(web_shop: WebShop) -> list[str]:
    """How a sale is booked, by an example; 1 query."""
    shop = _a_shop_of(web_shop)
    if shop is None:
        return [_("No shop takes its orders, so it sells nothing.")]
    turnover, data = turnover_of(web_shop, shop, by_ddd=False), _booking_words(web_shop, shop)
    if turnover.item_group is None:
        return [_("A jumper for %(amount)s delivered in %(shop)s is booked in %(shop)s itself.") % data]
    said = [
        _(
            "A jumper for %(amount)s delivered in %(shop)s is booked in %(turnover)s under item group "
            "%(item_group)s."
        )
        % data
    ]
    if turnover.transfer:
        said.append(_("The portal moves it from %(shop)s to %(turnover)s in DdD's books.") % data)
    else:
        said.append(
            _("DdD moves it from %(shop)s to %(turnover)s itself; the portal makes no transfer.") % data
        )
    return said


def under_way_in_words(web_shop: WebShop) -> str:
    """What a change means for orders that are not delivered yet; 1 query."""
    numbers = WebOrder.objects.filter(web_shop=web_shop).open().order_by().values_list("pk", flat=True)
    count = len(numbers[: COUNTED_TO + 1])
    if not count:
        return _("No order of it is under way.")
    return ngettext(
        "%(count)s order of it is under way: it is booked as the settings are when it is delivered.",
        "%(count)s orders of it are under way: they are booked as the settings are when they are delivered.",
        count,
    ) % {"count": f"{COUNTED_TO}+" if count > COUNTED_TO else count}


def _a_shop_of(web_shop: WebShop) -> Shop | None:
    """The first shop in which it sells."""
    named = sorted(web_shop.shops.all(), key=lambda shop: shop.shop_id)
    if named:
        return next((shop for shop in named if shop.takes_orders), None)
    return web_shop.group.shops.filter(takes_orders=True).order_by("shop_id").first()


def _booking_words(web_shop: WebShop, shop: Shop) -> dict[str, object]:
    there = web_shop.turnover_shop
    return {
        "amount": money(EXAMPLE, web_shop.group.currency),
        "shop": f"{shop.shop_id} {shop.name}",
        "turnover": f"{there.shop_id} {there.name}" if there else "",
        "item_group": web_shop.turnover_item_group,
    }
