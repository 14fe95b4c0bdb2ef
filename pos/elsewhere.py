"""Other shops that could take an order over, and their stock according to DdD."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from accounts.models import Shop
from ddd.lookup import stock
from orders.models import WebOrder
from orders.trouble import shops_to_move_to


@dataclass(frozen=True)
class OtherShop:
    """How many of the order's pieces the shop has; `has` is None while it is not known."""

    shop: Shop
    has: int | None
    of: int
    asking: bool

    @property
    def has_all(self) -> bool:
        """The whole order could be picked there."""
        return self.has == self.of


def other_shops(order: WebOrder, now: datetime) -> list[OtherShop]:
    """Those that have most pieces first. Unknown stock is asked of DdD by a worker, without waiting."""
    shops = list(shops_to_move_to(order))
    variants = {line.variant_id: line.variant for line in order.lines.select_related("variant")}
    wanted = Counter(order.lines.values_list("variant_id", flat=True))
    known = stock.levels(shops, variants.values(), now)
    found = [_of(shop, wanted, known, now) for shop in shops]
    return sorted(found, key=lambda other: (-(other.has or 0), other.shop.shop_id))


def _of(shop: Shop, wanted: Counter[int], known: stock.Levels, now: datetime) -> OtherShop:
    rows = [known.get((shop.pk, variant)) for variant in wanted]
    asking = any(row is not None and stock.is_asked(row, now) for row in rows)
    has: int | None = 0
    for row in rows:
        if row is None or row.pieces is None or row.answered_at is None:
            has = None
            break
        has = (has or 0) + max(0, min(row.pieces, wanted[row.variant_id]))
    return OtherShop(shop, has, wanted.total(), asking)
