"""When shops are open."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.group import Group, Shop


class OpeningHours(models.Model):
    """When a shop is open on a weekday (0 is Monday), in the Group's time zone. No row: closed that day.

    A shop without any row counts as always open.
    """

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="opening_hours")
    weekday = models.PositiveSmallIntegerField(_("weekday"), validators=[MaxValueValidator(6)])
    opens = models.TimeField(_("opens"))
    closes = models.TimeField(_("closes"))

    class Meta:
        ordering: ClassVar = ["weekday"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["shop", "weekday"], name="one_opening_a_day"),
            models.CheckConstraint(condition=Q(opens__lt=models.F("closes")), name="opens_before_it_closes"),
        ]

    def __str__(self) -> str:
        return f"{self.shop} {self.weekday}: {self.opens:%H:%M}-{self.closes:%H:%M}"


class ClosedDay(models.Model):
    """A holiday: of one shop, or of all shops of the Group."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="closed_days")
    shop = models.ForeignKey(
        Shop, on_delete=models.CASCADE, null=True, blank=True, related_name="closed_days"
    )
    day = models.DateField(_("day"))
    name = models.CharField(_("name"), max_length=100, blank=True)

    def __str__(self) -> str:
        return f"{self.day} {self.name}"
