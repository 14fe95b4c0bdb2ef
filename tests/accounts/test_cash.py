"""Cash is rounded to the nearest step, halves up, and only where the Group rounds it."""

from decimal import Decimal

import pytest

from accounts.cash import CashStep, rounding_of, step_of
from accounts.models import Group


@pytest.mark.parametrize(
    ("amount", "step", "changes_hands"),
    [
        ("399.88", "0.50", "400.00"),
        ("399.75", "0.50", "400.00"),
        ("399.74", "0.50", "399.50"),
        ("399.25", "0.50", "399.50"),
        ("399.24", "0.50", "399.00"),
        ("0.24", "0.50", "0.00"),
        ("0.25", "0.50", "0.50"),
        ("0.00", "0.50", "0.00"),
        # Norway: 1 to 49 øre down, 50 to 99 up.
        ("199.49", "1.00", "199.00"),
        ("199.50", "1.00", "200.00"),
        ("19.97", "0.05", "19.95"),
        ("19.98", "0.05", "20.00"),
        ("199.97", "0.00", "199.97"),
    ],
)
def test_to_the_nearest_step_and_halves_up(amount: str, step: str, changes_hands: str) -> None:
    rounding = rounding_of(Decimal(amount), Decimal(step))
    assert Decimal(amount) + rounding == Decimal(changes_hands)
    assert rounding.as_tuple().exponent == -2


def test_each_currency_has_its_usual_step_and_a_group_may_have_another() -> None:
    usual = {currency: step_of(CashStep.USUAL, currency) for currency in ("DKK", "NOK", "sek", "EUR", "ISK")}
    steps = {"DKK": "0.50", "NOK": "1.00", "sek": "1.00", "EUR": "0", "ISK": "0"}
    assert usual == {currency: Decimal(step) for currency, step in steps.items()}
    finnish = Group(currency="EUR", cash_step=CashStep.FIVE_HUNDREDTHS)
    assert finnish.rounding_in_cash(Decimal("9.98")) == Decimal("0.02")
    assert Group(currency="DKK", cash_step=CashStep.NONE).rounding_in_cash(Decimal("9.98")) == 0
