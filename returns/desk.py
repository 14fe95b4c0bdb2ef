"""Pieces come back to a shop, and a wrong return is cancelled or reversed. Each function is one
transaction."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.access import is_manager
from accounts.models import Shop, User
from core.errors import Conflict, Fault, Invalid, NotFound
from ddd.booking import outbox, returning
from ddd.booking.bookkeeping import SoldPiece, withdraw
from orders.events import record
from orders.locking import locked
from orders.models import Line, OrderEvent, RefundDue, WebOrder
from orders.putting_back import put_back_fields
from orders.refusing import name_of
from orders.selling import AT_THE_REGISTER
from orders.states import Status
from returns import sentences
from returns.ending import checked_reason, end, event_data, order_for_event, record_end, wrong_return
from returns.judging import judge
from returns.models import Condition, Return, ReturnedPiece
from returns.policy import Decision, Outcome, Overruling, ReasonCode
from returns.reasons import ReasonToReturn, offered_reasons

Kind = OrderEvent.Kind
State = Return.State
# Of several reasons, the one whose code a refusal gets; the first wins.
REFUSALS: Final = (ReasonCode.MAY_NOT_OVERRULE, ReasonCode.TOO_LATE, ReasonCode.OVER_THE_LIMIT)


@dataclass(frozen=True)
class Piece:
    """One line of the order (by its id) that came back, with the code of an offered reason and its
    condition."""

    line: int
    reason: str
    condition: Condition


@dataclass(frozen=True)
class ReturnRequest:
    """What the person at the counter has entered. `instead` is an outcome other than the policy's; `shown` is
    the `outcome_token` of their screen, and anything else is refused."""

    pieces: tuple[Piece, ...]
    paid_by: str = ""
    instead: Outcome | None = None
    overrule_reason: str = ""
    shown: str = ""


@dataclass(frozen=True)
class CheckedPiece:
    """A piece whose line, reason and condition are valid."""

    line: Line
    reason: ReasonToReturn
    condition: Condition


def take_back(
    order: WebOrder, shop: Shop, return_request: ReturnRequest, actor: User, now: datetime
) -> Return:
    """Takes these pieces back from the customer. Writes return, lines, order, books, refund and events, all
    or nothing."""
    with locked(order) as current:
        lines = _requested_lines(current, return_request.pieces)
        earlier = _taken_back_already(lines, shop, return_request, actor)
        if earlier:
            return earlier
        decision = _decided(current, shop, lines, return_request, actor, now)
        amount = sum((line.effective_sales_price for line in lines), Decimal(0))
        _must_match_shown(decision, amount, return_request)
        pieces = _checked_pieces(current, lines, return_request.pieces)
        outcome = _outcome_of(decision, return_request)
        taken_back = Return.objects.create(
            group=current.group,
            order=current,
            number=current.returns.count() + 1,
            shop=shop,
            made_at=now,
            taken_by=actor,
            outcome=outcome,
            amount=amount,
            currency=current.group.currency,
            paid_by=return_request.paid_by,
            cash_rounding=_cash_rounding(current, amount, return_request.paid_by),
            why=sentences.stored(decision.why),
            **_overruled(decision, return_request, actor),
        )
        _keep(taken_back, pieces, now)
        returning.book_return(_for_the_books(taken_back, current, pieces), now)
        _record(taken_back, Kind.TAKEN_BACK, pieces, actor, now)
        return taken_back


def outcome_token(outcome: Outcome | None, amount: Decimal) -> str:
    """The outcome that a screen shows; the tap sends it back."""
    return f"{outcome} {amount}"


def cancel(taken_back: Return, why: str, actor: User, now: datetime) -> None:
    """Cancels a wrong return of which nothing was sent to DdD yet."""
    with wrong_return(taken_back, State.CANCELLED, actor) as current:
        if current is None:
            return
        because = checked_reason(why, "/why", _("Say in at most 200 characters why the return is cancelled."))
        if not withdraw(current.group, current.action_key, now):
            raise Conflict(
                _("It is too late to cancel this return: it is on its way to DdD. Reverse it later."),
                code="too-late-to-cancel",
            )
        end(current, State.CANCELLED, because, actor, now)
        record_end(current, Kind.RETURN_CANCELLED, actor, now)


def reverse(taken_back: Return, why: str, actor: User, now: datetime) -> None:
    """Reverses a wrong return that DdD has, by an opposite booking; the customer has the pieces again."""
    with wrong_return(taken_back, State.REVERSED, actor) as current:
        if current is None:
            return
        because = checked_reason(why, "/why", _("Say in at most 200 characters why the return is reversed."))
        if outbox.nothing_sent(current.group, current.action_key):
            raise Conflict(
                _("Nothing of this return was sent to DdD yet: cancel it instead."), code="cancel-instead"
            )
        if not outbox.all_settled(current.group, current.action_key):
            raise Conflict(
                _("This return is still on its way to DdD. It can be reversed when DdD has all of it."),
                code="still-on-its-way",
            )
        returning.book_reversal(current.group, current.action_key, current.reversal_key, current.paid_by, now)
        end(current, State.REVERSED, because, actor, now)
        record_end(current, Kind.RETURN_REVERSED, actor, now)


def may_cancel(taken_back: Return, actor: User) -> bool:
    """Whether this person can still cancel it; at most 2 queries."""
    return _may_manage(taken_back, actor) and outbox.nothing_sent(taken_back.group, taken_back.action_key)


def may_reverse(taken_back: Return, actor: User) -> bool:
    """Whether this person can reverse it, now that DdD has it; at most 3 queries."""
    group, action_key = taken_back.group, taken_back.action_key
    if not _may_manage(taken_back, actor) or outbox.nothing_sent(group, action_key):
        return False
    return outbox.all_settled(group, action_key)


def _may_manage(taken_back: Return, actor: User) -> bool:
    return taken_back.state == State.BOOKED and is_manager(actor, taken_back.shop)


# --- taking back ------------------------------------------------------------------------------------------


def _requested_lines(order: WebOrder, pieces: Sequence[Piece]) -> list[Line]:
    """In the order of `pieces`, each as it is now."""
    found = {line.pk: line for line in order.lines.select_related("variant")}
    if any(piece.line not in found for piece in pieces):
        raise NotFound(_("This order has no such piece."))
    seen: set[int] = set()
    for place, piece in enumerate(pieces):
        if piece.line in seen:
            sentence = _("This piece is named twice.")
            raise Invalid(sentence, [Fault(f"/pieces/{place}/line", sentence, "twice")])
        seen.add(piece.line)
    return [found[piece.line] for piece in pieces]


def _taken_back_already(
    lines: Sequence[Line], shop: Shop, return_request: ReturnRequest, actor: User
) -> Return | None:
    """The actor's own return of exactly these pieces, for a second tap. Conflict when a colleague has taken
    one of them back."""
    counting = ReturnedPiece.objects.filter(line__in=lines, counts=True)
    found = list(counting.select_related("taken_back__taken_by", "taken_back__shop", "line__variant"))
    if not found:
        return None
    earlier = found[0].taken_back
    is_own = earlier.taken_by_id == actor.pk and earlier.shop_id == shop.pk
    if is_own and {piece.line_id for piece in earlier.pieces.all()} == {line.pk for line in lines}:
        return earlier
    data = {
        "name": name_of(earlier.taken_by),
        "piece": str(found[0].line.variant),
        "shop": earlier.shop.name,
    }
    raise Conflict(
        _("%(name)s has taken %(piece)s back already, in %(shop)s.") % data, code="taken-back-already"
    )


def _decided(
    order: WebOrder,
    shop: Shop,
    lines: Sequence[Line],
    return_request: ReturnRequest,
    actor: User,
    now: datetime,
) -> Decision:
    """The policy's decision. Conflict or Invalid, with its reasons, when it does not allow the return."""
    overruling = (
        Overruling(return_request.instead, is_manager(actor, shop)) if return_request.instead else None
    )
    decision = judge(order, shop, lines, now, overruling)
    if decision.allowed:
        return decision
    codes = [one.code for one in decision.why]
    sentence = " ".join(sentences.words_of(decision.why, order.group))
    if ReasonCode.NOTHING_CHOSEN in codes:
        raise Invalid(sentence, [Fault("/pieces", sentence, "required")])
    reason = next((refusal for refusal in REFUSALS if refusal in codes), codes[-1])
    raise Conflict(
        sentence,
        code=reason.value.replace(" ", "-"),
        manager_may=[outcome.value for outcome in decision.manager_may],
    )


def _must_match_shown(decision: Decision, amount: Decimal, return_request: ReturnRequest) -> None:
    """Conflict when the outcome differs from the one shown: the day, the policy or the order may have changed
    since."""
    if return_request.shown and return_request.shown != outcome_token(decision.outcome, amount):
        sentence = _("It is decided otherwise by now: look at what stands here, then tap again.")
        raise Conflict(sentence, code="decided-otherwise")


def _checked_pieces(order: WebOrder, lines: Sequence[Line], pieces: Sequence[Piece]) -> list[CheckedPiece]:
    """The pieces with their reasons and conditions; Invalid lists all that are not valid."""
    offered = {reason.code: reason for reason in offered_reasons(order.group)}
    faults = list(_faults_of(pieces, offered))
    if faults:
        raise Invalid(faults[0].detail, faults)
    return [
        CheckedPiece(line, offered[piece.reason], Condition(piece.condition))
        for line, piece in zip(lines, pieces, strict=True)
    ]


def _faults_of(pieces: Iterable[Piece], offered: dict[str, ReasonToReturn]) -> Iterator[Fault]:
    for place, piece in enumerate(pieces):
        if piece.reason not in offered:
            yield Fault(f"/pieces/{place}/reason", _("Choose why the piece came back."), "not-offered")
        if piece.condition not in Condition.values:
            detail = _("Choose whether the piece goes back to the shelf or is damaged.")
            yield Fault(f"/pieces/{place}/condition", detail, "unknown-condition")


def _outcome_of(decision: Decision, return_request: ReturnRequest) -> Outcome:
    """Who pays. Invalid unless `paid_by` fits: required for the register, empty for the web shop."""
    outcome = Outcome(str(decision.outcome))
    if outcome == Outcome.REGISTER and return_request.paid_by not in AT_THE_REGISTER:
        sentence = _("The register pays the customer: say how it was paid out.")
        raise Invalid(sentence, [Fault("/paid_by", sentence, "required")])
    if outcome == Outcome.WEB_SHOP and return_request.paid_by:
        sentence = _("The web shop refunds this: nothing is paid out from the register.")
        raise Invalid(sentence, [Fault("/paid_by", sentence, "not-paid-here")])
    return outcome


def _cash_rounding(order: WebOrder, amount: Decimal, paid_by: str) -> Decimal:
    """Each payment is rounded by itself, whatever was paid for the order and given back before."""
    return order.group.rounding_in_cash(amount) if paid_by == WebOrder.PaidBy.CASH else Decimal(0)


def _overruled(decision: Decision, return_request: ReturnRequest, actor: User) -> dict[str, User | str]:
    if not decision.overruled:
        return {}
    sentence = _("Say in at most 200 characters why the policy is overruled.")
    return {
        "overruled_by": actor,
        "overrule_reason": checked_reason(return_request.overrule_reason, "/overrule_reason", sentence),
    }


def _keep(taken_back: Return, pieces: Sequence[CheckedPiece], now: datetime) -> None:
    """Stores the pieces, the new statuses of lines and order, and the refund that the web shop owes."""
    order, shop = taken_back.order, taken_back.shop
    ReturnedPiece.objects.bulk_create(
        ReturnedPiece(
            taken_back=taken_back,
            line=piece.line,
            reason=piece.reason.code,
            return_code=piece.reason.ddd_code,
            condition=piece.condition,
            amount=piece.line.effective_sales_price,
        )
        for piece in pieces
    )
    for piece in pieces:
        data = put_back_fields(shop) if piece.condition == Condition.SHELF else {}
        piece.line.move(Status.RETURNED, now, **data)
    if order.lines.filter(status=Status.DELIVERED).exists():
        order.touch(now)
    else:
        order.move(Status.RETURNED, now)
    if taken_back.outcome == Outcome.WEB_SHOP:
        taken_back.refund_due = RefundDue.objects.create(
            group=taken_back.group,
            web_shop=order.web_shop,
            order=order,
            shop=shop,
            amount=taken_back.amount,
            currency=taken_back.currency,
            made_at=now,
            modified_at=now,
        )
        taken_back.save(update_fields=["refund_due"])


def _for_the_books(
    taken_back: Return, order: WebOrder, pieces: Sequence[CheckedPiece]
) -> returning.ReturnBooking:
    return returning.ReturnBooking(
        action_key=taken_back.action_key,
        order_no=order.order_no,
        group=order.group,
        web_shop=order.web_shop,
        shop=taken_back.shop,
        pieces=[returning.ReturnedPiece(_as_sold(piece.line), piece.reason.ddd_code) for piece in pieces],
        customer_number=order.customer_number,
        paid_by=taken_back.paid_by,
        cash_rounding=taken_back.cash_rounding,
        time_to_cancel=timedelta(seconds=settings.UNDO_SECONDS),
        was_transferred=not order.is_in_store,
    )


def _as_sold(line: Line) -> SoldPiece:
    return SoldPiece(line.variant.variant_id, line.sales_price, line.effective_sales_price)


def _record(
    taken_back: Return, kind: OrderEvent.Kind, pieces: Sequence[CheckedPiece], actor: User, now: datetime
) -> None:
    record(
        order_for_event(taken_back),
        kind,
        now,
        actor,
        **event_data(taken_back),
        lines=[str(piece.line.number) for piece in pieces],
        pieces=[str(piece.line.variant) for piece in pieces],
        reasons=[piece.reason.code for piece in pieces],
        conditions=[piece.condition.value for piece in pieces],
        outcome=Outcome(taken_back.outcome).value,
        paid_by=taken_back.paid_by,
        overruled_by=taken_back.overruled_by.name if taken_back.overruled_by else "",
        overrule_reason=taken_back.overrule_reason,
    )
