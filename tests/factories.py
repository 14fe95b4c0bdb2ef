"""The cast (the people and shops of the demo), and orders that reach their state through services."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count

from django.utils import timezone

from accounts.demo_secrets import FJORD_KEY, NORDLYS_KEY, OUTLET_KEY
from accounts.models import ApiKey, Group, Shop, User, WebShop
from accounts.operators import make_operator
from accounts.second_factor import has_second_factor
from accounts.viewer import Viewer
from ddd.api.wire import WireArticle
from ddd.lookup import catalogue
from ddd.models import Connection, Variant
from demo.seed import Upstream, seed
from orders import delivery, picking
from orders.delivery import HandOver
from orders.intake import receive_order
from orders.models import WebOrder
from orders.proof import PresentedProof
from orders.reading import NewLine, NewOrder
from returns import desk
from returns.desk import Piece, ReturnRequest
from returns.models import Condition, Return
from returns.policy import Outcome
from returns.reasons import offered_reasons
from tests import seeded
from tests.accounts.codes import has_set_up

NOW = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)  # a Tuesday, 10:00 in Copenhagen, in the past
NOWHERE = "http://127.0.0.1:9"
JUMPER, JUMPER_L, SCARF, CAP = 100001, 100003, 100039, 100041
JUMPER_EAN, SCARF_EAN = "5712345000014", "5712345000397"
SHARED_EAN = "5712345000991"
HAND_OVER = HandOver(WebOrder.Way.HAND_OVER)
_numbers = count(1)


@dataclass
class Cast:
    """Nordlys with its shops, web shops and people, and Fjord, which must never see any of it."""

    nordlys: Group = field(init=False)
    fjord: Group = field(init=False)

    def __post_init__(self) -> None:
        self.nordlys = Group.objects.get(ddd_group_id=996)
        self.fjord = Group.objects.get(ddd_group_id=997)

    def shop(self, shop_id: int) -> Shop:
        return Shop.objects.select_related("group").get(shop_id=shop_id)

    @property
    def aarhus(self) -> Shop:
        return self.shop(996001)

    @property
    def odense(self) -> Shop:
        return self.shop(996002)

    @property
    def turnover_shop(self) -> Shop:
        return self.shop(996900)

    @property
    def connection(self) -> Connection:
        return Connection.objects.get(group=self.nordlys)

    def web_shop(self, name: str) -> WebShop:
        return WebShop.objects.get(name=name)

    def key(self, name: str = "nordlys") -> ApiKey:
        text = {"nordlys": NORDLYS_KEY, "outlet": OUTLET_KEY, "fjord": FJORD_KEY}[name]
        keys = ApiKey.objects.select_related("web_shop__group", "web_shop__turnover_shop")
        return keys.get(digest=ApiKey.digest_of(text))

    def person(self, who: str) -> User:
        """`office`, `manager`, `aarhus`, `odense` of Nordlys; `fjord office`, `fjord staff`; the `operator`,
        who is created on first use, with a second factor."""
        if who == "operator":
            known = User.objects.select_related("group").filter(is_operator=True).first()
            operator = known or make_operator("operator@portal.example", "Sesame, open!")
            if not has_second_factor(operator):
                has_set_up(operator)
            return operator
        name, _space, rest = who.partition(" ")
        email = f"{rest}@fjord.example" if rest else f"{name}@nordlys.example"
        return User.objects.select_related("group").get(email=email)

    def viewer(self, who: str) -> Viewer:
        """The same person, at a device of their own."""
        return Viewer.of(self.person(who))


def make_cast(ddd_url: str = NOWHERE, articles: bool = True) -> Cast:
    """The demo's people and shops, with a few articles of the sandbox in the catalogue."""
    if not articles or Group.objects.exists():
        return _seed_cast(ddd_url, articles)
    if seeded.is_noted():
        seeded.put_back()
        Connection.objects.update(base_url=ddd_url, started_at=timezone.now())
        return Cast()
    is_first = seeded.nothing_is_there()
    cast = _seed_cast(ddd_url, articles)
    if is_first:
        seeded.note()
    return cast


def _seed_cast(ddd_url: str, articles: bool) -> Cast:
    seed(Upstream(ddd_url))
    cast = Cast()
    if articles:
        for group in (cast.nordlys, cast.fjord):
            catalogue.store(Connection.objects.get(group=group), _articles(), NOW)
            sharing = Variant.objects.filter(group=group, variant_id__in=(100013, 100014))
            for variant in sharing:
                variant.barcodes.create(group=group, ean=SHARED_EAN)
    return cast


def new_order(
    order_no: str = "",
    shop_id: int = 996001,
    variants: tuple[int, ...] = (JUMPER, SCARF),
    is_paid: bool = True,
    receive_address: str = "Åse Ø. Sørensen#Bakkevej 3, 2. tv.#8000 Aarhus C",
    price: str = "199.95",
    customer_number: int = 0,
    notes: str = "",
) -> NewOrder:
    """A web order as a web shop sends it; each piece costs `price`, 20.00 less than its list price."""
    amount = Decimal(price)
    lines = tuple(
        NewLine(number, "", amount + 20, amount, Decimal("20.00"), notes=notes) for number in variants
    )
    return NewOrder(
        order_no or f"T-{next(_numbers):05d}",
        shop_id,
        is_paid,
        customer_number,
        lines,
        receive_address=receive_address,
    )


def received(
    cast: Cast, new: NewOrder | None = None, web_shop: str = "nordlys", now: datetime = NOW
) -> WebOrder:
    """An order that has just come in."""
    return receive_order(cast.key(web_shop), new or new_order(), [], now)


def taken(
    cast: Cast, who: str = "aarhus", new: NewOrder | None = None, web_shop: str = "nordlys"
) -> WebOrder:
    """An order that somebody has accepted."""
    order = received(cast, new, web_shop)
    picking.accept(order, cast.person(who), NOW + timedelta(minutes=1))
    return again(order)


def picked(
    cast: Cast,
    who: str = "aarhus",
    new: NewOrder | None = None,
    web_shop: str = "nordlys",
    missing: tuple[int, ...] = (),
) -> WebOrder:
    """An order ready for its customer; `missing` are the line numbers that were not found."""
    order, actor, now = taken(cast, who, new, web_shop), cast.person(who), NOW + timedelta(minutes=5)
    for line in order.lines.all():
        if line.number in missing:
            picking.report_missing(order, line.pk, "not found", actor, now)
        else:
            picking.pick(order, line.pk, actor, now)
    picking.finish(order, actor, now)
    return again(order)


def delivered(
    cast: Cast,
    who: str = "aarhus",
    new: NewOrder | None = None,
    web_shop: str = "nordlys",
    hand_over: HandOver = HAND_OVER,
    missing: tuple[int, ...] = (),
) -> WebOrder:
    """A delivered order."""
    order = picked(cast, who, new, web_shop, missing)
    if hand_over is HAND_OVER:
        # Fjord asks for it.
        hand_over = replace(hand_over, proof=PresentedProof(order.pickup_code))
    delivery.deliver(order, hand_over, cast.person(who), NOW + timedelta(minutes=30))
    return again(order)


def taken_back(
    cast: Cast,
    order: WebOrder,
    who: str = "aarhus",
    shop: Shop | None = None,
    lines: tuple[int, ...] = (),
    paid_by: str = "",
    condition: Condition = Condition.SHELF,
    instead: Outcome | None = None,
    overrule_reason: str = "",
    now: datetime = NOW + timedelta(days=1),
) -> Return:
    """A return of the pieces with these line numbers, or of all that the customer has, for the first reason
    that is offered; in the order's shop unless said otherwise."""
    reason = offered_reasons(order.group)[0].code
    chosen = order.lines.filter(number__in=lines) if lines else order.lines.filter(status="Delivered")
    pieces = tuple(Piece(line.pk, reason, condition) for line in chosen)
    return_request = ReturnRequest(pieces, paid_by, instead, overrule_reason)
    return desk.take_back(order, shop or order.shop, return_request, cast.person(who), now)


def again(order: WebOrder) -> WebOrder:
    """The order as the database has it now."""
    return WebOrder.objects.select_related("group", "shop", "web_shop").get(pk=order.pk)


def _articles() -> list[WireArticle]:
    rows = [
        (JUMPER, JUMPER_EAN, "Wool jumper Skagerrak", "Blue", "S"),
        (JUMPER_L, "5712345000038", "Wool jumper Skagerrak", "Blue", "L"),
        (SCARF, SCARF_EAN, "Scarf Løvfald", "Rust", "One size"),
        (CAP, "5712345000410", "Cap Blåvand", "Navy", "One size"),
        (100013, "5712345000137", "Rain jacket Vesterhav", "Navy", "L"),
        (100014, "5712345000144", "Down vest Rimfrost", "Black", "S"),
    ]
    return [
        WireArticle(
            number,
            ean,
            1010,
            {"StyleParameter1": description, "VariantParameter1": colour, "VariantParameter2": size},
        )
        for number, ean, description, colour, size in rows
    ]
