"""What there is to sell, as DdD tells it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Group


class Variant(models.Model):
    """An article in one colour and size, by its VariantId, which is unique in a Group."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="variants")
    variant_id = models.PositiveIntegerField(_("VariantId"))
    description = models.CharField(_("description"), max_length=100)
    colour = models.CharField(_("colour"), max_length=30, blank=True)
    size = models.CharField(_("size"), max_length=30, blank=True)
    item_group = models.PositiveIntegerField(_("item group"), null=True, blank=True)
    read_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["group", "variant_id"], name="variant_id_once_in_a_group"),
        ]

    def __str__(self) -> str:
        return " ".join(part for part in (self.description, self.colour, self.size) if part)


class Barcode(models.Model):
    """An Ean of a variant. Not unique: a variant may have many, and several variants may share one."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="+")
    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="barcodes")
    ean = models.CharField(_("Ean"), max_length=50)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["variant", "ean"], name="ean_once_on_a_variant")
        ]
        indexes: ClassVar = [models.Index(fields=["group", "ean"], name="barcode_by_ean")]

    def __str__(self) -> str:
        return self.ean
