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
from ddd.booking.returning import ReturnedPiece as BookedPiece
from ddd.booking.returning import TakenBack, return_body
from ddd.models import Attempt, ItemTransfer, Posting, Sale
from demo.generator.base import Made, Row
from orders.delivery import AT_THE_REGISTER, DDD_LOOK_BACK
from orders.escalation import EVENT_OF_LEVEL
from orders.models import Document, Mail, OrderEvent, WebOrder
from orders.states import Status
from returns.models import Condition, RefundDue, Return, ReturnedPiece
from returns.policy import Outcome

Kind = OrderEvent.Kind
Moment = tuple[datetime, Row]
# DdD answers within so many milliseconds.
QUICKEST, SLOWEST = 38, 420


def events_of(made: Made, paid_by: str) -> list[Moment]:
    """The timeline until the order has left the shop, or never does."""
    return [*_until_picked(made), *_until_it_leaves(made, paid_by), *_refund_due(made), *_mails(made)]


def _until_picked(made: Made) -> Iterator[Moment]:
    life, actor = made.life, made.actor
    yield made.event(Kind.CREATED, life.created, web_shop=made.web_shop.name)
    for level, at in zip(EVENT_OF_LEVEL, life.reminders, strict=False):
        waited = int((at - life.created).total_seconds() / 60)
        yield made.event(EVENT_OF_LEVEL[level], at, waiting_minutes=waited, deaf="", people=[])
    if not life.taken:
        return
    yield made.event(Kind.ACCEPTED, life.taken, actor)
    for variant, piece in zip(made.variants, life.pieces, strict=True):
        if piece.decided and piece.missing:
            yield made.event(Kind.PIECE_MISSING, piece.at, actor, piece=str(variant), reason=piece.missing)
        elif piece.decided:
            yield made.event(Kind.PIECE_PICKED, piece.at, actor, piece=str(variant))
    if life.picked:
        yield made.event(Kind.PICKED, life.picked, actor)
        yield made.event(Kind.PRINTED, life.picked, actor, document=Document.BAG_SLIP.value)


def _until_it_leaves(made: Made, paid_by: str) -> Iterator[Moment]:
    life, actor = made.life, made.actor
    if life.reminded_to_collect:
        yield made.event(Kind.COLLECT_REMINDED, life.reminded_to_collect)
    if life.delivered:
        way = WebOrder.Way.SEND if life.is_sent else WebOrder.Way.HAND_OVER
        proof = WebOrder.Proof.NONE if life.is_sent else WebOrder.Proof.CODE
        number = made.delivery_no if life.is_sent else ""
        told = {"way": way.value, "paid_by": paid_by, "delivery_no": number, "proof": proof.value}
        yield made.event(Kind.DELIVERED, life.delivered, actor, **told)
    if life.cancelled and life.cancelled_because:
        yield made.event(Kind.CANCELLED, life.cancelled, actor, reason=life.cancelled_because)
    elif life.cancelled:
        yield made.event(Kind.CANCELLED, life.cancelled, actor, because="no piece was found")
    if life.never_collected:
        yield made.event(Kind.NOT_COLLECTED, life.never_collected)
    if life.put_back:
        for variant, piece in zip(made.variants, life.pieces, strict=True):
            if piece.decided and piece.status in (Status.CANCELLED, Status.RETURNED):
                yield made.event(Kind.PUT_BACK, life.put_back, actor, piece=str(variant))


def _refund_due(made: Made) -> Iterator[Moment]:
    """Of a paid order: what was missing when it was picked, and all the rest when it is cancelled."""
    life = made.life
    if not life.is_paid:
        return
    ended = life.cancelled or life.never_collected
    missing = [place for place, piece in enumerate(life.pieces) if piece.missing]
    if life.picked and missing:
        yield _refund_of(made, missing, life.picked)
    if ended:
        lost = [place for place, piece in enumerate(life.pieces) if not (life.picked and piece.missing)]
        yield _refund_of(made, lost, ended)


def _refund_of(made: Made, places: Sequence[int], at: datetime) -> Moment:
    return made.event(
        Kind.REFUND_DUE,
        at,
        lines=[str(place + 1) for place in places],
        pieces=[str(made.variants[place]) for place in places],
        variant_ids=[str(made.variants[place].variant_id) for place in places],
        amount=f"{made.prices(places):.2f}",
    )


def _mails(made: Made) -> Iterator[Moment]:
    """A member was told that their order is ready, and reminded."""
    moments = ((Mail.Kind.READY, made.life.picked), (Mail.Kind.REMINDER, made.life.reminded_to_collect))
    for kind, at in moments:
        if not at or not made.life.is_member:
            continue
        made.batch.add(
            Mail,
            group_id=made.world.group.pk,
            order_id=made.pk,
            kind=kind.value,
            action_key=f"{kind.value}:{made.pk}",
            language=made.world.group.language,
            state=Mail.State.SENT.value,
            tries=1,
            not_before=at,
            made_at=at,
            sent_at=at,
        )
        yield made.event(Kind.MAIL_SENT, at, mail=kind.value)


def book_delivery(made: Made, paid_by: str, at: datetime) -> None:
    """Sale, item transfer and the carrier's number, as `ddd/booking/bookkeeping.py` books them."""
    found = [place for place, piece in enumerate(made.life.pieces) if not piece.missing]
    turnover = turnover_of(made.web_shop, made.shop, by_ddd=False)
    pieces = [made.sold(place) for place in found]
    delivery = Delivery(
        action_key=made.action_key,
        order_no=made.new.order_no,
        group=made.world.group,
        web_shop=made.web_shop,
        shop=made.shop,
        pieces=pieces,
        customer_number=made.new.customer_number,
        paid_at_register=paid_by if paid_by in AT_THE_REGISTER else "",
        by_ddd=False,
    )
    amount = sum((piece.effective_price for piece in pieces), Decimal(0))
    body = sale_body(delivery, turnover, made.world.connection)
    _sell(made, Posting.Kind.SALE, made.action_key, body, amount, at)
    if turnover.transfer:
        _transfer(made, made.action_key, made.shop, turnover.shop, items_of(pieces), at)
    if made.life.is_sent:
        lines: list[ChangedLine] = [
            {"VariantId": piece.variant_id, "DeliveryNo": made.delivery_no} for piece in pieces
        ]
        since = (made.life.created - DDD_LOOK_BACK).isoformat()
        change: ChangeBody = {"OrderNo": made.new.order_no, "Since": since, "WebOrderLines": lines}
        add_posting(made, Posting.Kind.CHANGE, f"change:{made.action_key}", change, at, made.web_shop)


def add_return(
    made: Made, lines: Sequence[int], paid_by: str, at: datetime, chance: random.Random
) -> list[Moment]:
    """What came back, who pays, and its books; its moment of the timeline."""
    pk, world, life = made.batch.number(Return), made.world, made.life
    back = [place for place, piece in enumerate(life.pieces) if piece.status == Status.RETURNED]
    amount, (words, code) = made.prices(back), chance.choice(world.reasons)
    register = world.returns.register_pays and amount <= (world.returns.money_limit or amount)
    outcome = Outcome.REGISTER if register or not life.is_paid else Outcome.WEB_SHOP
    paid_back = WebOrder.PaidBy.CASH.value if outcome == Outcome.REGISTER else ""
    condition = Condition.DAMAGED if life.damaged else Condition.SHELF
    data = {"group_id": world.group.pk, "amount": amount, "currency": world.group.currency, "made_at": at}
    made.batch.add(
        Return,
        id=pk,
        order_id=made.pk,
        number=1,
        shop_id=made.shop.pk,
        taken_by_id=made.actor.pk,
        outcome=outcome.value,
        paid_by=paid_back,
        **data,
    )
    for place in back:
        made.batch.add(
            ReturnedPiece,
            taken_back_id=pk,
            line_id=lines[place],
            reason=words,
            return_code=code,
            condition=condition.value,
            amount=made.prices([place]),
        )
    _book_return(made, pk, back, code, paid_back, at)
    told = {"amount": f"{amount:.2f}", "outcome": outcome.value, "paid_by": paid_back}
    each = {"reasons": [words] * len(back), "conditions": [condition.value] * len(back)}
    return [
        _taken_back(made, back, at, **told, **each),
        *(_refunded(made, pk, data, at) if outcome == Outcome.WEB_SHOP else []),
    ]


def _taken_back(made: Made, back: Sequence[int], at: datetime, **told: Any) -> Moment:
    return made.event(
        Kind.TAKEN_BACK,
        at,
        made.actor,
        shop=made.shop.name,
        lines=[str(place + 1) for place in back],
        pieces=[str(made.variants[place]) for place in back],
        overruled_by="",
        overrule_reason="",
        **{"return": 1},
        **told,
    )


def _refunded(made: Made, returned: int, data: Row, at: datetime) -> list[Moment]:
    """The web shop gives the money back within two days."""
    refunded = at + timedelta(hours=6 + returned % 40)
    is_done = refunded <= made.world.now
    reference = f"R-{returned}" if is_done else ""
    made.batch.add(
        RefundDue,
        web_shop_id=made.web_shop.pk,
        taken_back_id=returned,
        state=(RefundDue.State.REFUNDED if is_done else RefundDue.State.DUE).value,
        modified_at=refunded if is_done else at,
        reference=reference,
        closed_at=refunded if is_done else None,
        **data,
    )
    told: dict[str, Any] = {"amount": f"{data['amount']:.2f}", "reference": reference, "return": 1}
    return [made.event(Kind.REFUNDED, refunded, web_shop=made.web_shop.name, **told)] if is_done else []


def _book_return(made: Made, pk: int, back: Sequence[int], code: int, paid_by: str, at: datetime) -> None:
    turnover, action_key = turnover_of(made.web_shop, made.shop, by_ddd=False), f"return:{pk}"
    taken_back = TakenBack(
        action_key=action_key,
        order_no=made.new.order_no,
        group=made.world.group,
        web_shop=made.web_shop,
        shop=made.shop,
        pieces=[BookedPiece(made.sold(place), code) for place in back],
        customer_number=made.new.customer_number,
        paid_by=paid_by,
        time_to_cancel=timedelta(),
    )
    body = return_body(taken_back, turnover, made.world.connection)
    _sell(made, Posting.Kind.RETURN, action_key, body, -taken_back.amount, at)
    if turnover.transfer:
        items = items_of([made.sold(place) for place in back])
        _transfer(made, action_key, turnover.shop, made.shop, items, at)


def _sell(
    made: Made, kind: Posting.Kind, action_key: str, body: SaleBody, amount: Decimal, at: datetime
) -> None:
    shop = made.world.shops[body["ShopId"]]
    receipt = made.batch.receipt(shop)
    posting = add_posting(made, kind, f"{kind.value}:{action_key}", {**body, "ReceiptId": receipt}, at)
    made.batch.add(
        Sale,
        group_id=made.world.group.pk,
        shop_id=shop.pk,
        terminal_id=body["TerminalId"],
        receipt_id=receipt,
        order_no=made.new.order_no,
        amount=amount,
        currency=made.world.group.currency,
        posting_id=posting,
        made_at=at,
    )


def _transfer(
    made: Made, action_key: str, sender: Shop, recipient: Shop, items: list[Item], at: datetime
) -> None:
    body: TransferBody = {
        "ShopIdSender": sender.shop_id,
        "ShopIdRecipient": recipient.shop_id,
        "Items": items,
    }
    posting = add_posting(
        made, Posting.Kind.TRANSFER, f"transfer:{action_key}", body, at, lane=outbox.lane_of(body)
    )
    made.batch.add(
        ItemTransfer,
        group_id=made.world.group.pk,
        sender_id=sender.pk,
        recipient_id=recipient.pk,
        order_no=made.new.order_no,
        pieces=sum(item["Quantity"] for item in items),
        posting_id=posting,
        made_at=at,
    )


def add_posting(
    made: Made,
    kind: Posting.Kind,
    action_key: str,
    body: Mapping[str, object],
    at: datetime,
    web_shop: WebShop | None = None,
    lane: str = "",
) -> int:
    """What DdD was told, by the web shop or else by the Group, with its one attempt; its Id."""
    pk = made.batch.number(Posting)
    sent = at + timedelta(seconds=1)
    made.batch.add(
        Posting,
        id=pk,
        group_id=made.world.group.pk,
        kind=kind.value,
        action_key=action_key,
        order_no=made.new.order_no,
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
    made.batch.add(
        Attempt,
        posting_id=pk,
        purpose=Attempt.Purpose.SEND.value,
        started_at=sent,
        duration_ms=QUICKEST + pk * 7919 % (SLOWEST - QUICKEST),
        outcome=Attempt.Outcome.SENT.value,
    )
    return pk
