"""The return policy over every combination of what it is asked, against a table written beside it."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import product

import pytest

from returns.policy import Case, Decision, DecisionReason, Outcome, Overruling, ReasonCode, Rules, decide

REGISTER, WEB_SHOP = Outcome.REGISTER, Outcome.WEB_SHOP
LIMIT = Decimal("1000.00")
DAYS_AND_DAY = {"in time": (30, 17), "last day": (30, 30), "too late": (30, 31), "no limit": (None, 400)}
AMOUNTS = {"below": "999.99", "at": "1000.00", "above": "1000.01", "no limit": "5000.00"}
BOTH = (REGISTER, WEB_SHOP)

# What a shop says of pieces that were delivered, that it takes, and of which none is back.
# paid online, register pays, in time, within the limit: allowed, who pays, what a manager may choose instead
TABLE: dict[tuple[bool, bool, bool, bool], tuple[bool, Outcome, tuple[Outcome, ...]]] = {
    (True, True, True, True): (True, REGISTER, (WEB_SHOP,)),
    (True, True, True, False): (True, WEB_SHOP, (REGISTER,)),
    (True, True, False, True): (False, REGISTER, BOTH),
    (True, True, False, False): (False, WEB_SHOP, BOTH),
    (True, False, True, True): (True, WEB_SHOP, (REGISTER,)),
    (True, False, True, False): (True, WEB_SHOP, (REGISTER,)),
    (True, False, False, True): (False, WEB_SHOP, BOTH),
    (True, False, False, False): (False, WEB_SHOP, BOTH),
    # The register has the money, so nobody else can give it back, whatever the policy says of the rest.
    (False, True, True, True): (True, REGISTER, ()),
    (False, True, True, False): (False, REGISTER, (REGISTER,)),
    (False, True, False, True): (False, REGISTER, (REGISTER,)),
    (False, True, False, False): (False, REGISTER, (REGISTER,)),
    (False, False, True, True): (True, REGISTER, ()),
    (False, False, True, False): (False, REGISTER, (REGISTER,)),
    (False, False, False, True): (False, REGISTER, (REGISTER,)),
    (False, False, False, False): (False, REGISTER, (REGISTER,)),
}


@dataclass(frozen=True)
class Situation:
    """One combination, in the words of its axes."""

    register_pays: bool
    time: str
    money: str
    taken_here: bool
    paid_online: bool
    delivered: bool
    back: int
    pieces: int
    overruling: Overruling | None
    may: bool

    @property
    def rules(self) -> Rules:
        days, _day = DAYS_AND_DAY[self.time]
        limit = None if self.money == "no limit" else LIMIT
        return Rules(self.register_pays, days, limit, self.taken_here, self.may)

    @property
    def case(self) -> Case:
        _days, day = DAYS_AND_DAY[self.time]
        amount = Decimal(AMOUNTS[self.money])
        return Case(self.delivered, day, self.paid_online, self.pieces, self.back, amount)

    @property
    def decision(self) -> Decision:
        return decide(self.rules, self.case, self.overruling)


OVERRULINGS = (None, *(Overruling(outcome, manager) for outcome in Outcome for manager in (True, False)))
YES_NO = (True, False)


def every_situation() -> Iterator[Situation]:
    axes = (YES_NO, DAYS_AND_DAY, AMOUNTS, YES_NO, YES_NO, YES_NO, (0, 1), (0, 2), OVERRULINGS, YES_NO)
    return (Situation(*values) for values in product(*axes))


def expected(asked: Situation) -> tuple[bool, Outcome | None, tuple[Outcome, ...], bool]:
    """By the table: allowed, who pays, what a manager may choose, overruled."""
    if not (asked.delivered and asked.taken_here and asked.back == 0 and asked.pieces > 0):
        return False, None, (), False
    row = (asked.paid_online, asked.register_pays, asked.time != "too late", asked.money != "above")
    allowed, pays, instead = TABLE[row]
    instead = instead if asked.may else ()
    wish = asked.overruling
    if wish is None or (allowed and wish.outcome == pays):
        return allowed, pays, instead, False
    if wish.by_manager and wish.outcome in instead:
        return True, wish.outcome, (), True
    return False, pays, instead, False


def test_every_combination_is_decided_as_the_table_says() -> None:
    wrong, asked = {}, 0
    for situation in every_situation():
        found = situation.decision
        got = found.allowed, found.outcome, found.manager_may, found.overruled
        asked += 1
        if got != expected(situation):
            wrong[situation] = got
    assert wrong == {}
    assert asked == 10_240


def test_every_decision_says_why_once_and_in_the_same_order() -> None:
    """Time, payment, who pays; then what became of the overruling."""
    order = list(ReasonCode)
    for situation in every_situation():
        codes = [why.code for why in situation.decision.why]
        assert codes, situation
        assert codes == sorted(codes, key=order.index), situation
        assert len(set(codes)) == len(codes), situation


def test_every_decision_names_what_it_rests_on() -> None:
    for situation in every_situation():
        found = situation.decision
        codes = {why.code for why in found.why}
        refused = {ReasonCode.TOO_LATE, ReasonCode.MAY_NOT_OVERRULE} & codes
        never = {
            ReasonCode.NOT_DELIVERED,
            ReasonCode.NOT_TAKEN_HERE,
            ReasonCode.BACK_ALREADY,
            ReasonCode.NOTHING_CHOSEN,
        } & codes
        # Over the limit is a refusal only where the web shop cannot pay instead.
        stuck = {ReasonCode.OVER_THE_LIMIT, ReasonCode.ONLY_THE_REGISTER_CAN} <= codes
        assert (ReasonCode.OVERRULED in codes) == found.overruled, situation
        assert found.allowed == (found.overruled or not (refused or never or stuck)), situation
        assert (found.outcome is None) == bool(never), situation


def test_only_a_manager_overrules_and_only_where_the_policy_allows_it() -> None:
    for situation in every_situation():
        if situation.decision.overruled:
            assert situation.may, situation
            assert situation.overruling, situation
            assert situation.overruling.by_manager, situation


def test_what_is_allowed_may_be_done_by_everybody_without_overruling() -> None:
    """Who chooses what the policy says anyway, staff or manager, overrules nothing."""
    for situation in every_situation():
        plain = decide(situation.rules, situation.case)
        if plain.allowed and plain.outcome:
            for manager in YES_NO:
                assert decide(situation.rules, situation.case, Overruling(plain.outcome, manager)) == plain


NORDLYS = Rules(register_pays=True, days=30, money_limit=LIMIT, taken_here=True, manager_may_overrule=True)
FJORD = Rules(register_pays=False, days=30, money_limit=None, taken_here=True, manager_may_overrule=False)


def case(
    day: int = 17,
    amount: str = "399.90",
    paid_online: bool = True,
    pieces: int = 2,
    back: int = 0,
    delivered: bool = True,
) -> Case:
    return Case(delivered, day, paid_online, pieces, back, Decimal(amount))


IN_TIME = DecisionReason(ReasonCode.IN_TIME, {"day": "17", "days": "30"})
TOO_LATE = DecisionReason(ReasonCode.TOO_LATE, {"day": "31", "days": "30"})
ONLINE, AT_THE_REGISTER = (
    DecisionReason(ReasonCode.PAID_ONLINE),
    DecisionReason(ReasonCode.PAID_AT_THE_REGISTER),
)
UP_TO = DecisionReason(ReasonCode.REGISTER_PAYS_UP_TO, {"limit": "1000.00"})
ABOVE = DecisionReason(ReasonCode.OVER_THE_LIMIT, {"amount": "1000.01", "limit": "1000.00"})
ONLY = DecisionReason(ReasonCode.ONLY_THE_REGISTER_CAN)


@pytest.mark.parametrize(
    ("rules", "brought", "decision"),
    [
        (NORDLYS, case(), Decision(True, REGISTER, (IN_TIME, ONLINE, UP_TO), (WEB_SHOP,))),
        (
            NORDLYS,
            case(amount="1000.00"),
            Decision(True, REGISTER, (IN_TIME, ONLINE, UP_TO), (WEB_SHOP,)),
        ),
        (
            NORDLYS,
            case(amount="1000.01"),
            Decision(True, WEB_SHOP, (IN_TIME, ONLINE, ABOVE), (REGISTER,)),
        ),
        (NORDLYS, case(day=31), Decision(False, REGISTER, (TOO_LATE, ONLINE, UP_TO), BOTH)),
        (
            NORDLYS,
            case(paid_online=False, amount="1000.01"),
            Decision(False, REGISTER, (IN_TIME, AT_THE_REGISTER, ONLY, ABOVE), (REGISTER,)),
        ),
        (
            FJORD,
            case(amount="9000"),
            Decision(True, WEB_SHOP, (IN_TIME, ONLINE, DecisionReason(ReasonCode.REGISTER_DOES_NOT_PAY))),
        ),
        (FJORD, case(paid_online=False), Decision(True, REGISTER, (IN_TIME, AT_THE_REGISTER, ONLY))),
        (
            NORDLYS,
            case(back=1),
            Decision(False, None, (DecisionReason(ReasonCode.BACK_ALREADY, {"pieces": "1"}),)),
        ),
        (
            NORDLYS,
            case(pieces=0, amount="0"),
            Decision(False, None, (DecisionReason(ReasonCode.NOTHING_CHOSEN),)),
        ),
        (NORDLYS, case(delivered=False), Decision(False, None, (DecisionReason(ReasonCode.NOT_DELIVERED),))),
    ],
)
def test_what_people_talk_about_is_decided_so(rules: Rules, brought: Case, decision: Decision) -> None:
    assert decide(rules, brought) == decision


def test_a_manager_lets_the_register_pay_more_and_is_told_why_it_was_not_so() -> None:
    wish = Overruling(REGISTER, by_manager=True)
    assert decide(NORDLYS, case(amount="1000.01"), wish) == Decision(
        True, REGISTER, (IN_TIME, ONLINE, ABOVE, DecisionReason(ReasonCode.OVERRULED)), overruled=True
    )


def test_who_may_not_overrule_is_told_whether_somebody_may() -> None:
    late = case(day=31)
    by_staff = decide(NORDLYS, late, Overruling(REGISTER, by_manager=False))
    assert by_staff.why[-1] == DecisionReason(ReasonCode.MAY_NOT_OVERRULE, {"may": "manager"})
    in_fjord = decide(FJORD, late, Overruling(WEB_SHOP, by_manager=True))
    assert in_fjord.why[-1] == DecisionReason(ReasonCode.MAY_NOT_OVERRULE, {"may": "nobody"})
    # The web shop never had the money: no manager can send the customer there.
    cash = decide(NORDLYS, case(day=31, paid_online=False), Overruling(WEB_SHOP, by_manager=True))
    assert cash.why[-1] == DecisionReason(ReasonCode.MAY_NOT_OVERRULE, {"may": "nobody"})


def test_a_case_is_first_what_it_is_and_then_what_the_shop_may() -> None:
    """Of several faults that nobody can overrule, the first to say is that nothing was delivered."""
    nowhere = Rules(True, 30, LIMIT, taken_here=False, manager_may_overrule=True)
    assert decide(nowhere, case(delivered=False, back=1)).why == (DecisionReason(ReasonCode.NOT_DELIVERED),)
    assert decide(nowhere, case(back=1)).why == (DecisionReason(ReasonCode.NOT_TAKEN_HERE),)
