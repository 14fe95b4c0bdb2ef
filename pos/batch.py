"""Several orders picked in one walk: each has a basket with a letter; pieces are sorted as on the shelves."""

from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from core.errors import Fault, Invalid
from core.params import number
from orders.models import Policy, WebOrder
from orders.states import Status
from pos.documents.pick_lists import for_walking
from pos.pieces import Piece, pieces_of

ORDERS_AT_MOST = 20
# To prefetch for a walk; 4 queries.
PIECES = ("lines__variant__barcodes", "lines__picked_by")


@dataclass(frozen=True)
class Basket:
    """An order of the walk and its letter."""

    letter: str
    order: WebOrder

    @property
    def count(self) -> int:
        """How many pieces the order has."""
        return len(self.order.lines.all())

    @property
    def decided(self) -> int:
        """How many of them are picked or missing."""
        return sum(not line.is_open for line in self.order.lines.all())

    @property
    def is_new(self) -> bool:
        """Nobody has taken the order."""
        return self.order.status == Status.RESERVED and self.order.taken_at is None

    @property
    def is_full(self) -> bool:
        """Every piece is picked or missing, at least one is picked, and the order can be finished."""
        statuses = {line.status for line in self.order.lines.all()}
        return (
            self.order.status == Status.RESERVED
            and Status.PICKED in statuses
            and Status.RESERVED not in statuses
        )


@dataclass(frozen=True)
class Stop:
    """A piece on the walk, and the basket into which it goes."""

    piece: Piece
    basket: Basket


@dataclass(frozen=True)
class Walk:
    """All baskets and all stops."""

    baskets: list[Basket]
    stops: list[Stop]

    @property
    def is_new(self) -> bool:
        """Whether nobody has taken some order."""
        return any(basket.is_new for basket in self.baskets)

    @property
    def is_open(self) -> bool:
        """Whether some order is still to be picked."""
        return any(basket.order.status == Status.RESERVED for basket in self.baskets)

    @property
    def is_full(self) -> bool:
        """Whether all pieces are decided and some order can be finished."""
        open_pieces = any(
            stop.piece.line.is_open for stop in self.stops if stop.basket.order.status == Status.RESERVED
        )
        return not open_pieces and any(basket.is_full for basket in self.baskets)

    @property
    def decided(self) -> int:
        """How many of all pieces are picked or missing."""
        return sum(basket.decided for basket in self.baskets)

    def stop_of(self, line_id: int) -> Stop | None:
        """The stop of this piece, or None."""
        return next((stop for stop in self.stops if stop.piece.line.pk == line_id), None)


def walk_of(keys: Sequence[int], orders: Sequence[WebOrder], policy: Policy) -> Walk:
    """The walk over these orders. Letters go by `keys`, so that none changes when another order has left."""
    by_key = {order.pk: order for order in orders}
    baskets = [
        Basket(letter, by_key[key])
        for letter, key in zip(ascii_uppercase, keys, strict=False)
        if key in by_key
    ]
    stops = [
        Stop(piece, basket)
        for basket in baskets
        for piece in pieces_of(basket.order, basket.order.lines.all(), policy)
    ]
    lines = for_walking([stop.piece.line for stop in stops])
    shelves = list(dict.fromkeys(line.variant_id for line in lines))
    # Equal pieces go to the baskets from the first to the last, as scans do.
    return Walk(baskets, sorted(stops, key=lambda stop: shelves.index(stop.piece.line.variant_id)))


def query_of(keys: Sequence[int]) -> str:
    """The orders of a walk as a query string."""
    return urlencode([("order", key) for key in keys])


def keys_in(values: Sequence[str]) -> list[int]:
    """The orders that a query string names, each once; Invalid for none and for too many."""
    keys = list(dict.fromkeys(key for key in map(number, values) if key))
    if not keys:
        raise Invalid(
            _("Choose the orders first."), [Fault("/order", _("Choose the orders first."), "required")]
        )
    if len(keys) > ORDERS_AT_MOST:
        sentence = _("At most %(count)d orders can be picked together.") % {"count": ORDERS_AT_MOST}
        raise Invalid(sentence, [Fault("/order", sentence, "too-many")])
    return keys
