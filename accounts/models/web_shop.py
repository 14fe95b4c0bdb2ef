"""A Group's web shops and their API keys."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.group import Group, Shop
from accounts.models.user import User
from core.limits import between


class SoldBy(models.TextChoices):
    """Who books the sale of a delivered order in DdD."""

    PORTAL = "portal", _("the portal")
    WEB_SHOP = "web shop", _("the web shop itself")
    ASK = "ask", _("ask head office each time")


class WebShop(models.Model):
    """A web shop of a Group, by DdD's WebshopId, and where its turnover is booked."""

    class TransfersBy(models.TextChoices):
        PORTAL = "portal", _("the portal")
        DDD = "ddd", _("DdD")

    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="web_shops")
    webshop_id = models.PositiveIntegerField(_("WebshopId"), validators=between(1, 999_999))
    name = models.CharField(_("name"), max_length=100)
    shops: models.ManyToManyField[Shop, models.Model] = models.ManyToManyField(
        Shop, related_name="web_shops", blank=True
    )
    turnover_shop = models.ForeignKey(
        Shop,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("turnover shop"),
    )
    turnover_item_group = models.PositiveIntegerField(
        _("turnover item group"), null=True, blank=True, validators=between(1, 9999)
    )
    transaction_type = models.PositiveIntegerField(
        _("transaction type of its payments"),
        default=150,
        validators=between(100, 999),
    )
    transfers_by = models.CharField(
        _("item transfers are made by"), max_length=10, choices=TransfersBy, default=TransfersBy.PORTAL
    )
    sold_by = models.CharField(
        _("sales are booked by"),
        max_length=10,
        choices=SoldBy,
        default=SoldBy.PORTAL,
        help_text=_(
            "What a web shop books in DdD itself, the portal must not book as well. With “the portal”, its "
            "orders that come from DdD go by what Policies, DdD says."
        ),
    )
    ddd_token = models.CharField(
        _("DdD token"), max_length=200, blank=True, help_text=_("Bound to this web shop; else the Group's.")
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["group", "webshop_id"], name="webshop_id_once_in_a_group"),
            models.CheckConstraint(
                condition=Q(turnover_shop=None) | Q(turnover_item_group__isnull=False),
                name="turnover_shop_needs_item_group",
                violation_error_message=_("A turnover shop needs its turnover item group."),
            ),
            models.CheckConstraint(
                condition=Q(transaction_type__gte=100, transaction_type__lte=999),
                name="transaction_type_as_ddd_takes_it",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, **options: object) -> None:
        """Refuses (ValidationError) a turnover shop of another Group, which no database constraint can."""
        self.clean()
        super().save(**options)  # type: ignore[arg-type]

    def clean(self) -> None:
        """A turnover shop is one of the same Group."""
        if self.turnover_shop is not None and self.turnover_shop.group_id != self.group_id:
            raise ValidationError({"turnover_shop": _("The turnover shop must be a shop of this Group.")})


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    """Keys are looked up on every request of a web shop."""

    def good_at(self, now: datetime) -> ApiKeyQuerySet:
        """The keys that are valid at this moment."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=now), revoked_at=None)


class ApiKey(models.Model):
    """A web shop's key to the Public API. Only its hash is stored, so it can be shown once.

    `replaces` is the key that it replaces, which is valid until its `expires_at`.
    """

    web_shop = models.ForeignKey(WebShop, on_delete=models.CASCADE, related_name="keys")
    name = models.CharField(_("name"), max_length=60, blank=True)
    digest = models.CharField(max_length=64, unique=True)
    hint = models.CharField(_("begins with"), max_length=8)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    replaces = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )
    expires_at = models.DateTimeField(null=True, blank=True)
    # What the portal does not know is refused, so that a misspelt field is noticed; DdD passes it over.
    passes_over_unknown_fields = models.BooleanField(
        _("unknown fields are passed over"), default=False, db_default=False
    )
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = ApiKeyQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.hint}…"

    @staticmethod
    def digest_of(key: str) -> str:
        """A plain hash is enough: keys are 256 random bits and cannot be guessed."""
        return hashlib.sha256(key.encode()).hexdigest()

    @classmethod
    def issue(cls, web_shop: WebShop, key: str | None = None) -> str:
        """Makes a key and returns its text, which cannot be recovered later."""
        text = key or secrets.token_urlsafe(32)
        cls.objects.get_or_create(
            digest=cls.digest_of(text), defaults={"web_shop": web_shop, "hint": text[:8]}
        )
        return text
