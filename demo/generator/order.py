"""A made-up life as the rows that the real verbs would have written: the order, its lines and its name."""

import random
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Final

from ddd.models import Posting, Variant
from demo.generator.actions import add_posting, add_return, book_delivery, events_of
from demo.generator.base import Batch, MadeUpOrder, Row, World
from demo.generator.life import Life, Piece
from orders.intake import body_for_ddd
from orders.models import Line, OrderEvent, ReceiverWord, WebOrder
from orders.order_no import folded
from orders.reading import NewLine, NewOrder
from orders.receivers import stored_words
from orders.states import Status

FIRST_NAMES: Final = (
    *("Åse", "Søren", "Noor", "Bjørn", "Sofie", "Łukasz", "Maja", "Villads", "Ida", "Emil", "Freja"),
    *("Oscar", "Alma", "Malthe", "Karla", "Aksel", "Ella", "Viggo", "Asta", "Storm", "Liv", "Gustav"),
)
LAST_NAMES: Final = (
    *("Øst", "Ågård", "Hansen", "Kærgaard", "Bæk Nielsen", "Wójcik", "Thygesen", "Rønne", "Sørensen"),
    *("Madsen", "Holm", "Juhl", "Lund", "Dahl", "Bech", "Krogh", "Friis", "Toft", "Winther", "Skov"),
)
STREETS: Final = ("Søndergade", "Æblevej", "Nørrebrogade", "Strandvejen", "Skovløkken", "Østerågade")
TOWNS: Final = ("8000 Aarhus C", "5230 Odense M", "2200 København N", "9000 Aalborg", "6000 Kolding")
DISCOUNTS: Final = (0, 0, 0, 0, 10, 20, 30)


def add_order(world: World, batch: Batch, order_no: str, life: Life, chance: random.Random) -> None:
    """The order with all that belongs to it."""
    web_shop, shop = chance.choice(world.places)
    chosen = chance.choices(world.assortment, k=len(life.pieces))
    new = NewOrder(
        order_no=order_no,
        shop_id=shop.shop_id,
        is_paid=life.is_paid,
        customer_number=chance.randrange(100_000, 400_000) if life.is_member else 0,
        lines=tuple(_new_line(variant, price, chance) for variant, price in chosen),
        order_reference=f"{web_shop.name} {order_no}",
        ordered_on=life.created,
        receive_address=_address(chance),
    )
    order = MadeUpOrder(
        pk=batch.number(WebOrder),
        new=new,
        life=life,
        web_shop=web_shop,
        shop=shop,
        variants=[variant for variant, _price in chosen],
        actor=chance.choice(world.people[shop.pk]),
        world=world,
        batch=batch,
    )
    paid_by = _paid_by(life, chance)
    _add_order_row(order, paid_by, chance)
    lines = _add_lines(order)
    for word in _words(new.receive_address.split("#", 1)[0]):
        batch.add(ReceiverWord, group_id=world.group.pk, order_id=order.pk, word=word)
    body = body_for_ddd(new, order.variants)
    add_posting(order, Posting.Kind.ORDER, f"order:{order_no}", body, life.created, order.web_shop)
    events = events_of(order, paid_by, lines)
    if life.delivered:
        book_delivery(order, paid_by, life.delivered)
    if life.returned:
        events += add_return(order, lines, paid_by, life.returned, chance)
    for _at, event in sorted(events, key=lambda one: one[0]):
        batch.add(OrderEvent, **event)


def _new_line(variant: Variant, price: Decimal, chance: random.Random) -> NewLine:
    discount = (price * chance.choice(DISCOUNTS) / 100).quantize(Decimal("0.01"))
    return NewLine(variant.variant_id, "", price, price - discount, discount)


def _address(chance: random.Random) -> str:
    name = f"{chance.choice(FIRST_NAMES)} {chance.choice(LAST_NAMES)}"
    return f"{name}#{chance.choice(STREETS)} {chance.randrange(1, 190)}#{chance.choice(TOWNS)}"


@lru_cache(maxsize=1000)
def _words(name: str) -> list[bytes]:
    return stored_words(name)


def _paid_by(life: Life, chance: random.Random) -> str:
    if not life.delivered:
        return ""
    if life.is_paid:
        return WebOrder.PaidBy.WEB_SHOP.value
    return chance.choice((WebOrder.PaidBy.CASH.value, WebOrder.PaidBy.TERMINAL.value))


def _add_order_row(order: MadeUpOrder, paid_by: str, chance: random.Random) -> None:
    life, new, actor = order.life, order.new, order.actor.pk
    way = WebOrder.Way.SEND if life.is_sent else WebOrder.Way.HAND_OVER
    proof = WebOrder.Proof.NONE if life.is_sent else WebOrder.Proof.CODE
    order.batch.add(
        WebOrder,
        id=order.pk,
        group_id=order.world.group.pk,
        shop_id=order.shop.pk,
        web_shop_id=order.web_shop.pk,
        source=WebOrder.Source.API.value,
        order_no=new.order_no,
        order_no_folded=folded(new.order_no),
        order_no_is_first=True,
        order_reference=new.order_reference,
        ordered_on=new.ordered_on,
        is_paid=new.is_paid,
        customer_number=new.customer_number,
        receive_address=new.receive_address,
        content=f"made up: {new.order_no}",
        status=life.status.value,
        promised_at=life.created + timedelta(minutes=order.world.group.promise_minutes),
        created_at=life.created,
        modified_at=life.last,
        stored_at=life.last,
        stored_at_is_due=False,
        taken_at=life.taken,
        taken_by_id=actor if life.taken else None,
        picked_at=life.picked,
        delivered_at=life.delivered,
        delivered_by_id=actor if life.delivered else None,
        way=way.value if life.delivered else "",
        paid_by=paid_by,
        pickup_code=f"{chance.randrange(10**6):06d}",
        proof=proof.value if life.delivered else "",
        collect_by=life.collect_by,
        collect_reminded_at=life.reminded_to_collect,
        escalated=len(life.reminders),
    )


def _add_lines(order: MadeUpOrder) -> list[int]:
    """Their Ids."""
    ids = [order.batch.number(Line) for _piece in order.life.pieces]
    for place, (pk, piece) in enumerate(zip(ids, order.life.pieces, strict=True)):
        wanted, life = order.new.lines[place], order.life
        order.batch.add(
            Line,
            id=pk,
            order_id=order.pk,
            number=place + 1,
            variant_id=order.variants[place].pk,
            sales_price=wanted.sales_price,
            effective_sales_price=wanted.effective_sales_price,
            discount_amount=wanted.discount_amount,
            delivery_no=order.delivery_no if life.delivered and not piece.missing and life.is_sent else "",
            status=piece.status.value,
            missing_reason=piece.missing,
            picked_by_id=order.actor.pk if piece.decided and not piece.missing else None,
            modified_at=life.last,
            **_put_back(order, piece),
        )
    return ids


def _put_back(order: MadeUpOrder, piece: Piece) -> Row:
    """Whether the piece lies in the back, or did."""
    life = order.life
    lies = piece.decided and piece.status == Status.CANCELLED
    came_back = piece.status == Status.RETURNED and not life.damaged
    if not lies and not came_back:
        return {}
    shop = order.shop.pk if came_back else None
    if life.put_back is None:
        return {"to_put_back": True, "put_back_shop_id": shop}
    return {"put_back_shop_id": shop, "put_back_at": life.put_back, "put_back_by_id": order.actor.pk}
