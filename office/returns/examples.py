"""What a return policy means, by example: it decides about a few typical customers."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from django.utils.translation import gettext as _

from accounts.models import Group
from core.words import money
from returns.judging import rules_of
from returns.models import ReturnPolicy
from returns.policy import Case, Decision, Rules, decide

USUAL_AMOUNT, A_LITTLE_MORE = Decimal("399.95"), Decimal("0.05")
USUAL_DAY = 7


@dataclass(frozen=True)
class Example:
    """A customer, and what becomes of them."""

    customer: str
    then: str


def examples_of(policy: ReturnPolicy, group: Group) -> list[Example]:
    """As `decide` itself answers in a shop that takes returns."""
    rules = rules_of(policy, taken_here=True)
    return [Example(_customer(case, group.currency), _verdict(decide(rules, case))) for case in _cases(rules)]


def where_of(policy: ReturnPolicy) -> str:
    """In which shops pieces come back."""
    if policy.where != ReturnPolicy.Where.CHOSEN:
        return policy.get_where_display()
    return ", ".join(shop.name for shop in policy.shops.all())


def _cases(rules: Rules) -> Iterator[Case]:
    day = USUAL_DAY if rules.days is None else min(USUAL_DAY, rules.days)
    amount = USUAL_AMOUNT if rules.money_limit is None else min(USUAL_AMOUNT, rules.money_limit)
    usual = Case(True, day, paid_online=True, pieces=1, returned_before=0, amount=amount)
    yield usual
    if rules.money_limit is not None and rules.register_pays:
        yield replace(usual, amount=rules.money_limit + A_LITTLE_MORE)
    at_the_register = replace(usual, paid_online=False)
    yield at_the_register
    if rules.money_limit is not None:
        yield replace(at_the_register, amount=rules.money_limit + A_LITTLE_MORE)
    if rules.days is not None:
        yield replace(usual, day=rules.days + 1)


def _customer(case: Case, currency: str) -> str:
    data = {"amount": money(case.amount, currency), "day": case.day}
    if case.paid_online:
        return _("Paid %(amount)s online, comes on day %(day)s") % data
    return _("Paid %(amount)s at the register, comes on day %(day)s") % data


def _verdict(decision: Decision) -> str:
    if decision.allowed and decision.outcome:
        return str(decision.outcome.label)
    if decision.manager_may:
        return _("Not taken back, unless the shop manager overrules it")
    return _("Not taken back")
