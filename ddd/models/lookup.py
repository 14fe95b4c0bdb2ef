"""DdD's answers about members and stock, stored for minutes."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from accounts.models import Group, Shop
from ddd.models.catalogue import Variant


class Member(models.Model):
    """A member of the loyalty club as DdD last told it, for some minutes. Never has a password."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="+")
    customer_number = models.BigIntegerField()
    found = models.BooleanField(null=True)
    name = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=50, blank=True)
    email = models.CharField(max_length=200, blank=True)
    address = models.CharField(max_length=600, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["group", "customer_number"], name="a_member_stands_once"),
        ]

    def __str__(self) -> str:
        return str(self.customer_number)


class StockLevel(models.Model):
    """How many pieces of a variant DdD said that a shop has, for some minutes."""

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="+")
    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="+")
    pieces = models.IntegerField(null=True)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["shop", "variant"], name="a_stock_level_stands_once"),
        ]

    def __str__(self) -> str:
        return f"{self.shop} {self.variant_id}: {self.pieces}"
