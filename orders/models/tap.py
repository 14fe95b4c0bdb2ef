"""Numbers of taps that were applied, so that a tap whose answer was lost can be sent again."""

from __future__ import annotations

from django.db import models

from orders.models.order import WebOrder


class AppliedTap(models.Model):
    """Written with the action: a tap with this number was applied and is not applied again."""

    number = models.UUIDField(unique=True)
    order = models.ForeignKey(WebOrder, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.number)
