"""Sales and item transfers in DdD's books, and receipt numbers."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from accounts.models import Group, Shop, WebShop
from ddd.models.posting import Posting


class ReceiptSeries(models.Model):
    """The receipt numbers that the portal gives for one shop and terminal: without gaps, never twice."""

    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="+")
    terminal_id = models.PositiveIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["shop", "terminal_id"], name="one_series_per_terminal"),
        ]

    def __str__(self) -> str:
        return f"{self.shop} / {self.terminal_id}"

    @classmethod
    def take(cls, shop: Shop, terminal_id: int, first: int = 1) -> int:
        """The next number, `first` at the least: somebody else may have used those before at this terminal.
        Inside the caller's transaction: a rollback frees it again."""
        series, _made = cls.objects.get_or_create(shop=shop, terminal_id=terminal_id)
        # It is written first: the row is this transaction's then.
        cls.objects.filter(pk=series.pk).update(last=F("last") + 1)
        cls.objects.filter(pk=series.pk, last__lt=first).update(last=first)
        series.refresh_from_db(fields=["last"])
        return series.last


class Sale(models.Model):
    """A sale in DdD's books, under the receipt number that the portal gave it."""

    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="+")
    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="+")
    terminal_id = models.PositiveIntegerField()
    # Set when it is first sent: a sale that is undone before leaves no gap in the series.
    receipt_id = models.PositiveIntegerField(null=True, blank=True)
    order_no = models.CharField(max_length=50, db_index=True)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3)
    posting = models.OneToOneField(Posting, on_delete=models.PROTECT, related_name="sale")
    made_at = models.DateTimeField()
    # Where and since when somebody else may have sold the order: the shop that delivered it, and the order's
    # own time. Empty for what only the portal books: returns, and their opposites.
    delivered_in = models.ForeignKey(Shop, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ordered_at = models.DateTimeField(null=True, blank=True)
    # Who took the money, so that its numbers can follow the settings: cash, terminal, or empty for the web
    # shop. None where that is not known: then they stay as they were booked.
    paid_at = models.CharField(max_length=10, null=True, blank=True)  # noqa: DJ001 - empty has its own meaning
    web_shop = models.ForeignKey(WebShop, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # What was added when cash was rounded: that and the amount, without its sign, changed hands.
    cash_rounding = models.DecimalField(
        max_digits=4, decimal_places=2, default=Decimal(0), db_default=Decimal(0)
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["shop", "terminal_id", "receipt_id"], name="a_receipt_number_is_used_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.shop} {self.terminal_id}/{self.receipt_id}"


class ItemTransfer(models.Model):
    """Pieces that change shop in DdD's books; never from a shop to itself."""

    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="+")
    sender = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="+")
    recipient = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="+")
    order_no = models.CharField(max_length=50, db_index=True)
    pieces = models.PositiveIntegerField()
    posting = models.OneToOneField(Posting, on_delete=models.PROTECT, related_name="item_transfer")
    made_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(sender=F("recipient")), name="never_from_a_shop_to_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.sender} → {self.recipient}"
