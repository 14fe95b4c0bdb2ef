"""The return policy: whether these pieces may come back here, and who gives the customer their money.

Knows no database. A decision has its reasons as codes with data; `returns/sentences.py` puts them into words.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class Outcome(models.TextChoices):
    """Who gives the customer their money back."""

    REGISTER = "register", _("The register pays")
    WEB_SHOP = "web shop", _("The web shop refunds")


class ReasonCode(StrEnum):
    """The reasons that a decision can have."""

    NOT_DELIVERED = "not delivered"
    SOLD_ELSEWHERE = "sold elsewhere"
    SALE_UNDECIDED = "sale undecided"
    NOTHING_CHOSEN = "nothing chosen"
    BACK_ALREADY = "back already"
    NOT_TAKEN_HERE = "not taken here"
    IN_TIME = "in time"
    NO_TIME_LIMIT = "no time limit"
    TOO_LATE = "too late"
    PAID_ONLINE = "paid online"
    PAID_AT_THE_REGISTER = "paid at the register"
    REGISTER_PAYS = "register pays"
    REGISTER_PAYS_UP_TO = "register pays up to"
    REGISTER_DOES_NOT_PAY = "register does not pay"
    ONLY_THE_REGISTER_CAN = "only the register can"
    OVER_THE_LIMIT = "over the limit"
    OVERRULED = "overruled"
    MAY_NOT_OVERRULE = "may not overrule"


@dataclass(frozen=True)
class Rules:
    """The policy for one order in one shop. Money is in the Group's currency, with VAT."""

    register_pays: bool
    days: int | None
    money_limit: Decimal | None
    taken_here: bool
    manager_may_overrule: bool


@dataclass(frozen=True)
class Case:
    """The pieces that a customer brings. `day` is 0 on the day of the delivery, in the Group's time zone;
    `paid_online` says that the web shop has the money (IsPaid), else a register has it. What the portal has
    not sold cannot come back here: the same money might be paid out twice."""

    delivered: bool
    day: int
    paid_online: bool
    pieces: int
    returned_before: int
    amount: Decimal
    sold_elsewhere: bool = False
    sale_undecided: bool = False


@dataclass(frozen=True)
class Overruling:
    """The outcome that the person at the counter wants instead of the policy's."""

    outcome: Outcome
    by_manager: bool


@dataclass(frozen=True)
class DecisionReason:
    """One reason with its data; numbers are text."""

    code: ReasonCode
    data: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Decision:
    """`outcome` is who would pay, also when it is not allowed; None when it can never be allowed.

    `manager_may` are the outcomes that a shop manager can choose instead.
    """

    allowed: bool
    outcome: Outcome | None
    why: tuple[DecisionReason, ...]
    manager_may: tuple[Outcome, ...] = ()
    overruled: bool = False


def decide(rules: Rules, case: Case, overruling: Overruling | None = None) -> Decision:
    never = _never(rules, case)
    if never:
        return Decision(False, None, (never,))
    usual = _usually(rules, case)
    if overruling is None or (usual.allowed and overruling.outcome == usual.outcome):
        return usual
    if not overruling.by_manager or overruling.outcome not in usual.manager_may:
        why = (*usual.why, _may_not_overrule(usual, overruling))
        return Decision(False, usual.outcome, why, usual.manager_may)
    return Decision(
        True, overruling.outcome, (*usual.why, DecisionReason(ReasonCode.OVERRULED)), overruled=True
    )


def _never(rules: Rules, case: Case) -> DecisionReason | None:
    """The reason why it is refused and nobody can overrule that; else None."""
    if not case.delivered:
        return DecisionReason(ReasonCode.NOT_DELIVERED)
    if case.sold_elsewhere:
        return DecisionReason(ReasonCode.SOLD_ELSEWHERE)
    if case.sale_undecided:
        return DecisionReason(ReasonCode.SALE_UNDECIDED)
    if not rules.taken_here:
        return DecisionReason(ReasonCode.NOT_TAKEN_HERE)
    if case.returned_before:
        return DecisionReason(ReasonCode.BACK_ALREADY, {"pieces": str(case.returned_before)})
    return None if case.pieces else DecisionReason(ReasonCode.NOTHING_CHOSEN)


def _usually(rules: Rules, case: Case) -> Decision:
    in_time = rules.days is None or case.day <= rules.days
    within_limit = rules.money_limit is None or case.amount <= rules.money_limit
    why = [_of_time(rules, case), _of_payment(case)]
    if not case.paid_online:
        # The web shop never had this money, so only the register can pay, whatever the policy says.
        why.append(DecisionReason(ReasonCode.ONLY_THE_REGISTER_CAN))
        if not within_limit:
            why.append(_over_the_limit(rules, case))
        allowed = in_time and within_limit
        otherwise = _if_any_may(rules, () if allowed else (Outcome.REGISTER,))
        return Decision(allowed, Outcome.REGISTER, tuple(why), otherwise)
    pays = rules.register_pays and within_limit
    outcome = Outcome.REGISTER if pays else Outcome.WEB_SHOP
    why.append(_of_register(rules, case, within_limit))
    instead = tuple(one for one in Outcome if not in_time or one != outcome)
    return Decision(in_time, outcome, tuple(why), _if_any_may(rules, instead))


def _if_any_may(rules: Rules, outcomes: tuple[Outcome, ...]) -> tuple[Outcome, ...]:
    return outcomes if rules.manager_may_overrule else ()


def _may_not_overrule(usual: Decision, overruling: Overruling) -> DecisionReason:
    may = "manager" if overruling.outcome in usual.manager_may else "nobody"
    return DecisionReason(ReasonCode.MAY_NOT_OVERRULE, {"may": may})


def _of_time(rules: Rules, case: Case) -> DecisionReason:
    if rules.days is None:
        return DecisionReason(ReasonCode.NO_TIME_LIMIT, {"day": str(case.day)})
    code = ReasonCode.IN_TIME if case.day <= rules.days else ReasonCode.TOO_LATE
    return DecisionReason(code, {"day": str(case.day), "days": str(rules.days)})


def _of_payment(case: Case) -> DecisionReason:
    return DecisionReason(ReasonCode.PAID_ONLINE if case.paid_online else ReasonCode.PAID_AT_THE_REGISTER)


def _of_register(rules: Rules, case: Case, within_limit: bool) -> DecisionReason:
    if not rules.register_pays:
        return DecisionReason(ReasonCode.REGISTER_DOES_NOT_PAY)
    if not within_limit:
        return _over_the_limit(rules, case)
    if rules.money_limit is None:
        return DecisionReason(ReasonCode.REGISTER_PAYS)
    return DecisionReason(ReasonCode.REGISTER_PAYS_UP_TO, {"limit": f"{rules.money_limit:.2f}"})


def _over_the_limit(rules: Rules, case: Case) -> DecisionReason:
    return DecisionReason(
        ReasonCode.OVER_THE_LIMIT, {"amount": f"{case.amount:.2f}", "limit": f"{rules.money_limit:.2f}"}
    )
