"""Variants and Eans, as DdD has them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Group, User


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
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return self.ean


class SharedEan(models.Model):
    """An Ean that stands for several variants: a web shop that orders by it is refused.

    Found when the catalogue is read; gone when DdD, asked for it, has one variant of it only.
    """

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="shared_eans")
    ean = models.CharField(_("Ean"), max_length=50)
    variants: models.ManyToManyField[Variant, models.Model] = models.ManyToManyField(
        Variant, related_name="+"
    )
    first_seen_at = models.DateTimeField()
    asked_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True, blank=True)
    # When somebody has seen it and waits for DdD.
    seen_at = models.DateTimeField(null=True, blank=True)
    seen_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["group", "ean"], name="a_shared_ean_stands_once"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["group", "first_seen_at"], condition=models.Q(gone_at=None), name="shared_ean_open"
            ),
        ]

    def __str__(self) -> str:
        return self.ean
