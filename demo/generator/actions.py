"""The actions of a made-up life: its timeline, its mails, and its books with DdD's answers."""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from accounts.models import Shop, WebShop
from ddd.api.bodies import ChangeBody, ChangedLine, Item, SaleBody, TransferBody
from ddd.booking import outbox
from ddd.booking.bookkeeping import Delivery, items_of, sale_body, turnover_of
from ddd.booking.returning import ReturnBooking, return_body
from ddd.booking.returning import ReturnedPiece as BookedPiece
from ddd.models import Attempt, ItemTransfer, Posting, Sale
from demo.generator.base import MadeUpOrder, Moment
from demo.generator.refunds import add_refund, refunds_of_lost_pieces
from orders.delivery import DDD_LOOK_BACK
from orders.escalation import EVENT_OF_LEVEL
from orders.models import Document, Mail, OrderEvent, WebOrder
from orders.selling import AT_THE_REGISTER
from orders.states import Status
from returns.models import Condition, Return, ReturnedPiece
from returns.policy import Outcome

Kind = OrderEvent.Kind
# DdD answers within so many milliseconds.
QUICKEST, SLOWEST = 38, 420


def events_of(order: MadeUpOrder, paid_by: str, lines: Sequence[int]) -> list[Moment]:
    """The timeline until the order has left the shop, or never does."""
    refunds = refunds_of_lost_pieces(order, lines)
    return [*_until_picked(order), *_until_it_leaves(order, paid_by), *refunds, *_mails(order)]


def _until_picked(order: MadeUpOrder) -> Iterator[Moment]:
    life, actor = order.life, order.actor
    yield order.event(Kind.CREATED, life.created, web_shop=order.web_shop.name)
    for level, at in zip(EVENT_OF_LEVEL, life.reminders, strict=False):
        waited = int((at - life.created).total_seconds() / 60)
        yield order.event(EVENT_OF_LEVEL[level], at, waiting_minutes=waited, deaf="", people=[])
    if not life.taken:
        return
    yield order.event(Kind.ACCEPTED, life.taken, actor)
    for variant, piece in zip(order.variants, life.pieces, strict=True):
        if piece.decided and piece.missing:
            yield order.event(Kind.PIECE_MISSING, piece.at, actor, piece=str(variant), reason=piece.missing)
        elif piece.decided:
            yield order.event(Kind.PIECE_PICKED, piece.at, actor, piece=str(variant))
    if life.picked:
        yield order.event(Kind.PICKED, life.picked, actor)
        yield order.event(Kind.PRINTED, life.picked, actor, document=Document.BAG_SLIP.value)


def _until_it_leaves(order: MadeUpOrder, paid_by: str) -> Iterator[Moment]:
    life, actor = order.life, order.actor
    if life.reminded_to_collect:
        yield order.event(Kind.COLLECT_REMINDED, life.reminded_to_collect)
    if life.delivered:
        way = WebOrder.Way.SEND if life.is_sent else WebOrder.Way.HAND_OVER
        proof = WebOrder.Proof.NONE if life.is_sent else WebOrder.Proof.CODE
        number = order.delivery_no if life.is_sent else ""
        event_data = {"way": way.value, "paid_by": paid_by, "delivery_no": number, "proof": proof.value}
        yield order.event(Kind.DELIVERED, life.delivered, actor, **event_data)
    if life.cancelled and life.cancelled_because:
        yield order.event(Kind.CANCELLED, life.cancelled, actor, reason=life.cancelled_because)
    elif life.cancelled:
        yield order.event(Kind.CANCELLED, life.cancelled, actor, because="no piece was found")
    if life.never_collected:
        yield order.event(Kind.NOT_COLLECTED, life.never_collected)
    if life.put_back:
        for variant, piece in zip(order.variants, life.pieces, strict=True):
            if piece.decided and piece.status in (Status.CANCELLED, Status.RETURNED):
                yield order.event(Kind.PUT_BACK, life.put_back, actor, piece=str(variant))


def _mails(order: MadeUpOrder) -> Iterator[Moment]:
    """A member's mails: the order is ready, and a reminder."""
    moments = ((Mail.Kind.READY, order.life.picked), (Mail.Kind.REMINDER, order.life.reminded_to_collect))
    for kind, at in moments:
        if not at or not order.life.is_member:
            continue
        order.batch.add(
            Mail,
            group_id=order.world.group.pk,
            order_id=order.pk,
            kind=kind.value,
            action_key=f"{kind.value}:{order.pk}",
            language=order.world.group.language,
            state=Mail.State.SENT.value,
            tries=1,
            not_before=at,
            made_at=at,
            sent_at=at,
        )
        yield order.event(Kind.MAIL_SENT, at, mail=kind.value)


def book_delivery(order: MadeUpOrder, paid_by: str, at: datetime) -> None:
    """Sale, item transfer and the carrier's number, as `ddd/booking/bookkeeping.py` books them."""
    found = [place for place, piece in enumerate(order.life.pieces) if not piece.missing]
    turnover = turnover_of(order.web_shop, order.shop, by_ddd=False)
    pieces = [order.sold(place) for place in found]
    delivery = Delivery(
        action_key=order.action_key,
        order_no=order.new.order_no,
        group=order.world.group,
        web_shop=order.web_shop,
        shop=order.shop,
        pieces=pieces,
        customer_number=order.new.customer_number,
        paid_at_register=paid_by if paid_by in AT_THE_REGISTER else "",
        by_ddd=False,
    )
    amount = sum((piece.effective_price for piece in pieces), Decimal(0))
    body = sale_body(delivery, turnover, order.world.connection)
    _sell(order, Posting.Kind.SALE, order.action_key, body, amount, at)
    if turnover.transfer:
        _transfer(order, order.action_key, order.shop, turnover.shop, items_of(pieces), at)
    if order.life.is_sent:
        lines: list[ChangedLine] = [
            {"VariantId": piece.variant_id, "DeliveryNo": order.delivery_no} for piece in pieces
        ]
        since = (order.life.created - DDD_LOOK_BACK).isoformat()
        change: ChangeBody = {"OrderNo": order.new.order_no, "Since": since, "WebOrderLines": lines}
        add_posting(order, Posting.Kind.CHANGE, f"change:{order.action_key}", change, at, order.web_shop)


def add_return(
    order: MadeUpOrder, lines: Sequence[int], paid_by: str, at: datetime, chance: random.Random
) -> list[Moment]:
    """What came back, who pays, and its books; its moment of the timeline."""
    pk, world, life = order.batch.number(Return), order.world, order.life
    back = [place for place, piece in enumerate(life.pieces) if piece.status == Status.RETURNED]
    amount, (words, code) = order.prices(back), chance.choice(world.reasons)
    register = world.returns.register_pays and amount <= (world.returns.money_limit or amount)
    outcome = Outcome.REGISTER if register or not life.is_paid else Outcome.WEB_SHOP
    paid_back = WebOrder.PaidBy.CASH.value if outcome == Outcome.REGISTER else ""
    condition = Condition.DAMAGED if life.damaged else Condition.SHELF
    refund, refunded = (
        add_refund(order, amount, at, **{"return": 1}) if outcome == Outcome.WEB_SHOP else (None, [])
    )
    order.batch.add(
        Return,
        id=pk,
        order_id=order.pk,
        number=1,
        shop_id=order.shop.pk,
        taken_by_id=order.actor.pk,
        outcome=outcome.value,
        paid_by=paid_back,
        refund_due_id=refund,
        group_id=world.group.pk,
        amount=amount,
        currency=world.group.currency,
        made_at=at,
    )
    for place in back:
        order.batch.add(
            ReturnedPiece,
            taken_back_id=pk,
            line_id=lines[place],
            reason=words,
            return_code=code,
            condition=condition.value,
            amount=order.prices([place]),
        )
    _book_return(order, pk, back, code, paid_back, at)
    event_data = {"amount": f"{amount:.2f}", "outcome": outcome.value, "paid_by": paid_back}
    each = {"reasons": [words] * len(back), "conditions": [condition.value] * len(back)}
    return [_taken_back(order, back, at, **event_data, **each), *refunded]


def _taken_back(order: MadeUpOrder, back: Sequence[int], at: datetime, **event_data: Any) -> Moment:
    return order.event(
        Kind.TAKEN_BACK,
        at,
        order.actor,
        shop=order.shop.name,
        lines=[str(place + 1) for place in back],
        pieces=[str(order.variants[place]) for place in back],
        overruled_by="",
        overrule_reason="",
        **{"return": 1},
        **event_data,
    )


def _book_return(
    order: MadeUpOrder, pk: int, back: Sequence[int], code: int, paid_by: str, at: datetime
) -> None:
    turnover, action_key = turnover_of(order.web_shop, order.shop, by_ddd=False), f"return:{pk}"
    taken_back = ReturnBooking(
        action_key=action_key,
        order_no=order.new.order_no,
        group=order.world.group,
        web_shop=order.web_shop,
        shop=order.shop,
        pieces=[BookedPiece(order.sold(place), code) for place in back],
        customer_number=order.new.customer_number,
        paid_by=paid_by,
        time_to_cancel=timedelta(),
    )
    body = return_body(taken_back, turnover, order.world.connection)
    _sell(order, Posting.Kind.RETURN, action_key, body, -taken_back.amount, at)
    if turnover.transfer:
        items = items_of([order.sold(place) for place in back])
        _transfer(order, action_key, turnover.shop, order.shop, items, at)


def _sell(
    order: MadeUpOrder, kind: Posting.Kind, action_key: str, body: SaleBody, amount: Decimal, at: datetime
) -> None:
    shop = order.world.shops[body["ShopId"]]
    receipt = order.batch.receipt(shop)
    posting = add_posting(order, kind, f"{kind.value}:{action_key}", {**body, "ReceiptId": receipt}, at)
    order.batch.add(
        Sale,
        group_id=order.world.group.pk,
        shop_id=shop.pk,
        terminal_id=body["TerminalId"],
        receipt_id=receipt,
        order_no=order.new.order_no,
        amount=amount,
        currency=order.world.group.currency,
        posting_id=posting,
        made_at=at,
    )


def _transfer(
    order: MadeUpOrder, action_key: str, sender: Shop, recipient: Shop, items: list[Item], at: datetime
) -> None:
    body: TransferBody = {
        "ShopIdSender": sender.shop_id,
        "ShopIdRecipient": recipient.shop_id,
        "Items": items,
    }
    posting = add_posting(
        order, Posting.Kind.TRANSFER, f"transfer:{action_key}", body, at, lane=outbox.lane_of(body)
    )
    order.batch.add(
        ItemTransfer,
        group_id=order.world.group.pk,
        sender_id=sender.pk,
        recipient_id=recipient.pk,
        order_no=order.new.order_no,
        pieces=sum(item["Quantity"] for item in items),
        posting_id=posting,
        made_at=at,
    )


def add_posting(
    order: MadeUpOrder,
    kind: Posting.Kind,
    action_key: str,
    body: Mapping[str, object],
    at: datetime,
    web_shop: WebShop | None = None,
    lane: str = "",
) -> int:
    """A posting sent by the web shop, or else by the Group, with its one attempt; returns its id."""
    pk = order.batch.number(Posting)
    sent = at + timedelta(seconds=1)
    order.batch.add(
        Posting,
        id=pk,
        group_id=order.world.group.pk,
        kind=kind.value,
        action_key=action_key,
        order_no=order.new.order_no,
        web_shop_id=web_shop.pk if web_shop else None,
        payload=json.dumps(body),
        lane=lane,
        state=Posting.State.SENT.value,
        tries=1,
        not_before=at,
        first_sent_at=sent,
        made_at=at,
        settled_at=sent,
    )
    order.batch.add(
        Attempt,
        posting_id=pk,
        purpose=Attempt.Purpose.SEND.value,
        started_at=sent,
        duration_ms=QUICKEST + pk * 7919 % (SLOWEST - QUICKEST),
        outcome=Attempt.Outcome.SENT.value,
    )
    return pk
