"""What the return policy says, as staff reads it out at the counter."""

import json
from decimal import Decimal

import pytest
from django.utils import translation

from accounts.models import Group
from returns.models import Return
from returns.policy import Case, DecisionReason, Outcome, Overruling, ReasonCode, Rules, decide
from returns.sentences import SENTENCES, read, sentences_of, stored, words_of

NORDLYS = Group(name="Nordlys", currency="DKK")
RULES = Rules(
    register_pays=True,
    days=30,
    money_limit=Decimal("1000.00"),
    taken_here=True,
    manager_may_overrule=True,
)
CASE = Case(delivered=True, day=17, paid_online=True, pieces=2, returned_before=0, amount=Decimal("399.90"))
EXAMPLES = [
    (DecisionReason(ReasonCode.NOT_DELIVERED), "Only what was delivered can come back."),
    (
        DecisionReason(ReasonCode.SOLD_ELSEWHERE),
        "The portal has not booked the sale of this order, so it books no return of it: take it back at "
        "DdD's till.",
    ),
    (
        DecisionReason(ReasonCode.SALE_UNDECIDED),
        "Head office has not decided yet who books the sale of this order. Ask them first: nothing of it can "
        "be paid back before.",
    ),
    (DecisionReason(ReasonCode.NOTHING_CHOSEN), "No piece is chosen."),
    (DecisionReason(ReasonCode.BACK_ALREADY, {"pieces": "1"}), "1 of these pieces is back already."),
    (DecisionReason(ReasonCode.BACK_ALREADY, {"pieces": "2"}), "2 of these pieces are back already."),
    (DecisionReason(ReasonCode.NOT_TAKEN_HERE), "This shop does not take this order back."),
    (DecisionReason(ReasonCode.IN_TIME, {"day": "17", "days": "30"}), "Day 17 of 30."),
    (DecisionReason(ReasonCode.IN_TIME, {"day": "0", "days": "0"}), "Delivered on the same day."),
    (DecisionReason(ReasonCode.NO_TIME_LIMIT, {"day": "400"}), "Day 400; Nordlys has no time limit."),
    (
        DecisionReason(ReasonCode.TOO_LATE, {"day": "31", "days": "30"}),
        "Day 31: Nordlys takes pieces back for 30 days.",
    ),
    (
        DecisionReason(ReasonCode.TOO_LATE, {"day": "2", "days": "1"}),
        "Day 2: Nordlys takes pieces back for 1 day.",
    ),
    (
        DecisionReason(ReasonCode.TOO_LATE, {"day": "1", "days": "0"}),
        "Day 1: Nordlys takes pieces back only on the day of the delivery.",
    ),
    (DecisionReason(ReasonCode.PAID_ONLINE), "Paid online."),
    (DecisionReason(ReasonCode.PAID_AT_THE_REGISTER), "Paid at the register."),
    (DecisionReason(ReasonCode.REGISTER_PAYS), "Nordlys lets the register pay."),
    (
        DecisionReason(ReasonCode.REGISTER_PAYS_UP_TO, {"limit": "1000.00"}),
        "Nordlys lets the register pay up to 1,000.00 DKK.",
    ),
    (DecisionReason(ReasonCode.REGISTER_DOES_NOT_PAY), "Nordlys does not let the register pay."),
    (DecisionReason(ReasonCode.ONLY_THE_REGISTER_CAN), "So only the register can pay it back."),
    (
        DecisionReason(ReasonCode.OVER_THE_LIMIT, {"amount": "1000.01", "limit": "1000.00"}),
        "Nordlys lets the register pay up to 1,000.00 DKK, and this is 1,000.01 DKK.",
    ),
    (DecisionReason(ReasonCode.OVERRULED), "Overruled by the shop manager."),
    (
        DecisionReason(ReasonCode.MAY_NOT_OVERRULE, {"may": "manager"}),
        "Only the shop manager may overrule this.",
    ),
    (DecisionReason(ReasonCode.MAY_NOT_OVERRULE, {"may": "nobody"}), "Nobody may overrule this."),
]


def test_everything_a_decision_can_rest_on_has_its_sentence() -> None:
    assert set(SENTENCES) == set(ReasonCode) == {why.code for why, _sentence in EXAMPLES}


@pytest.mark.parametrize(("why", "sentence"), EXAMPLES)
def test_a_reason_is_said_with_its_numbers(why: DecisionReason, sentence: str) -> None:
    with translation.override("en"):
        assert words_of([why], NORDLYS) == [sentence]


@pytest.mark.parametrize(("why", "sentence"), EXAMPLES)
def test_a_reason_is_said_in_danish(why: DecisionReason, sentence: str) -> None:
    with translation.override("da"):
        assert words_of([why], NORDLYS) != [sentence]


def test_amounts_are_written_as_the_language_does() -> None:
    with translation.override("da"):
        (sentence,) = words_of(
            [DecisionReason(ReasonCode.REGISTER_PAYS_UP_TO, {"limit": "1000.00"})], NORDLYS
        )
    assert "1.000,00 DKK" in sentence


def test_a_whole_decision_can_be_read_out() -> None:
    with translation.override("en"):
        assert words_of(decide(RULES, CASE).why, NORDLYS) == [
            "Day 17 of 30.",
            "Paid online.",
            "Nordlys lets the register pay up to 1,000.00 DKK.",
        ]


def test_what_is_stored_is_read_back_as_it_was_decided() -> None:
    decision = decide(RULES, CASE, Overruling(Outcome.WEB_SHOP, by_manager=True))
    kept = json.loads(json.dumps(stored(decision.why)))
    assert kept[0] == {"because": "in time", "facts": {"day": "17", "days": "30"}}
    assert read(kept) == decision.why
    assert read([]) == ()


def test_a_return_is_said_in_the_currency_of_its_day() -> None:
    why = (
        DecisionReason(ReasonCode.PAID_ONLINE),
        DecisionReason(ReasonCode.REGISTER_PAYS_UP_TO, {"limit": "12.50"}),
    )
    taken_back = Return(group=NORDLYS, currency="SEK", why=stored(why))
    with translation.override("en"):
        assert sentences_of(taken_back) == ["Paid online.", "Nordlys lets the register pay up to 12.50 SEK."]
