"""The choice of pieces at the counter, and the policy's decision about it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from accounts.access import is_manager, managers_of
from accounts.models import Shop, User
from core.choices import Reasons
from core.errors import Conflict, Fault, Invalid
from orders.models import Line, WebOrder
from orders.scanning import is_ean_of, variants_named
from orders.states import Status
from returns.desk import ReturnRequest, outcome_token
from returns.judging import case_of, rules_in
from returns.models import Condition, ReturnedPiece, ReturnPolicy
from returns.policy import Decision, Outcome, Overruling, decide
from returns.reasons import ReasonToReturn, offered_reasons
from returns.sentences import words_of


@dataclass(frozen=True)
class Row:
    """A piece that the customer has, or that came back already."""

    line: Line
    chosen: bool = False
    reason: str = ""
    condition: str = Condition.SHELF.value
    back: ReturnedPiece | None = None


@dataclass(frozen=True)
class Choice:
    """`decision` is about the chosen pieces, or about all that are left while none is chosen; `overrules` are
    the outcomes that this person may choose instead, `managers` the people who may when they may not."""

    rows: list[Row]
    reasons: Reasons[ReasonToReturn]
    decision: Decision
    why: list[str]
    amount: Decimal
    chosen: int
    left: int
    complete: bool
    overrules: tuple[Outcome, ...]
    managers: list[str]

    @property
    def selection_key(self) -> str:
        """Identifies what the decision is about; static/pos/choosing.js builds the same string."""
        pieces = [f"{row.line.pk}={row.reason}" for row in self.rows if row.chosen]
        instead = self.decision.outcome if self.decision.overruled else ""
        return "|".join([*pieces, instead or ""])

    @property
    def shown(self) -> str:
        """The outcome on the screen; sent along with the tap, which is refused when it has changed."""
        return outcome_token(self.decision.outcome, self.amount)


def choose(order: WebOrder, shop: Shop, return_request: ReturnRequest, person: User, now: datetime) -> Choice:
    """At most 10 queries, however many pieces there are."""
    reasons = offered_reasons(order.group)
    lines = list(order.lines.select_related("variant").prefetch_related("variant__barcodes"))
    rows = _rows(order, lines, return_request, reasons.codes)
    chosen = [row for row in rows if row.chosen]
    left = [row.line for row in rows if row.line.status == Status.DELIVERED]
    judged = [row.line for row in chosen] or left
    rules, case = rules_in(ReturnPolicy.of(order.group), order, shop), case_of(order, judged, now)
    decision = decide(rules, case)
    overrules = decision.manager_may if chosen and is_manager(person, shop) else ()
    ask_a_manager = decision.manager_may and not decision.allowed and not overrules
    if return_request.instead in overrules:
        decision = decide(rules, case, Overruling(return_request.instead, by_manager=True))
    return Choice(
        rows=rows,
        reasons=reasons,
        decision=decision,
        why=words_of(decision.why, order.group),
        amount=case.amount,
        chosen=len(chosen),
        left=len(left),
        complete=bool(chosen) and all(row.reason for row in chosen),
        overrules=overrules,
        managers=[manager.name for manager in managers_of(shop)] if ask_a_manager else [],
    )


def piece_for_code(order: WebOrder, return_request: ReturnRequest, code: str) -> int:
    """The key of the next piece with this Ean or VariantId that the customer has and that is not chosen yet.

    Invalid for an item of another order, Conflict when all such pieces are chosen or have come back.
    """
    named, chosen = variants_named(order.group_id, code), {piece.line for piece in return_request.pieces}
    lines = order.lines.select_related("variant").order_by("number")
    fitting = [line for line in lines if line.variant_id in named or is_ean_of(line, code)]
    had = [line for line in fitting if line.status in (Status.DELIVERED, Status.RETURNED)]
    for line in had:
        if line.status == Status.DELIVERED and line.pk not in chosen:
            return line.pk
    if any(line.status == Status.DELIVERED for line in had):
        raise Conflict(_("%(piece)s is chosen already.") % {"piece": had[0].variant}, code="chosen-already")
    if had:
        raise Conflict(
            _("%(piece)s came back already.") % {"piece": had[0].variant}, code="came-back-already"
        )
    sentence = _("The code %(code)s is of nothing that this customer took home.") % {"code": code}
    raise Invalid(sentence, [Fault("/code", sentence, "wrong-item")])


def _rows(
    order: WebOrder, lines: Sequence[Line], return_request: ReturnRequest, offered: Collection[str]
) -> list[Row]:
    """Only pieces that were delivered."""
    counting = ReturnedPiece.objects.filter(line__order=order, counts=True)
    back = {
        piece.line_id: piece for piece in counting.select_related("taken_back__shop", "taken_back__taken_by")
    }
    asked_for = {piece.line: piece for piece in return_request.pieces}
    rows = []
    for line in lines:
        piece = asked_for.get(line.pk)
        if line.status == Status.DELIVERED and piece is not None:
            reason = piece.reason if piece.reason in offered else ""
            rows.append(Row(line, True, reason, piece.condition.value))
        elif line.status in (Status.DELIVERED, Status.RETURNED):
            rows.append(Row(line, back=back.get(line.pk)))
    return rows
