"""A retail chain and its shops."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.cash import CashStep, rounding_of, step_of
from core.limits import between

WEEK_IN_MINUTES = 7 * 24 * 60
SHOP_IDS = range(1001, 1_000_000)
SHOP_ID_RANGE = (MinValueValidator(SHOP_IDS[0]), MaxValueValidator(SHOP_IDS[-1]))


def is_a_time_zone(name: str) -> None:
    """Raises ValidationError for an unknown one: every time on every screen would fail."""
    if name not in available_timezones():
        raise ValidationError(_("There is no such time zone; one is Europe/Copenhagen."))


class Group(models.Model):
    """A retail chain. Everything belongs to one Group, and no Group sees another."""

    name = models.CharField(_("name"), max_length=100)
    ddd_group_id = models.PositiveIntegerField(_("DdD group"), unique=True, validators=[MinValueValidator(1)])
    currency = models.CharField(
        _("currency"),
        max_length=3,
        default="DKK",
        help_text=_(
            "Of all prices that its web shops send and of all that is booked in DdD, neither of which says a "
            "currency. A web shop that sells in another one needs a Group of its own."
        ),
    )
    cash_step = models.CharField(
        _("cash is rounded"),
        max_length=5,
        choices=CashStep,
        default=CashStep.USUAL,
        db_default=CashStep.USUAL,
        help_text=_(
            "Only the total, to the nearest step and halves up; what is paid by card never is. Usual are "
            "0.50 in DKK and 1.00 in NOK and SEK; other currencies are not rounded."
        ),
    )
    language = models.CharField(_("language"), max_length=5, default="da")
    time_zone = models.CharField(
        _("time zone"), max_length=50, default="Europe/Copenhagen", validators=[is_a_time_zone]
    )
    needs_second_factor = models.BooleanField(_("head office needs a second factor"), default=False)
    # Shops work as usual, and nothing is posted to DdD: see `orders/rehearsal.py`.
    rehearses = models.BooleanField(_("rehearsal"), default=False)
    promise_minutes = models.PositiveIntegerField(
        _("promised within (minutes)"),
        default=60,
        validators=between(1, WEEK_IN_MINUTES),
        help_text=_(
            "Open minutes from the order until it is ready. It holds for orders that come from now on."
        ),
    )

    def __str__(self) -> str:
        return self.name

    def rounding_in_cash(self, amount: Decimal) -> Decimal:
        """What is added to the amount, or taken off it, when it changes hands in cash."""
        return rounding_of(amount, step_of(self.cash_step, self.currency))


class Shop(models.Model):
    """A shop of a Group, by DdD's ShopId; the turnover shop is one that takes no web orders."""

    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="shops")
    shop_id = models.PositiveIntegerField(_("ShopId"), validators=SHOP_ID_RANGE)
    name = models.CharField(_("name"), max_length=100)
    address = models.CharField(_("address"), max_length=255, blank=True, help_text=_("# is a line break."))
    takes_orders = models.BooleanField(_("takes web orders"), default=True)
    asks_who = models.BooleanField(
        _("asks who it is"),
        default=False,
        help_text=_("A shared tablet: nothing is done before a person of the shop has given her PIN."),
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["group", "shop_id"], name="shop_id_once_in_a_group"),
            models.CheckConstraint(
                condition=Q(shop_id__gte=1001, shop_id__lte=999_999), name="shop_id_as_ddd_takes_it"
            ),
        ]
        ordering: ClassVar = ["shop_id"]

    def __str__(self) -> str:
        return self.name
