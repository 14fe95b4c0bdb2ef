"""What the rows of one made-up order share: the Group's data, and the batch that collects the rows."""

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Model

from accounts.models import Group, Shop, User, WebShop
from ddd.booking.bookkeeping import SoldPiece
from ddd.models import Connection, Variant
from demo.generator.life import Life, Rules
from orders.models import OrderEvent
from orders.reading import NewOrder
from returns.models import ReturnPolicy

Row = dict[str, Any]
Moment = tuple[datetime, Row]  # of the timeline


@dataclass(frozen=True)
class World:
    """The data of one Group that its orders refer to."""

    group: Group
    connection: Connection
    rules: Rules
    returns: ReturnPolicy
    reasons: Sequence[tuple[str, int]]  # of returns, with their ReturnCodes
    places: Sequence[tuple[WebShop, Shop]]  # which web shop sends to which shop
    people: Mapping[int, Sequence[User]]  # by shop
    assortment: Sequence[tuple[Variant, Decimal]]  # with what it costs
    shops: Mapping[int, Shop]  # by ShopId
    now: datetime


@dataclass
class Batch:
    """Rows by their table. `number` gives a unique id, `receipt` the next receipt number."""

    number: Callable[[type[Model]], int]
    receipt: Callable[[Shop], int]
    rows: dict[type[Model], list[Row]] = field(default_factory=lambda: defaultdict(list))

    def add(self, model: type[Model], **values: Any) -> None:
        self.rows[model].append(values)


@dataclass(frozen=True)
class MadeUpOrder:
    """One order while its rows are made."""

    pk: int
    new: NewOrder
    life: Life
    web_shop: WebShop
    shop: Shop
    variants: Sequence[Variant]
    actor: User
    world: World
    batch: Batch

    @property
    def action_key(self) -> str:
        return f"delivery:{self.pk}:1"

    @property
    def delivery_no(self) -> str:
        """The carrier's number, when it is sent."""
        return f"00357{self.pk:013d}"

    def prices(self, pieces: Sequence[int]) -> Decimal:
        """What the pieces with these places cost together."""
        return sum((self.new.lines[place].effective_sales_price for place in pieces), Decimal(0))

    def sold(self, place: int) -> SoldPiece:
        line = self.new.lines[place]
        return SoldPiece(self.variants[place].variant_id, line.sales_price, line.effective_sales_price)

    def event(self, kind: OrderEvent.Kind, at: datetime, actor: User | None = None, **data: Any) -> Moment:
        return at, {
            "group_id": self.shop.group_id,
            "shop_id": self.shop.pk,
            "order_id": self.pk,
            "kind": kind.value,
            "actor_id": actor.pk if actor else None,
            "by_ddd": False,
            "data": json.dumps(data),
            "at": at,
        }
