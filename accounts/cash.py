"""How cash is rounded where the smallest coins are gone: the total of a payment, never its pieces, and never
what is paid by card. Knows no database.

Denmark rounds to 50 øre (BEK 928 of 19/09/2008, § 2), Norway to whole kroner (FOR 2011-03-16-294), both to
the nearest step and halves up; Sweden has no coin below a krona.
"""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

NOT_ROUNDED: Final = Decimal("0.00")
USUAL_STEPS: Final[Mapping[str, Decimal]] = {
    "DKK": Decimal("0.50"),
    "NOK": Decimal("1.00"),
    "SEK": Decimal("1.00"),
}


class CashStep(models.TextChoices):
    """To what a Group rounds cash."""

    USUAL = "usual", _("as is usual in the currency")
    NONE = "0.00", _("not at all")
    FIVE_HUNDREDTHS = "0.05", _("to 0.05")
    TENTH = "0.10", _("to 0.10")
    HALF = "0.50", _("to 0.50")
    WHOLE = "1.00", _("to 1.00")


def step_of(setting: str, currency: str) -> Decimal:
    """The step to which cash is rounded; 0 when it is not."""
    if setting == CashStep.USUAL:
        return USUAL_STEPS.get(currency.upper(), NOT_ROUNDED)
    return Decimal(setting)


def rounding_of(amount: Decimal, step: Decimal) -> Decimal:
    """What is added to the amount, or taken off it, to reach the nearest step; halves go up."""
    if not step:
        return NOT_ROUNDED
    steps = (amount / step).quantize(Decimal(1), ROUND_HALF_UP)
    return (steps * step - amount).quantize(NOT_ROUNDED)
