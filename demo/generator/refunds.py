"""What the web shop of a made-up order owes its customer, and pays within two days."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from demo.generator.base import MadeUpOrder, Moment
from orders.models import OrderEvent, RefundDue, RefundedLine

Kind = OrderEvent.Kind
Cause = RefundedLine.Cause


def add_refund(order: MadeUpOrder, amount: Decimal, at: datetime, **about: Any) -> tuple[int, list[Moment]]:
    """Its Id, and the moment of its payment when that is behind us."""
    pk, group = order.batch.number(RefundDue), order.world.group
    refunded = at + timedelta(hours=6 + pk % 40)
    is_done = refunded <= order.world.now
    reference = f"R-{pk}" if is_done else ""
    order.batch.add(
        RefundDue,
        id=pk,
        group_id=group.pk,
        web_shop_id=order.web_shop.pk,
        order_id=order.pk,
        shop_id=order.shop.pk,
        amount=amount,
        currency=group.currency,
        state=(RefundDue.State.REFUNDED if is_done else RefundDue.State.DUE).value,
        made_at=at,
        modified_at=refunded if is_done else at,
        stored_at=refunded if is_done else at,
        stored_at_is_due=False,
        reference=reference,
        closed_at=refunded if is_done else None,
    )
    data = {"amount": f"{amount:.2f}", "reference": reference, **about}
    paid = order.event(Kind.REFUNDED, refunded, web_shop=order.web_shop.name, **data)
    return pk, [paid] if is_done else []


def refunds_of_lost_pieces(order: MadeUpOrder, lines: Sequence[int]) -> Iterator[Moment]:
    """Of a paid order: what was missing when it was picked, and all the rest when it is cancelled."""
    life = order.life
    if not life.is_paid:
        return
    ended = life.cancelled or life.never_collected
    missing = [place for place, piece in enumerate(life.pieces) if piece.missing]
    if life.picked and missing:
        yield from _refund_of(order, lines, missing, life.picked)
    if ended:
        lost = [place for place, piece in enumerate(life.pieces) if not (life.picked and piece.missing)]
        yield from _refund_of(order, lines, lost, ended)


def _refund_of(
    order: MadeUpOrder, lines: Sequence[int], places: Sequence[int], at: datetime
) -> Iterator[Moment]:
    refund, paid = add_refund(order, order.prices(places), at)
    for place in places:
        order.batch.add(
            RefundedLine,
            refund_id=refund,
            line_id=lines[place],
            amount=order.prices([place]),
            **_why(order, place),
        )
    yield order.event(
        Kind.REFUND_DUE,
        at,
        lines=[str(place + 1) for place in places],
        pieces=[str(order.variants[place]) for place in places],
        variant_ids=[str(order.variants[place].variant_id) for place in places],
        amount=f"{order.prices(places):.2f}",
        refund=refund,
    )
    yield from paid


def _why(order: MadeUpOrder, place: int) -> dict[str, str]:
    life, missing = order.life, order.life.pieces[place].missing
    if missing:
        return {"cause": Cause.MISSING.value, "reason": missing}
    if life.never_collected:
        return {"cause": Cause.NOT_COLLECTED.value, "reason": ""}
    return {"cause": Cause.CANCELLED.value, "reason": life.cancelled_because}
