"""A piece that a shop did not find, and the sale of such a piece there soon after, if there was one."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Group, Shop, User
from ddd.models import Variant
from orders.missing_reasons import MISSING_REASONS
from orders.models import OrderEvent, WebOrder


class MissingReport(models.Model):
    """One for each valid report. It is shown when such a piece was sold in the shop within 14 days."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="+")
    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="+")
    order = models.ForeignKey(WebOrder, on_delete=models.CASCADE, related_name="+")
    event = models.OneToOneField(OrderEvent, on_delete=models.CASCADE, related_name="+")
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=60)
    reported_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reported_at = models.DateTimeField()
    sold_at = models.DateTimeField(null=True, blank=True)
    # How it was sold: on a receipt of a till, or with another web order.
    terminal_id = models.PositiveIntegerField(null=True, blank=True)
    receipt_id = models.PositiveIntegerField(null=True, blank=True)
    sold_with = models.ForeignKey(WebOrder, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    closed_why = models.CharField(_("what was found out"), max_length=200, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["group", "-reported_at", "-id"],
                condition=Q(sold_at__isnull=False, closed_at__isnull=True),
                name="missing_then_sold",
            ),
            models.Index(fields=["group", "reported_at"], name="missing_reported"),
        ]

    def __str__(self) -> str:
        return f"{self.order}: {self.variant}"

    @property
    def reason_words(self) -> str:
        """The reason's label."""
        return MISSING_REASONS.label_of(self.reason)

    @property
    def days_until_sold(self) -> int | None:
        """Whole days between the report and the sale."""
        return (self.sold_at - self.reported_at) // timedelta(days=1) if self.sold_at else None
