"""The tablets of a shop."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from accounts.models.group import Shop


class Tablet(models.Model):
    """A screen that shows a shop's queue, and what decides whether an alert would sound on it."""

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="tablets")
    number = models.UUIDField(unique=True)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    sound_on = models.BooleanField(default=False)
    session_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["shop", "last_seen_at"], name="tablet_seen_in_shop")]

    def __str__(self) -> str:
        return f"{self.shop} {str(self.number)[:4]}"
