"""What was counted of each day and week, so that no screen counts over orders."""

from __future__ import annotations

from typing import ClassVar, Final

from django.db import models

from accounts.models import Group
from core.leases import Leased

# Keys in place of a single shop or web shop.
EVERY: Final = 0
NO_WEB_SHOP: Final = -1  # DdD made the order


class Figure(models.Model):
    """`counts` are how often each thing of `office/figures.py` happened. `shop` and `web_shop` are keys."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="+")
    shop = models.BigIntegerField()
    web_shop = models.BigIntegerField()
    day = models.DateField()
    counts = models.JSONField(default=dict)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.day} {self.shop}/{self.web_shop}"


class DailyFigure(Figure):
    """Of one shop and web shop, on one day of the Group's own calendar."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["group", "day", "shop", "web_shop"], name="a_day_is_counted_once"
            ),
        ]


class WeeklyFigure(Figure):
    """The sum of a week's days; `day` is its Monday. A key may be EVERY: the sum over all of them."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["group", "shop", "web_shop", "day"], name="a_week_is_counted_once"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["group", "day"], name="figures_of_a_week")]


class Counting(Leased):
    """How far a Group's figures are counted; the worker that counts holds its lease."""

    group = models.OneToOneField(Group, on_delete=models.CASCADE, related_name="counting")
    # Everything that happened until then is in the figures of its day; None: nothing was counted yet.
    counted_until = models.DateTimeField(null=True, blank=True)
    # And what happened until then to the orders of today.
    today_until = models.DateTimeField(null=True, blank=True)
    # The day in whose night it was last looked whether pieces that were missing have been sold since.
    looked_for_sold_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.group}"
