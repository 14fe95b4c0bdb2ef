"""What another return policy would have decided: for the returns that were made, and for everything that was
delivered, if it were returned now to the shop that delivered it."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, Sum

from accounts.models import Group
from office.models import DryRun
from orders.models import WebOrder
from orders.states import Status
from returns.judging import days_between, is_taken_in, rules_of
from returns.models import Return, ReturnPolicy
from returns.policy import Case, Outcome, decide

EXAMPLES = 20
DAY = timedelta(days=1)
REFUSED = "refused"
OUTCOMES = (Outcome.REGISTER.value, Outcome.WEB_SHOP.value, REFUSED)


@dataclass(frozen=True)
class ReturnedPieces:
    """Pieces of one order that came back to a shop, or would."""

    order: int
    order_no: str
    shop: int
    shop_of_order: int
    case: Case


@dataclass(frozen=True)
class PolicyRules:
    """A policy, and the shops that it names."""

    policy: ReturnPolicy
    chosen: frozenset[int]
    takes_returns: frozenset[int]

    def outcome_of(self, pieces: ReturnedPieces) -> str:
        """The outcome at the counter."""
        taken_here = pieces.shop in self.takes_returns and is_taken_in(
            self.policy, pieces.shop, pieces.shop_of_order, self.chosen
        )
        decision = decide(rules_of(self.policy, taken_here), pieces.case)
        return str(decision.outcome) if decision.allowed and decision.outcome else REFUSED


@dataclass
class Comparison:
    """How many and how much, for each outcome, by both policies; and the newest that would go otherwise."""

    old: dict[str, list[Any]] = field(default_factory=lambda: {one: [0, Decimal(0)] for one in OUTCOMES})
    new: dict[str, list[Any]] = field(default_factory=lambda: {one: [0, Decimal(0)] for one in OUTCOMES})
    changed: int = 0
    examples: list[dict[str, Any]] = field(default_factory=list)

    def add(self, pieces: ReturnedPieces, was: str, would_be: str) -> None:
        """One more."""
        for counted, outcome in ((self.old, was), (self.new, would_be)):
            counted[outcome][0] += 1
            counted[outcome][1] += pieces.case.amount
        if was != would_be:
            self.changed += 1
            example = {
                "pk": pieces.order,
                "order_no": pieces.order_no,
                "day": pieces.case.day,
                "amount": str(pieces.case.amount),
                "old": was,
                "new": would_be,
            }
            self.examples = [example, *self.examples[: EXAMPLES - 1]]

    def as_json(self) -> dict[str, Any]:
        """As the dry run stores it."""
        return {
            "outcomes": [
                {
                    "outcome": one,
                    "old": [self.old[one][0], str(self.old[one][1])],
                    "new": [self.new[one][0], str(self.new[one][1])],
                }
                for one in OUTCOMES
            ],
            "changed": self.changed,
            "examples": self.examples,
        }


def simulate_returns(run: DryRun, since: datetime, step: Callable[[int], None]) -> dict[str, Any]:
    """Both policies, on what came back and on what could."""
    group = run.group
    old, new = _current_policy(group), _tried_policy(group, run.wanted)
    made, could_come = Comparison(), Comparison()
    for pieces in _made_returns(group, since, run.made_at):
        made.add(pieces, old.outcome_of(pieces), new.outcome_of(pieces))
    step(1)
    for pieces in _delivered(group, since, run.made_at, step):
        could_come.add(pieces, old.outcome_of(pieces), new.outcome_of(pieces))
    return {"made": made.as_json(), "could come": could_come.as_json(), "currency": group.currency}


def _current_policy(group: Group) -> PolicyRules:
    policy = ReturnPolicy.of(group)
    chosen = frozenset(policy.shops.values_list("pk", flat=True)) if policy.pk else frozenset[int]()
    return PolicyRules(policy, chosen, _taking_returns(group))


def _tried_policy(group: Group, wanted: dict[str, Any]) -> PolicyRules:
    limit = wanted["money_limit"]
    policy = ReturnPolicy(
        group=group,
        register_pays=wanted["register_pays"],
        days=wanted["days"],
        money_limit=None if limit is None else Decimal(limit),
        where=wanted["where"],
    )
    return PolicyRules(policy, frozenset(wanted["shops"]), _taking_returns(group))


def _taking_returns(group: Group) -> frozenset[int]:
    return frozenset(group.shops.filter(takes_orders=True).values_list("pk", flat=True))


def _made_returns(group: Group, since: datetime, until: datetime) -> Iterator[ReturnedPieces]:
    zone = ZoneInfo(group.time_zone)
    returns = Return.objects.filter(
        group=group, state=Return.State.BOOKED, made_at__gte=since, made_at__lt=until
    )
    rows = returns.order_by("made_at", "pk").values_list(
        "order", "order__order_no", "shop", "order__shop", "order__is_paid", "order__delivered_at", "made_at"
    )
    found = rows.annotate(many=Count("pieces"), much=Sum("pieces__amount"))
    for order, order_no, shop, home, is_paid, delivered_at, made_at, pieces, amount in found.iterator(2000):
        day = days_between(delivered_at, made_at, zone) if delivered_at else 0
        yield ReturnedPieces(
            order, order_no, shop, home, Case(True, day, is_paid, pieces, 0, amount or Decimal(0))
        )


def _delivered(
    group: Group, since: datetime, until: datetime, step: Callable[[int], None]
) -> Iterator[ReturnedPieces]:
    """Day by day, the oldest first."""
    zone, shops = ZoneInfo(group.time_zone), list(group.shops.values_list("pk", flat=True))
    begin, days = since, (until - since).days
    for number in range(days):
        end = until if number == days - 1 else begin + DAY
        for order, order_no, home, is_paid, delivered_at, pieces, amount in _delivered_on(shops, begin, end):
            day = days_between(delivered_at, until, zone)
            yield ReturnedPieces(
                order, order_no, home, home, Case(True, day, is_paid, pieces, 0, amount or Decimal(0))
            )
        step(1 + 98 * (number + 1) // days)
        begin = end


def _delivered_on(shops: Collection[int], begin: datetime, end: datetime) -> Iterator[tuple[Any, ...]]:
    orders = WebOrder.objects.filter(
        shop__in=shops, delivered_at__gte=begin, delivered_at__lt=end, status=Status.DELIVERED
    )
    with_customer = Q(lines__status=Status.DELIVERED)
    rows = orders.order_by("delivered_at", "pk").values_list(
        "pk", "order_no", "shop", "is_paid", "delivered_at"
    )
    summed = rows.annotate(
        many=Count("lines", filter=with_customer),
        much=Sum("lines__effective_sales_price", filter=with_customer),
    )
    yield from summed.iterator(2000)
